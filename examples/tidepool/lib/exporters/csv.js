'use strict';

const { format } = require('../csv');
const { COLUMNS } = require('../observation');

exports.type = 'text/csv';

exports.render = (observations) => format([COLUMNS, ...observations.map((one) => one.toRow())]);
