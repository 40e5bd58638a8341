'use strict';

const json = require('./json');

/** Where the pools lie; a real log would keep this in its settings. */
const PLACES = { north: [-124.07, 44.84], south: [-124.08, 44.83] };

function feature(entry) {
  const { pool, ...properties } = entry;
  const coordinates = PLACES[pool];
  return {
    type: 'Feature',
    geometry: coordinates === undefined ? null : { type: 'Point', coordinates },
    properties: { pool, ...properties },
  };
}

// Everything the JSON exporter has, with another way to render.
module.exports = {
  ...json,
  type: 'application/geo+json',
  render(observations) {
    const features = JSON.parse(json.render(observations)).map(feature);
    return `${JSON.stringify({ type: 'FeatureCollection', features }, null, 2)}\n`;
  },
};
