'use strict';

// npm authy, a client of callbacks: an answer that is not 200 comes as the error, parsed.

const assert = require('node:assert/strict');

const authy = require('authy');

const stage = require('./stage');
const { run, methodsOf } = require('./suite');

const client = authy(stage.server.key, stage.server.url);
const stranger = authy('not-the-key', stage.server.url);

function methods() {
  const own = methodsOf(client).filter((name) => name !== 'phones');
  return [...own, ...methodsOf(client.phones()).map((name) => `phones().${name}`)];
}

// call settles with what the method gave back.
function call(who, method, ...parameters) {
  return new Promise((resolve, reject) => {
    who[method](...parameters, (error, answer) => (error ? reject(error) : resolve(answer)));
  });
}

// refused expects an answer in the shape of the Authy API's errors.
async function refused(promise, { message, code, errors = { message } }) {
  const failure = await promise.then(
    (answer) => assert.fail(`was not refused: ${JSON.stringify(answer)}`),
    (error) => error,
  );
  assert.equal(failure.success, false, String(failure.stack ?? JSON.stringify(failure)));
  assert.equal(failure.message, message);
  assert.equal(failure.error_code, code);
  assert.deepEqual(failure.errors, errors);
}

const badKey = { message: 'Invalid API key', code: '60001' };
const noUser = { message: 'User not found.', code: '60026' };
const noUUID = '00000000-0000-4000-8000-000000000000';
const noRequest = { message: `Approval request not found: ${noUUID}`, code: '60049', errors: {} };

async function newUser() {
  const { user } = await call(client, 'register_user', 'ada@example.com', stage.phoneNumber(), '1');
  return user.id;
}

async function newUserWithDevice() {
  const id = await newUser();
  await stage.registerDevice(id);
  return id;
}

function notValid(...fields) {
  const wrong = Object.fromEntries(fields.map((field) => [field, 'is invalid']));
  const message = 'User was not valid';
  return { message, code: '60027', errors: { message, ...wrong } };
}

const register_user = {
  works: {
    'with an e-mail and a phone number': async () => {
      const answer = await call(client, 'register_user', 'ada@example.com', stage.phoneNumber());
      assert.equal(answer.message, 'User created successfully.');
      assert.equal(answer.success, true);
      assert.ok(Number.isSafeInteger(answer.user.id));
    },
    'with a country code': async () => {
      const id = (await call(client, 'register_user', 'ada@example.com', '911 234 567', '351')).user.id;
      assert.equal((await call(client, 'user_status', id)).status.country_code, 351);
    },
    'with an install link': async () => {
      const answer = await call(client, 'register_user', 'ada@example.com', stage.phoneNumber(), true);
      assert.equal(answer.success, true);
    },
    'with a country code and no install link': async () => {
      const answer = await call(client, 'register_user', 'ada@example.com', stage.phoneNumber(), '1', false);
      assert.equal(answer.success, true);
    },
    'the same phone number is the same user': async () => {
      const number = stage.phoneNumber();
      const first = await call(client, 'register_user', 'ada@example.com', number, '1');
      const again = await call(client, 'register_user', 'grace@example.com', number.replaceAll('-', ''), '1');
      assert.equal(again.user.id, first.user.id);
      const { status } = await call(client, 'user_status', first.user.id);
      assert.equal(status.email, 'ada@example.com');
    },
  },
  refused: {
    'a bad key': () => refused(call(stranger, 'register_user', 'ada@example.com', stage.phoneNumber()), badKey),
    'a blank e-mail': () => refused(call(client, 'register_user', '', stage.phoneNumber()), notValid('email')),
    'a bad e-mail': () => refused(call(client, 'register_user', 'foo', stage.phoneNumber()), notValid('email')),
    'a blank phone number': () => refused(call(client, 'register_user', 'ada@example.com', ''), notValid('cellphone')),
    'letters for a phone number': () =>
      refused(call(client, 'register_user', 'ada@example.com', 'abc-1234'), notValid('cellphone')),
    'a bad country code': () =>
      refused(call(client, 'register_user', 'ada@example.com', '', '-100'), notValid('cellphone', 'country_code')),
  },
};

const user_status = {
  works: {
    'of a user without a device': async () => {
      const id = await newUser();
      const { status, message, success } = await call(client, 'user_status', id);
      assert.equal(message, 'User status.');
      assert.equal(success, true);
      assert.equal(status.authy_id, id);
      assert.equal(status.registered, false);
      assert.equal(status.confirmed, false);
      assert.equal(status.country_code, 1);
      assert.match(status.phone_number, /^XXX-XXX-01\d\d$/);
      assert.equal(status.has_hard_token, false);
      assert.equal(status.account_disabled, false);
      assert.deepEqual(status.devices, []);
      assert.deepEqual(status.detailed_devices, []);
      assert.deepEqual(status.deleted_devices, []);
    },
    'of a user with a device': async () => {
      const id = await newUserWithDevice();
      const { status } = await call(client, 'user_status', id);
      assert.equal(status.registered, true);
      assert.equal(status.confirmed, true);
      assert.deepEqual(status.devices, ['android']);
      assert.equal(status.detailed_devices[0].os_type, 'android');
      assert.ok(Number.isSafeInteger(status.detailed_devices[0].creation_date));
    },
  },
  refused: {
    'a bad key': async () => refused(call(stranger, 'user_status', await newUser()), badKey),
    'an unknown user': () => refused(call(client, 'user_status', '99999999'), noUser),
    'an Authy ID that is no number': () => refused(call(client, 'user_status', 'tony'), noUser),
  },
};

const delete_user = {
  works: {
    'the user is gone': async () => {
      const id = await newUserWithDevice();
      const answer = await call(client, 'delete_user', id);
      assert.deepEqual(answer, { message: 'User removed from application', success: true });
      await refused(call(client, 'user_status', id), noUser);
      await refused(call(client, 'send_approval_request', id, { message: 'Log in?' }, null, null), noUser);
    },
  },
  refused: {
    'a bad key': async () => refused(call(stranger, 'delete_user', await newUser()), badKey),
    'an unknown user': () => refused(call(client, 'delete_user', '99999999'), noUser),
    'a user twice': async () => {
      const id = await newUser();
      await call(client, 'delete_user', id);
      await refused(call(client, 'delete_user', id), noUser);
    },
  },
};

const question = {
  message: 'Send 12,400 dollars to ACME?',
  details: { Account: 'Savings', 'Account Number': '981266321', City: 'Bogotá', Mood: '🙂', 'Fee & tax': '5% + 1=6' },
  seconds_to_expire: 600,
};
const hidden = { ip: '10.10.3.203', trace: 'ünï' };
const logos = [
  { res: 'default', url: 'https://example.com/default.png' },
  { res: 'low', url: 'https://example.com/low.png?a=1&b=2' },
];

async function ask(id, payload = question) {
  const answer = await call(client, 'send_approval_request', id, payload, hidden, logos);
  return answer.approval_request.uuid;
}

const send_approval_request = {
  works: {
    'with details, hidden details, logos and expiry': async () => {
      const answer = await call(client, 'send_approval_request', await newUserWithDevice(), question, hidden, logos);
      assert.equal(answer.success, true);
      assert.deepEqual(Object.keys(answer).sort(), ['approval_request', 'success']);
      assert.match(answer.approval_request.uuid, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    },
    'with a message only': async () => {
      const payload = { message: 'Log in?' };
      const answer = await call(client, 'send_approval_request', await newUserWithDevice(), payload, null, null);
      assert.equal(answer.success, true);
    },
    'for a user without a device': async () => {
      assert.ok(await ask(await newUser()));
    },
  },
  refused: {
    'a bad key': async () =>
      refused(call(stranger, 'send_approval_request', await newUser(), question, null, null), badKey),
    'an unknown user': () => refused(call(client, 'send_approval_request', '99999999', question, null, null), noUser),
    'no message': async () => {
      const message = 'Invalid parameter: message - Parameter is required';
      await refused(call(client, 'send_approval_request', await newUser(), {}, null, null), { message, code: '60004' });
    },
    'a logo of no known resolution': async () => {
      const message = 'Invalid parameter: logos[0][res] - must be default, low, med or high';
      const logo = [{ res: 'huge', url: 'https://example.com/huge.png' }];
      await refused(call(client, 'send_approval_request', await newUser(), question, null, logo), {
        message,
        code: '60004',
      });
    },
    'an expiry in the past': async () => {
      const payload = { ...question, seconds_to_expire: -1 };
      const failure = await call(client, 'send_approval_request', await newUser(), payload, null, null).then(
        () => assert.fail('was not refused'),
        (error) => error,
      );
      assert.equal(failure.error_code, '60004');
      assert.match(failure.message, /seconds_to_expire/);
    },
  },
};

async function status(uuid) {
  const answer = await call(client, 'check_approval_status', uuid);
  assert.equal(answer.success, true);
  return answer.approval_request;
}

// answered asks, has the phone answer, and returns how the request then looks to the backend.
async function answered(answer) {
  const id = await newUserWithDevice();
  const uuid = await ask(id);
  await stage.answer(id, uuid, answer);
  const request = await status(uuid);
  assert.equal(request.status, answer);
  assert.equal(request._authy_id, id);
  assert.match(request.processed_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.deepEqual(request.hidden_details, hidden);
  assert.equal(request.device.os_type, 'android');
  assert.ok(Number.isSafeInteger(request.device.id));
  assert.ok(Number.isSafeInteger(request.device.registration_date));
}

const check_approval_status = {
  works: {
    'of a pending request': async () => {
      const id = await newUserWithDevice();
      const uuid = await ask(id);
      const request = await status(uuid);
      assert.equal(request.status, 'pending');
      assert.equal(request.uuid, uuid);
      assert.equal(request._authy_id, id);
      assert.equal(request._user_email, 'ada@example.com');
      assert.equal(request.seconds_to_expire, 600);
      assert.equal(request.processed_at, null);
      assert.match(request.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      assert.match(request._id, /^[0-9a-f]{24}$/);
    },
    'of an approved request': () => answered('approved'),
    'of a denied request': () => answered('denied'),
    'of an expired request': async () => {
      const uuid = await ask(await newUserWithDevice());
      await stage.advance(601);
      const request = await status(uuid);
      assert.equal(request.status, 'expired');
      assert.notEqual(request.processed_at, null);
    },
  },
  refused: {
    'a bad key': async () => refused(call(stranger, 'check_approval_status', await ask(await newUser())), badKey),
    'an unknown UUID': () => refused(call(client, 'check_approval_status', noUUID), noRequest),
  },
};

run('authy', {
  methods: methods(),
  cases: { register_user, user_status, delete_user, send_approval_request, check_approval_status },
});
