'use strict';

// The test suite that npm authy was published with, as it is but for one test, which the Go test names.

const published = require('authy/tests/tests.js');

const without = process.env.ONETOUCH_WITHOUT;
if (typeof published[without] !== 'function') throw new Error(`the suite has no test "${without}"`);
delete published[without];

module.exports = published;
