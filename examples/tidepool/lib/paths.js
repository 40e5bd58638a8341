'use strict';

const path = require('node:path');

/** Where the parts of this package lie on the disk. */
const ROOT = path.dirname(__dirname);

/** Path of a file of the package, relative to its root, with forward slashes. */
function relative(file) {
  return path.relative(ROOT, file).split(path.sep).join('/');
}

module.exports = {
  ROOT,
  DATA: path.join(ROOT, 'data'),
  EXPORTERS: path.join(__dirname, 'exporters'),
  relative,
  self: () => relative(__filename),
  /** Path of a module of the package, as Node finds it. */
  locate(name) {
    return relative(require.resolve(`./${name}`));
  },
};
