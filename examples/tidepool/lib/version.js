'use strict';

const pkg = require('../package.json');

/** True when this version is at least the one asked for ("1.2" or "1.2.3"). */
function atLeast(wanted) {
  const have = pkg.version.split('.').map(Number);
  for (const [index, part] of wanted.split('.').map(Number).entries()) {
    if (have[index] > part) return true;
    if (have[index] < part) return false;
  }
  return true;
}

exports.version = pkg.version;
exports.atLeast = atLeast;
exports.userAgent = (suffix) => `${pkg.name}/${pkg.version}${suffix ? ` (${suffix})` : ''}`;
