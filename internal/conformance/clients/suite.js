'use strict';

// A suite drives one client. Its cases are listed by the client's method: what works, and what is refused. Whatever method
// the package has and the suite does not makes the suite fail.

const assert = require('node:assert/strict');
const { test } = require('node:test');

const timeout = 60000; // of one case; the server answers at once, so only a lost answer takes that long

// run declares the tests of a suite. methods are read from the package itself.
function run(client, { methods, cases }) {
  const { version } = require(`${client}/package.json`);

  test(`${client} ${version}: every method has cases`, () => {
    assert.ok(methods.length > 5, `only found the methods ${methods}`);
    assert.deepEqual(Object.keys(cases).sort(), [...methods].sort(), 'methods with cases, methods of the package');
  });

  for (const [method, { works, refused }] of Object.entries(cases)) {
    test(`${client} ${version}: ${method} has a case that works and one that is refused`, () => {
      assert.ok(Object.keys(works ?? {}).length > 0 && Object.keys(refused ?? {}).length > 0);
    });
    for (const [name, play] of Object.entries({ ...works, ...refused })) {
      test(`${client} ${version}: ${method}: ${name}`, { timeout }, play);
    }
  }
}

const built = [Object.prototype, Function.prototype];

// methodsOf lists what can be called on an object. Names that begin with an underscore are the package's own business.
function methodsOf(object) {
  const names = new Set();
  for (let o = object; o && !built.includes(o); o = Object.getPrototypeOf(o)) {
    Object.getOwnPropertyNames(o).forEach((name) => names.add(name));
  }
  return [...names].filter(
    (name) => name !== 'constructor' && !name.startsWith('_') && typeof object[name] === 'function',
  );
}

module.exports = { run, methodsOf };
