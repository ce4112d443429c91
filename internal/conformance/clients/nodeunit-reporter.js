'use strict';

// A reporter for nodeunit: each test that ended is one line of JSON for the Go test that started the suite, and so is the
// test at which the suite stopped, if it did.

const { appendFileSync } = require('node:fs');
const path = require('node:path');

const nodeunit = require('nodeunit');

function report(name, failures) {
  const line = { name: String(name), passed: failures.length === 0, error: failures.join('\n') };
  appendFileSync(process.env.ONETOUCH_REPORT, `${JSON.stringify(line)}\n`);
}

function failuresOf(assertions) {
  if (assertions.length === 0) return ['asserted nothing'];
  return assertions.filter((assertion) => assertion.failed()).map(({ error }) => error.stack);
}

exports.run = (files, options, callback) => {
  let running = 'the suite';
  let ended = false;
  process.on('exit', () => {
    if (ended) return;
    report(running, ['did not end']);
    process.exitCode = 1;
  });
  nodeunit.runFiles(files.map((file) => path.resolve(file)), {
    testStart: (name) => {
      running = name;
    },
    testDone: (name, assertions) => report(name, failuresOf(assertions)),
    done: (assertions) => {
      ended = true;
      callback(assertions.failures() > 0);
    },
  });
};
