'use strict';

// npm authy-client, a client of promises that checks every answer: its shape, the type of each member and the exact
// messages.

const assert = require('node:assert/strict');
const { createHmac } = require('node:crypto');
const { createRequire } = require('node:module');
const { after } = require('node:test');

const { Client, enums, errors } = require('authy-client');
const qs = createRequire(require.resolve('authy-client'))('qs'); // the one that authy-client reads queries with

const payloads = require('./callbacks');
const { receiver } = require('./receiver');
const stage = require('./stage');
const { run, methodsOf } = require('./suite');

// The client gives up after five seconds otherwise, which a busy machine can take.
const options = { host: stage.server.url, timeout: 30000 };
const client = new Client({ key: stage.server.key }, options);
const stranger = new Client({ key: 'not-the-key' }, options);

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

const noSuchUser = { status: 404, message: "User doesn't exist", code: '60016' };
const suspended = { status: 503, message: 'User has been suspended.', code: '60017' };
const floods = {
  status: 429,
  message: 'DoS protection: User has requested too many tokens in the last hour.',
  code: '60003',
};

// refusedHere expects that the client itself refuses what it is asked.
const refusedHere = (promise) => assert.rejects(promise, errors.ValidationFailedError);

async function newUser(phone = stage.phoneNumber()) {
  return (await client.registerUser({ countryCode: 'US', email: 'ada@example.com', phone })).user.id;
}

async function newSuspendedUser() {
  const authyId = await newUser();
  await client.registerActivity({ authyId, type: enums.activity.BANNED });
  return authyId;
}

async function newUserWithDevice(phone) {
  const authyId = await newUser(phone);
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
    'a number that is none, by the client itself': () =>
      refusedHere(client.registerUser({ countryCode: 'US', email: 'ada@example.com', phone: '123' })),
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
    'a suspended user': async () =>
      refused(client.createApprovalRequest({ authyId: await newSuspendedUser(), message: 'Log in?' }), suspended),
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
    'that nobody has answered in time': async () => {
      const id = await ask(await newUserWithDevice());
      await stage.advance(600);
      const request = (await client.getApprovalRequest({ id })).approval_request;
      assert.equal(request.status, 'expired');
    },
  },
  refused: {
    'a bad key': async () => refused(stranger.getApprovalRequest({ id: await ask(await newUserWithDevice()) }), badKey),
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

const getApplicationDetails = {
  works: {
    'tell what is switched on': async () => {
      const { app, message } = await client.getApplicationDetails({ ip: '127.0.0.1' });
      assert.equal(message, 'Application information.');
      const { app_id, ...rest } = app;
      assert.ok(Number.isSafeInteger(app_id));
      assert.deepEqual(rest, {
        name: 'OneTouch',
        plan: 'pay_as_you_go',
        sms_enabled: true,
        phone_calls_enabled: true,
        onetouch_enabled: true,
      });
    },
    'and what is not': () =>
      stage.withSettings({ sms_enabled: false }, async () => {
        assert.equal((await client.getApplicationDetails()).app.sms_enabled, false);
      }),
  },
  refused: {
    'a bad key': () => refused(stranger.getApplicationDetails(), badKey),
    'a suspended application': () =>
      stage.withSettings({ suspended: true }, () =>
        refused(client.getApplicationDetails(), {
          status: 503,
          message: 'Application has been suspended.',
          code: '60061',
        }),
      ),
    'an address that is none, by the client itself': () => refusedHere(client.getApplicationDetails({ ip: 'here' })),
  },
};

// thisMonth is the part of the statistics that changes.
async function thisMonth() {
  const { stats, count, total_users } = await client.getApplicationStatistics({ ip: '127.0.0.1' });
  assert.equal(stats.length, count);
  return { total_users, ...stats.at(-1) };
}

const getApplicationStatistics = {
  works: {
    'count users': async () => {
      const { total_users, users_count } = await thisMonth();
      const authyId = await newUser();
      const added = await thisMonth();
      assert.deepEqual([added.total_users, added.users_count], [total_users + 1, users_count + 1]);
      await client.deleteUser({ authyId });
      const removed = await thisMonth();
      assert.deepEqual([removed.total_users, removed.users_count], [total_users, users_count + 1]);
    },
    'count what is done with them': async () => {
      const phone = stage.phoneNumber();
      const authyId = await newUser(phone);
      const before = await thisMonth();
      await client.requestSms({ authyId });
      await client.requestCall({ authyId });
      await client.verifyToken({ authyId, token: (await stage.lastMessage(phone)).code }, { force: true });
      assert.deepEqual(await thisMonth(), {
        ...before,
        sms_count: before.sms_count + 1,
        calls_count: before.calls_count + 1,
        auths_count: before.auths_count + 1,
        api_calls_count: before.api_calls_count + 4,
      });
    },
  },
  refused: {
    'a bad key': () => refused(stranger.getApplicationStatistics(), badKey),
    'more calls than the application may make in a minute': () =>
      stage.withSettings({ api_calls_per_minute: 1 }, async () => {
        await stage.advance(60);
        await client.getApplicationStatistics();
        await refused(client.getApplicationStatistics(), {
          status: 429,
          message: 'DoS protection: Application has made too many API calls in the last minute.',
          code: '60003',
        });
      }),
  },
};

const getPhoneInformation = {
  works: {
    'the same each time': async () => {
      const phone = stage.phoneNumber();
      const ip = '127.0.0.1';
      const first = await client.getPhoneInformation({ countryCode: 'US', phone });
      const again = await client.getPhoneInformation({ countryCode: '1', phone }, { ip });
      assert.deepEqual({ ...again, message: '' }, { ...first, message: '' });
      assert.ok(['cellphone', 'landline', 'voip', 'unknown'].includes(first.type), first.type);
    },
    'of other countries': async () => {
      await client.getPhoneInformation({ countryCode: 'PT', phone: '911 234 567' });
      await client.getPhoneInformation({ countryCode: '49', phone: '030 901820' });
    },
  },
  refused: {
    'a bad key': () =>
      refused(stranger.getPhoneInformation({ countryCode: 'US', phone: stage.phoneNumber() }), badKey),
    'a number that is none, by the client itself': () =>
      refusedHere(client.getPhoneInformation({ countryCode: 'US', phone: '123' })),
  },
};

const registerActivity = {
  works: {
    'of every type': async () => {
      const authyId = await newUser();
      for (const type of Object.values(enums.activity)) {
        assert.equal((await client.registerActivity({ authyId, type })).success, true, type);
      }
    },
    'with data and the IP address of the user': async () => {
      const data = { reason: 'forgot it', browser: 'Fire&fox', lang: 'español' };
      await client.registerActivity({ authyId: await newUser(), data, type: 'password_reset' }, { ip: '127.0.0.1' });
    },
    'a ban holds until it is lifted': async () => {
      const authyId = await newSuspendedUser();
      await refused(client.requestSms({ authyId }), suspended);
      await client.registerActivity({ authyId, type: enums.activity.UNBANNED });
      await client.requestSms({ authyId });
    },
  },
  refused: {
    'a bad key': async () => refused(stranger.registerActivity({ authyId: await newUser(), type: 'banned' }), badKey),
    'an unknown user': () => refused(client.registerActivity({ authyId: 99999999, type: 'banned' }), noUser),
    'a type that is none, by the client itself': async () =>
      refusedHere(client.registerActivity({ authyId: await newUser(), type: 'vanished' })),
  },
};

// sending are the cases of the two calls that send a code.
function sending({ method, channel, done, ignored, off }) {
  const masked = (phone) => `+1-XXX-XXX-XX${phone.slice(-2)}`;

  return {
    works: {
      'to a user without a device': async () => {
        const phone = stage.phoneNumber();
        const answer = await client[method]({ authyId: await newUser(phone) });
        assert.deepEqual(answer, { success: true, message: done, cellphone: masked(phone) });
        assert.equal((await stage.lastMessage(phone)).channel, channel);
      },
      'with what it is for': async () => {
        const phone = stage.phoneNumber();
        const authyId = await newUser(phone);
        await client[method]({ authyId }, { action: 'pay', message: 'pay ACME & Sons 12 €', force: true });
        const { body, code } = await stage.lastMessage(phone);
        assert.ok(body.includes('pay ACME & Sons 12 €'), body);
        await client.verifyToken({ authyId, token: code }, { force: true });
      },
      'to a user with a device, ignored unless forced': async () => {
        const phone = stage.phoneNumber();
        const authyId = await newUserWithDevice(phone);
        assert.deepEqual(await client[method]({ authyId }), {
          success: true,
          message: ignored,
          cellphone: masked(phone),
          device: 'android',
          ignored: true,
        });
        assert.equal((await stage.lastMessage(phone))?.code ?? '', ''); // at most a link to the app was sent
        assert.equal((await client[method]({ authyId }, { force: true })).message, done);
        assert.equal((await stage.lastMessage(phone)).channel, channel);
      },
    },
    refused: {
      'a bad key': async () => refused(stranger[method]({ authyId: await newUser() }), badKey),
      'an unknown user': () => refused(client[method]({ authyId: 99999999 }), noUser),
      'a suspended user': async () => refused(client[method]({ authyId: await newSuspendedUser() }), suspended),
      'when it is switched off': () =>
        stage.withSettings(off.settings, async () =>
          refused(client[method]({ authyId: await newUser() }), off.refusal),
        ),
      'more than the user may have in an hour': () =>
        stage.withSettings({ tokens_per_hour: 1 }, async () => {
          const authyId = await newUser();
          await stage.advance(3601); // since the link to the app
          await client[method]({ authyId });
          await refused(client[method]({ authyId }), floods);
        }),
      'words that are too long, by the client itself': async () =>
        refusedHere(client[method]({ authyId: await newUser() }, { message: 'x'.repeat(256) })),
    },
  };
}

const requestSms = sending({
  method: 'requestSms',
  channel: 'sms',
  done: 'SMS token was sent',
  ignored:
    'Ignored: SMS is not needed for smartphones. Pass force=true if you want to actually send it anyway.',
  off: { settings: { sms_enabled: false }, refusal: { status: 403, message: 'SMS is not enabled', code: '60007' } },
});

const requestCall = sending({
  method: 'requestCall',
  channel: 'call',
  done: 'Call started...',
  ignored:
    'Call ignored. User is using  App Tokens and this call is not necessary. ' +
    'Pass force=true if you still want to call users that are using the App.',
  off: {
    settings: { calls_enabled: false },
    refusal: { status: 403, message: 'Phone calls are not enabled on this account', code: '60006' },
  },
});

const wrongToken = { status: 401, message: 'Token is invalid', code: '60020' };
const usedToken = { status: 401, message: 'Token is invalid. Token was used recently.', code: '60019' };

async function newUserWithCode() {
  const phone = stage.phoneNumber();
  const authyId = await newUser(phone);
  await client.requestSms({ authyId });
  return { authyId, token: (await stage.lastMessage(phone)).code };
}

// other is a code that is not that one.
const other = (code) => code.replace(/.$/, (digit) => (digit === '1' ? '2' : '1'));

const verifyToken = {
  works: {
    'a code that was sent': async () => {
      const { authyId, token } = await newUserWithCode();
      const answer = await client.verifyToken({ authyId, token }, { force: true });
      assert.equal(answer.success, 'true');
      assert.equal(answer.device.os_type, 'sms');
      assert.equal((await client.getUserStatus({ authyId })).status.confirmed, true);
    },
    'the soft token of a device': async () => {
      const authyId = await newUser();
      const deviceId = await stage.registerDevice(authyId);
      const answer = await client.verifyToken({ authyId, token: await stage.softToken(authyId) });
      assert.equal(answer.device.id, deviceId);
      assert.equal(answer.device.os_type, 'android');
    },
    'anything of a user who never confirmed, unless forced': async () => {
      const authyId = await newUser();
      await client.verifyToken({ authyId, token: '1234567' });
      await refused(client.verifyToken({ authyId, token: '1234567' }, { force: true }), wrongToken);
    },
  },
  refused: {
    'a bad key': async () => refused(stranger.verifyToken({ authyId: await newUser(), token: '1234567' }), badKey),
    'an unknown user': () => refused(client.verifyToken({ authyId: 99999999, token: '1234567' }), noSuchUser),
    'another code than the one that was sent': async () => {
      const { authyId, token } = await newUserWithCode();
      await refused(client.verifyToken({ authyId, token: other(token) }, { force: true }), wrongToken);
    },
    'a code a second time': async () => {
      const { authyId, token } = await newUserWithCode();
      await client.verifyToken({ authyId, token }, { force: true });
      await refused(client.verifyToken({ authyId, token }, { force: true }), usedToken);
      await refused(client.verifyToken({ authyId, token }), usedToken); // the first use has confirmed the user
    },
    'a code after ten minutes': async () => {
      const { authyId, token } = await newUserWithCode();
      await stage.advance(601);
      await refused(client.verifyToken({ authyId, token }, { force: true }), wrongToken);
    },
    'a suspended user': async () =>
      refused(client.verifyToken({ authyId: await newSuspendedUser(), token: '1234567' }), suspended),
    'letters, by the client itself': async () =>
      refusedHere(client.verifyToken({ authyId: await newUser(), token: 'abcdefg' })),
  },
};

const startPhoneVerification = {
  works: {
    ...Object.fromEntries(
      Object.values(enums.verificationVia).map((via) => [
        `by ${via}`,
        async () => {
          const phone = stage.phoneNumber();
          const answer = await client.startPhoneVerification({ countryCode: 'US', phone, via });
          assert.ok(answer.message.includes(phone.replaceAll('-', '')), answer.message);
          assert.equal(answer.seconds_to_expire, 599);
          assert.equal((await stage.lastMessage(phone)).channel, via);
        },
      ]),
    ),
    'in every language of the client': async () => {
      for (const locale of Object.values(enums.locale)) {
        const phone = stage.phoneNumber();
        await client.startPhoneVerification({ countryCode: 'US', phone, via: 'sms' }, { locale, codeLength: 6 });
        assert.equal((await stage.lastMessage(phone)).locale, locale);
      }
    },
    'in another country': async () => {
      await client.startPhoneVerification({ countryCode: 'PT', phone: '912 345 678', via: 'sms' });
      assert.match((await stage.lastMessage('+351912345678')).code, /^\d{4}$/);
    },
  },
  refused: {
    'a bad key': () =>
      refused(stranger.startPhoneVerification({ countryCode: 'US', phone: stage.phoneNumber(), via: 'sms' }), badKey),
    'more than a phone may have in an hour': () =>
      stage.withSettings({ tokens_per_hour: 1 }, async () => {
        const verification = { countryCode: 'US', phone: stage.phoneNumber(), via: 'sms' };
        await client.startPhoneVerification(verification);
        await refused(client.startPhoneVerification(verification), floods);
      }),
    'a number that is none, by the client itself': () =>
      refusedHere(client.startPhoneVerification({ countryCode: 'US', phone: '123', via: 'sms' })),
  },
};

async function startedVerification() {
  const verification = { countryCode: 'US', phone: stage.phoneNumber() };
  await client.startPhoneVerification({ ...verification, via: 'sms' });
  return { ...verification, token: (await stage.lastMessage(verification.phone)).code };
}

function nonePending(phone) {
  const number = phone.replaceAll('-', '');
  return { status: 404, message: `No pending verifications for +1 ${number} found.`, code: '60023' };
}

const verifyPhone = {
  works: {
    'the code that was sent': async () => {
      const answer = await client.verifyPhone(await startedVerification());
      assert.deepEqual(answer, { message: 'Verification code is correct.', success: true });
    },
  },
  refused: {
    'a bad key': async () => refused(stranger.verifyPhone(await startedVerification()), badKey),
    'another code': async () => {
      const { token, ...verification } = await startedVerification();
      const wrong = { status: 401, message: 'Verification code is incorrect', code: '60022' };
      await refused(client.verifyPhone({ ...verification, token: other(token) }), wrong);
    },
    'a number that nothing was sent to': async () => {
      const phone = stage.phoneNumber();
      await refused(client.verifyPhone({ countryCode: 'US', phone, token: '0000' }), nonePending(phone));
    },
    'a code a second time': async () => {
      const verification = await startedVerification();
      await client.verifyPhone(verification);
      await refused(client.verifyPhone(verification), nonePending(verification.phone));
    },
    'a code after ten minutes': async () => {
      const verification = await startedVerification();
      await stage.advance(601);
      await refused(client.verifyPhone(verification), nonePending(verification.phone));
    },
  },
};

run('authy-client', {
  methods: methodsOf(Client.prototype),
  cases: {
    registerUser,
    getUserStatus,
    deleteUser,
    registerActivity,
    requestSms,
    requestCall,
    verifyToken,
    startPhoneVerification,
    verifyPhone,
    getPhoneInformation,
    createApprovalRequest,
    getApprovalRequest,
    verifyCallback,
    getApplicationDetails,
    getApplicationStatistics,
  },
});
