'use strict';

// npm authy-client, a client of promises that checks every answer: its shape, the type of each member and the exact
// messages.

const assert = require('node:assert/strict');
const { createHmac } = require('node:crypto');
const { createRequire } = require('node:module');
const { after } = require('node:test');

const { Client, errors } = require('authy-client');
const qs = createRequire(require.resolve('authy-client'))('qs'); // the one that authy-client reads queries with

const payloads = require('./callbacks');
const { receiver } = require('./receiver');
const stage = require('./stage');
const { run, methodsOf } = require('./suite');

const client = new Client({ key: stage.server.key }, { host: stage.server.url });
const stranger = new Client({ key: 'not-the-key' }, { host: stage.server.url });

// refused expects an answer with that status, and a body in the shape of the Authy API's errors.
async function refused(promise, { status, message, code }) {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof errors.HttpError, error.stack);
    assert.equal(error.code, status);
    assert.equal(error.message, message);
    assert.equal(error.body.error_code, code);
    assert.equal(error.body.success, false);
    return true;
  });
}

const badKey = { status: 401, message: 'Invalid API key', code: '60001' };
const noUser = { status: 404, message: 'User not found.', code: '60026' };
const noUUID = '00000000-0000-4000-8000-000000000000';
const noRequest = { status: 404, message: `Approval request not found: ${noUUID}`, code: '60049' };

async function newUser() {
  const person = { countryCode: 'US', email: 'ada@example.com', phone: stage.phoneNumber() };
  return (await client.registerUser(person)).user.id;
}

async function newUserWithDevice() {
  const authyId = await newUser();
  await stage.registerDevice(authyId);
  return authyId;
}

const registerUser = {
  works: {
    'with a country': async () => {
      const { user } = await client.registerUser({ countryCode: 'PT', email: 'ada@example.com', phone: '911 234 567' });
      const { status } = await client.getUserStatus({ authyId: user.id });
      assert.equal(status.country_code, 351);
      assert.equal(status.phone_number, 'XXX-XXX-4567');
    },
    'with a calling code': async () => {
      const person = { countryCode: '1', email: 'ada@example.com', phone: stage.phoneNumber() };
      assert.equal((await client.registerUser(person)).success, true);
    },
    'with a callback function': async () => {
      const person = { countryCode: '1', email: 'ada@example.com', phone: stage.phoneNumber() };
      const answer = await new Promise((resolve, reject) => {
        client.registerUser(person, (error, result) => (error ? reject(error) : resolve(result)));
      });
      assert.equal(answer.message, 'User created successfully.');
    },
    'the same phone number is the same user': async () => {
      const phone = stage.phoneNumber();
      const first = await client.registerUser({ countryCode: 'US', email: 'ada@example.com', phone });
      const again = await client.registerUser({ countryCode: '1', email: 'grace@example.com', phone });
      assert.equal(again.user.id, first.user.id);
    },
  },
  refused: {
    'a bad key': () =>
      refused(
        stranger.registerUser({ countryCode: 'US', email: 'ada@example.com', phone: stage.phoneNumber() }),
        badKey,
      ),
  },
};

const getUserStatus = {
  works: {
    'of a user without a device': async () => {
      const authyId = await newUser();
      const { status } = await client.getUserStatus({ authyId });
      assert.equal(status.authy_id, authyId);
      assert.equal(status.registered, false);
      assert.deepEqual(status.devices, []);
    },
    'of a user with a device, with the IP address of the user': async () => {
      const authyId = await newUserWithDevice();
      const { status } = await client.getUserStatus({ authyId }, { ip: '127.0.0.1' });
      assert.equal(status.registered, true);
      assert.deepEqual(status.devices, ['android']);
    },
  },
  refused: {
    'a bad key': async () => refused(stranger.getUserStatus({ authyId: await newUser() }), badKey),
    'an unknown user': () => refused(client.getUserStatus({ authyId: 99999999 }), noUser),
  },
};

const deleteUser = {
  works: {
    'the user is gone': async () => {
      const authyId = await newUserWithDevice();
      const answer = await client.deleteUser({ authyId }, { ip: '127.0.0.1' });
      assert.deepEqual(answer, { message: 'User removed from application', success: true });
      await refused(client.getUserStatus({ authyId }), noUser);
      await refused(client.createApprovalRequest({ authyId, message: 'Log in?' }), noUser);
    },
  },
  refused: {
    'a bad key': async () => refused(stranger.deleteUser({ authyId: await newUser() }), badKey),
    'an unknown user': () => refused(client.deleteUser({ authyId: 99999999 }), noUser),
  },
};

const question = {
  message: 'Send 12,400 dollars to ACME?',
  details: { visible: { Account: 'Savings', City: 'Bogotá', Mood: '🙂' }, hidden: { ip: '10.10.3.203' } },
  logos: [{ res: 'default', url: 'https://example.com/default.png' }],
};

async function ask(authyId) {
  const answer = await client.createApprovalRequest({ authyId, ...question }, { ttl: 600 });
  return answer.approval_request.uuid;
}

const createApprovalRequest = {
  works: {
    'with details, hidden details, logos and time to live': async () => {
      assert.ok(await ask(await newUserWithDevice()));
    },
    'with a message only': async () => {
      const answer = await client.createApprovalRequest({ authyId: await newUserWithDevice(), message: 'Log in?' });
      assert.equal(answer.success, true);
    },
    'that never expires': async () => {
      const authyId = await newUserWithDevice();
      const answer = await client.createApprovalRequest({ authyId, message: 'Log in?' }, { ttl: 0 });
      const request = (await client.getApprovalRequest({ id: answer.approval_request.uuid })).approval_request;
      assert.equal(request.seconds_to_expire, 0);
    },
  },
  refused: {
    'a bad key': async () =>
      refused(stranger.createApprovalRequest({ authyId: await newUser(), message: 'Log in?' }), badKey),
    'an unknown user': () => refused(client.createApprovalRequest({ authyId: 99999999, message: 'Log in?' }), noUser),
    'a blank message': async () => {
      const message = 'Invalid parameter: message - Parameter is required';
      await refused(client.createApprovalRequest({ authyId: await newUser(), message: ' ' }), {
        status: 400,
        message,
        code: '60004',
      });
    },
  },
};

async function answered(status) {
  const authyId = await newUserWithDevice();
  const id = await ask(authyId);
  await stage.answer(authyId, id, status);
  const request = (await client.getApprovalRequest({ id })).approval_request;
  assert.equal(request.status, status);
  assert.notEqual(request.processed_at, null);
  assert.deepEqual(request.hidden_details, question.details.hidden);
}

const getApprovalRequest = {
  works: {
    'that is pending': async () => {
      const authyId = await newUserWithDevice();
      const id = await ask(authyId);
      const request = (await client.getApprovalRequest({ id })).approval_request;
      assert.equal(request.status, 'pending');
      assert.equal(request.uuid, id);
      assert.equal(request._authy_id, authyId);
      assert.equal(request.processed_at, null);
    },
    'that was approved': () => answered('approved'),
    'that was denied': () => answered('denied'),
  },
  refused: {
    'a bad key': async () => refused(stranger.getApprovalRequest({ id: await ask(await newUser()) }), badKey),
    'an unknown UUID': () => refused(client.getApprovalRequest({ id: noUUID }), noRequest),
  },
};

// The backend's end of callbacks, opened by the first case that needs it.
let opened;
const backend = () => (opened ??= receiver());
after(async () => (await opened)?.close());

// calledBack has a user answer a request, and returns the callback as it came, its body read in the method's own way.
async function calledBack(method, payload, status) {
  const { url, next } = await backend();
  await stage.callBack(url, method);
  const authyId = await newUserWithDevice();
  const { uuid } = (await client.createApprovalRequest({ authyId, ...payload })).approval_request;
  await stage.answer(authyId, uuid, status);
  const callback = await next();
  assert.equal(callback.method, method);
  callback.body = method === 'POST' ? JSON.parse(callback.text) : qs.parse(callback.url.split('?')[1]);
  assert.equal(callback.body.uuid, uuid);
  assert.equal(callback.body.status, status);
  assert.equal(String(callback.body.authy_id), String(authyId));
  return callback;
}

// leaves lists the paths of everything in a payload that is no object or list with something in it.
function leaves(value, path = []) {
  const entries = value !== null && typeof value === 'object' ? Object.entries(value) : [];
  return entries.length === 0 ? [path] : entries.flatMap(([name, inner]) => leaves(inner, [...path, name]));
}

// changed copies the callback and changes one character of one leaf.
function changed(callback, path) {
  const copy = structuredClone(callback);
  const last = path.at(-1);
  const parent = path.slice(0, -1).reduce((value, name) => value[name], copy.body);
  const text = typeof parent[last] === 'object' ? '' : String(parent[last]);
  parent[last] = text.slice(0, -1) + (text.endsWith('1') ? '2' : '1');
  return copy;
}

// forged expects that the signature itself is found wrong.
async function forged(callback, what) {
  await assert.rejects(
    client.verifyCallback(callback),
    (error) => error instanceof errors.ValidationFailedError && 'x-authy-signature' in (error.errors.headers ?? {}),
    `accepted a callback with ${what} changed`,
  );
}

// verifyGet computes the signature of a GET callback, which authy-client leaves unchecked: over the query's sorted
// parameters, without the indices of lists.
function verifyGet({ url, headers }, key) {
  const [path, query] = url.split('?');
  const parameters = query.split('&').sort().map((p) => p.replace(/%5B\d+%5D/g, '%5B%5D')).join('&');
  const signed = `${headers['x-authy-signature-nonce']}|GET|http://${headers.host}${path}|${parameters}`;
  return createHmac('sha256', key).update(signed).digest('base64') === headers['x-authy-signature'];
}

function postCases() {
  return Object.entries(payloads).map(([name, payload]) => [
    `POST: ${name}; every change is found`,
    async () => {
      const callback = await calledBack('POST', payload, 'approved');
      await client.verifyCallback(callback);
      for (const path of leaves(callback.body)) {
        await forged(changed(callback, path), path.join('.'));
      }
    },
  ]);
}

function getCases() {
  return Object.entries(payloads).map(([name, payload]) => [
    `GET: ${name}`,
    async () => {
      const callback = await calledBack('GET', payload, 'approved');
      await client.verifyCallback(callback);
      assert.ok(verifyGet(callback, stage.server.key), callback.url);
      const other = { ...callback, url: callback.url.replace('status=approved', 'status=approvee') };
      assert.notEqual(other.url, callback.url);
      assert.ok(!verifyGet(other, stage.server.key));
    },
  ]);
}

const verifyCallback = {
  works: {
    ...Object.fromEntries([...postCases(), ...getCases()]),
    'POST: a denial': async () => client.verifyCallback(await calledBack('POST', payloads['a message only'], 'denied')),
  },
  refused: {
    'another key': async () => {
      const callback = await calledBack('POST', payloads['a message only'], 'approved');
      await assert.rejects(stranger.verifyCallback(callback), errors.ValidationFailedError);
    },
    'another nonce': async () => {
      const callback = await calledBack('POST', payloads['a message only'], 'approved');
      callback.headers['x-authy-signature-nonce'] += '1';
      await forged(callback, 'the nonce');
    },
    'another path': async () => {
      const callback = await calledBack('POST', payloads['a message only'], 'approved');
      await forged({ ...callback, url: `${callback.url}/` }, 'the path');
    },
    'an added parameter': async () => {
      const callback = await calledBack('POST', payloads['a message only'], 'approved');
      await forged({ ...callback, body: { ...callback.body, admin: 'true' } }, 'the parameters');
    },
  },
};

run('authy-client', {
  methods: methodsOf(Client.prototype),
  cases: { registerUser, getUserStatus, deleteUser, createApprovalRequest, getApprovalRequest, verifyCallback },
});
