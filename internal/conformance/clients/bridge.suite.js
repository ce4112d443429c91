'use strict';

// What a backend that was written with npm authy-client hears of the calls that have no counterpart in Verify Push, when the
// phones of its server are there.

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { Client, errors } = require('authy-client');

const stage = require('./stage');

const client = new Client({ key: stage.server.key }, { host: stage.server.url, timeout: 30000 });

const phone = () => ({ countryCode: 'US', phone: stage.phoneNumber() });

async function newUser() {
  return (await client.registerUser({ ...phone(), email: 'ada@example.com' })).user.id;
}

const calls = {
  requestSms: async () => client.requestSms({ authyId: await newUser() }),
  requestCall: async () => client.requestCall({ authyId: await newUser() }),
  verifyToken: async () => client.verifyToken({ authyId: await newUser(), token: '1234567' }),
  startPhoneVerification: () => client.startPhoneVerification({ ...phone(), via: 'sms' }),
  verifyPhone: () => client.verifyPhone({ ...phone(), token: '0000' }),
  getPhoneInformation: () => client.getPhoneInformation(phone()),
};

for (const [method, call] of Object.entries(calls)) {
  test(`${method}: has no counterpart`, async () => {
    await assert.rejects(call(), (error) => {
      assert.ok(error instanceof errors.HttpError, error.stack);
      assert.equal(error.code, 400);
      assert.match(error.message, /^Invalid request: .* has no counterpart in Verify Push/);
      assert.equal(error.body.error_code, '60002');
      assert.equal(error.body.success, false);
      return true;
    });
  });
}
