'use strict';

// npm authy, a client of callbacks: an answer that is not 200 comes as the error, parsed.

const assert = require('node:assert/strict');

const authy = require('authy');

const stage = require('./stage');
const { run, methodsOf } = require('./suite');

const client = authy(stage.server.key, stage.server.url);
const stranger = authy('not-the-key', stage.server.url);

const phones = 'phones().';

function methods() {
  const own = methodsOf(client).filter((name) => name !== 'phones');
  return [...own, ...methodsOf(client.phones()).map((name) => phones + name)];
}

// call settles with what the method gave back. The methods of phones() act for the client whose phones() was called last.
function call(who, method, ...parameters) {
  const [owner, name] = method.startsWith(phones) ? [who.phones(), method.slice(phones.length)] : [who, method];
  return new Promise((resolve, reject) => {
    owner[name](...parameters, (error, answer) => (error ? reject(error) : resolve(answer)));
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

const floods = { message: 'DoS protection: User has requested too many tokens in the last hour.', code: '60003' };
const suspended = { message: 'User has been suspended.', code: '60017' };

async function newUser(number = stage.phoneNumber()) {
  const { user } = await call(client, 'register_user', 'ada@example.com', number, '1', false);
  return user.id;
}

async function newUserWithDevice(number) {
  const id = await newUser(number);
  await stage.registerDevice(id);
  return id;
}

async function newSuspendedUser() {
  const id = await newUser();
  await stage.registerActivity(id, 'banned');
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
      const number = stage.phoneNumber();
      assert.equal((await call(client, 'register_user', 'ada@example.com', number, true)).success, true);
      assert.match((await stage.lastMessage(number)).body, /install/);
    },
    'with a country code and no install link': async () => {
      const number = stage.phoneNumber();
      assert.equal((await call(client, 'register_user', 'ada@example.com', number, '1', false)).success, true);
      assert.equal(await stage.lastMessage(number), undefined);
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
    'a suspended user': async () =>
      refused(call(client, 'send_approval_request', await newSuspendedUser(), question, null, null), suspended),
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

// sentCode has a code sent to the user, and reads it in the inbox.
async function sentCode(id, number) {
  await call(client, 'request_sms', id, true);
  return (await stage.lastMessage(number)).code;
}

async function newUserWithCode() {
  const number = stage.phoneNumber();
  const id = await newUser(number);
  return { id, number, code: await sentCode(id, number) };
}

// other is a code that is not that one.
const other = (code) => code.replace(/.$/, (digit) => (digit === '1' ? '2' : '1'));

function isValid(answer) {
  assert.equal(answer.message, 'Token is valid.');
  assert.equal(answer.token, 'is valid');
  assert.equal(answer.success, 'true');
  return answer.device;
}

const wrongToken = { message: 'Token is invalid', code: '60020' };
const usedToken = { message: 'Token is invalid. Token was used recently.', code: '60019' };
const noSuchUser = { message: "User doesn't exist", code: '60016' };

const verify = {
  works: {
    'a code that was sent': async () => {
      const { id, code } = await newUserWithCode();
      const device = isValid(await call(client, 'verify', id, code, true));
      assert.equal(device.os_type, 'sms');
      assert.equal(device.id, null);
      assert.ok(Number.isSafeInteger(device.registration_date));
      assert.equal((await call(client, 'user_status', id)).status.confirmed, true);
    },
    'a code that was told by a call': async () => {
      const number = stage.phoneNumber();
      const id = await newUser(number);
      await call(client, 'request_call', id);
      const { code, body } = await stage.lastMessage(number);
      assert.ok(body.includes(code.split('').join(' ')), body);
      isValid(await call(client, 'verify', id, code, true));
    },
    'the soft token of a device': async () => {
      const id = await newUser();
      const deviceId = await stage.registerDevice(id);
      const device = isValid(await call(client, 'verify', id, await stage.softToken(id)));
      assert.equal(device.id, deviceId);
      assert.equal(device.os_type, 'android');
      isValid(await call(client, 'verify', id, await stage.softToken(id), true)); // the next one is good as well
    },
    'a code with something between its digits': async () => {
      const { id, code } = await newUserWithCode();
      isValid(await call(client, 'verify', id, ` ${code.slice(0, 3)}-${code.slice(3)} `, true));
    },
    'a code as a number': async () => {
      const { id, number, code } = await newUserWithCode();
      let digits = code;
      while (digits.startsWith('0')) digits = await sentCode(id, number);
      isValid(await call(client, 'verify', id, Number(digits), true));
    },
    'a code of as many digits as the application chose': () =>
      stage.withSettings({ token_digits: 8 }, async () => {
        const { id, code } = await newUserWithCode();
        assert.match(code, /^\d{8}$/);
        isValid(await call(client, 'verify', id, code, true));
      }),
    'anything of a user who never confirmed, unless forced': async () => {
      const id = await newUser();
      isValid(await call(client, 'verify', id, '1234567'));
      await refused(call(client, 'verify', id, '1234567', true), wrongToken);
      await stage.withSettings({ verify_unconfirmed: false }, () =>
        refused(call(client, 'verify', id, '1234567'), wrongToken),
      );
    },
  },
  refused: {
    'a bad key': async () => refused(call(stranger, 'verify', await newUser(), '1234567'), badKey),
    'an unknown user': () => refused(call(client, 'verify', '99999999', '1234567', true), noSuchUser),
    'an Authy ID that is no number': () => refused(call(client, 'verify', 'tony', '1234567', true), noSuchUser),
    'another code than the one that was sent': async () => {
      const { id, code } = await newUserWithCode();
      await refused(call(client, 'verify', id, other(code), true), wrongToken);
      isValid(await call(client, 'verify', id, code, true));
    },
    'a code that is too short': async () => refused(call(client, 'verify', await newUser(), '12', true), wrongToken),
    'a code a second time': async () => {
      const { id, code } = await newUserWithCode();
      isValid(await call(client, 'verify', id, code, true));
      await refused(call(client, 'verify', id, code, true), usedToken);
    },
    'a soft token a second time': async () => {
      const id = await newUserWithDevice();
      const token = await stage.softToken(id);
      isValid(await call(client, 'verify', id, token));
      await refused(call(client, 'verify', id, token), usedToken);
    },
    'a soft token after its time': async () => {
      const id = await newUserWithDevice();
      const token = await stage.softToken(id);
      await stage.advance(60);
      await refused(call(client, 'verify', id, token), wrongToken);
    },
    "another user's code": async () => {
      const { code } = await newUserWithCode();
      await refused(call(client, 'verify', await newUser(), code, true), wrongToken);
    },
    'a code after ten minutes': async () => {
      const { id, code } = await newUserWithCode();
      await stage.advance(601);
      await refused(call(client, 'verify', id, code, true), wrongToken);
    },
    'a user who was removed': async () => {
      const { id, code } = await newUserWithCode();
      await call(client, 'delete_user', id);
      await refused(call(client, 'verify', id, code, true), noSuchUser);
    },
    'a suspended user': async () =>
      refused(call(client, 'verify', await newSuspendedUser(), '1234567', true), suspended),
    'after too many wrong codes, also the right one': () =>
      stage.withSettings({ failures_per_hour: 2 }, async () => {
        const { id, code } = await newUserWithCode();
        await refused(call(client, 'verify', id, other(code), true), wrongToken);
        await refused(call(client, 'verify', id, other(code), true), wrongToken);
        const message = 'DoS protection: User has tried too many tokens in the last hour.';
        await refused(call(client, 'verify', id, code, true), { message, code: '60003' });
      }),
    'no digits, by the client itself': async () =>
      assert.rejects(call(client, 'verify', await newUser(), 'token', true), /cannot be empty/),
  },
};

// sending are the cases of the two calls that send a code.
function sending({ method, channel, done, ignored, off }) {
  const masked = (number) => `+1-XXX-XXX-XX${number.slice(-2)}`;

  async function sends(id, number, ...force) {
    const answer = await call(client, method, id, ...force);
    assert.deepEqual(answer, { success: true, message: done, cellphone: masked(number) });
    const message = await stage.lastMessage(number);
    assert.equal(message.channel, channel);
    assert.equal(message.authy_id, id);
    assert.match(message.code, /^\d{7}$/);
  }

  return {
    works: {
      'to a user without a device': async () => {
        const number = stage.phoneNumber();
        await sends(await newUser(number), number);
      },
      'to a user with a device, forced': async () => {
        const number = stage.phoneNumber();
        await sends(await newUserWithDevice(number), number, true);
      },
      'to a user with a device, ignored': async () => {
        const number = stage.phoneNumber();
        const id = await newUserWithDevice(number);
        const wanted = { success: true, message: ignored, cellphone: masked(number), device: 'android', ignored: true };
        assert.deepEqual(await call(client, method, id), wanted);
        assert.deepEqual(await call(client, method, id, false), wanted);
        assert.equal(await stage.lastMessage(number), undefined);
      },
    },
    refused: {
      'a bad key': async () => refused(call(stranger, method, await newUser()), badKey),
      'an unknown user': () => refused(call(client, method, '99999999'), noUser),
      'an Authy ID that is no number': () => refused(call(client, method, 'tony'), noUser),
      'a suspended user': async () => refused(call(client, method, await newSuspendedUser()), suspended),
      'when it is switched off': () =>
        stage.withSettings(off.settings, async () => refused(call(client, method, await newUser()), off.refusal)),
      'more than the user may have in an hour': () =>
        stage.withSettings({ tokens_per_hour: 2 }, async () => {
          const id = await newUser();
          await call(client, method, id);
          await call(client, method, id);
          await refused(call(client, method, id), floods);
          await stage.advance(3601);
          await call(client, method, id);
        }),
    },
  };
}

const request_sms = sending({
  method: 'request_sms',
  channel: 'sms',
  done: 'SMS token was sent',
  ignored:
    'Ignored: SMS is not needed for smartphones. Pass force=true if you want to actually send it anyway.',
  off: { settings: { sms_enabled: false }, refusal: { message: 'SMS is not enabled', code: '60007' } },
});

const request_call = sending({
  method: 'request_call',
  channel: 'call',
  done: 'Call started...',
  ignored:
    'Call ignored. User is using  App Tokens and this call is not necessary. ' +
    'Pass force=true if you still want to call users that are using the App.',
  off: {
    settings: { calls_enabled: false },
    refusal: { message: 'Phone calls are not enabled on this account', code: '60006' },
  },
});

const required = (name) => ({ message: `Invalid parameter: ${name} - Parameter is required`, code: '60004' });
const badPhone = { message: 'Phone number is invalid', code: '60033' };
const wrongCode = { message: 'Verification code is incorrect', code: '60022' };
const nonePending = (number) => ({ message: `No pending verifications for +1 ${number} found.`, code: '60023' });

// start starts a verification and returns the code that was sent.
async function start(number, ...parameters) {
  await call(client, 'phones().verification_start', number, '1', ...parameters);
  return (await stage.lastMessage(number)).code;
}

// phoneRefusals are what every call about a phone refuses.
function phoneRefusals(method, ...parameters) {
  return {
    'a bad key': () => refused(call(stranger, method, stage.phoneNumber(), '1', ...parameters), badKey),
    'no phone number': () => refused(call(client, method, '', '1', ...parameters), required('phone_number')),
    'no country code': () =>
      refused(call(client, method, stage.phoneNumber(), undefined, ...parameters), required('country_code')),
    'a number that is too short': () => refused(call(client, method, '123', '1', ...parameters), badPhone),
    'letters for a number': () => refused(call(client, method, 'abc-1234', '1', ...parameters), badPhone),
    'a country code that is none': () =>
      refused(call(client, method, stage.phoneNumber(), 'PT', ...parameters), badPhone),
  };
}

function invalidVerification(name, reason) {
  return { message: `Invalid parameter: ${name} - ${reason}`, code: '60042' };
}

const verification_start = {
  works: {
    'with nothing but a number': async () => {
      const number = stage.phoneNumber();
      const answer = await call(client, 'phones().verification_start', number, '1');
      const { carrier, is_cellphone, is_ported, uuid, ...rest } = answer;
      assert.deepEqual(rest, { message: `Text message sent to +1 ${number}.`, seconds_to_expire: 599, success: true });
      assert.equal(typeof carrier, 'string');
      assert.equal(typeof is_cellphone, 'boolean');
      assert.equal(typeof is_ported, 'boolean');
      assert.match(uuid, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      const message = await stage.lastMessage(number);
      assert.equal(message.channel, 'sms');
      assert.match(message.code, /^\d{4}$/);
      assert.ok(message.body.includes(message.code), message.body);
    },
    'by a call': async () => {
      const number = stage.phoneNumber();
      const answer = await call(client, 'phones().verification_start', number, '1', 'call');
      assert.equal(answer.message, `Call to +1 ${number} initiated.`);
      assert.equal((await stage.lastMessage(number)).channel, 'call');
    },
    'in another language': async () => {
      const number = stage.phoneNumber();
      const answer = await call(client, 'phones().verification_start', number, '1', { via: 'call', locale: 'es' });
      assert.equal(answer.message, `Llamada a +1 ${number} fue iniciada.`);
      assert.equal((await stage.lastMessage(number)).locale, 'es');
    },
    'with a code of another length': async () => {
      assert.match(await start(stage.phoneNumber(), { code_length: '10' }), /^\d{10}$/);
    },
    'again, with the same code': async () => {
      const number = stage.phoneNumber();
      assert.equal(await start(number), await start(number, 'call'));
    },
    "with the backend's own code and words": () =>
      stage.withSettings({ custom_codes_enabled: true }, async () => {
        const number = stage.phoneNumber();
        const own = { custom_code: '987654', custom_message: 'Tell us {{code}}!' };
        const answer = await call(client, 'phones().verification_start', number, '1', own);
        assert.match(answer.sms_id, /^SM/);
        assert.equal((await stage.lastMessage(number)).body, 'Tell us 987654!');
      }),
  },
  refused: {
    ...phoneRefusals('phones().verification_start'),
    "the backend's own code, unless it may": () =>
      refused(
        call(client, 'phones().verification_start', stage.phoneNumber(), '1', { custom_code: '987654' }),
        { message: "Phone verification couldn't be created: custom codes are not allowed.", code: '60021' },
      ),
    'a code that is too short': () =>
      refused(
        call(client, 'phones().verification_start', stage.phoneNumber(), '1', { code_length: 3 }),
        invalidVerification('code_length', 'must be from 4 to 10'),
      ),
    'a way that is none': () =>
      refused(
        call(client, 'phones().verification_start', stage.phoneNumber(), '1', 'pigeon'),
        invalidVerification('via', 'must be sms or call'),
      ),
    'a language that is none': async () => {
      const klingon = { locale: 'tlh' };
      const start = call(client, 'phones().verification_start', stage.phoneNumber(), '1', klingon);
      const failure = await start.then(() => assert.fail('was not refused'), (error) => error);
      assert.equal(failure.error_code, '60042');
      assert.match(failure.message, /^Invalid parameter: locale - /);
    },
    'more than a phone may have in an hour': () =>
      stage.withSettings({ tokens_per_hour: 1 }, async () => {
        const number = stage.phoneNumber();
        await start(number);
        await refused(call(client, 'phones().verification_start', number, '1'), floods);
      }),
  },
};

const verification_check = {
  works: {
    'the code that was sent': async () => {
      const number = stage.phoneNumber();
      const code = await start(number);
      const answer = await call(client, 'phones().verification_check', number, '1', code);
      assert.deepEqual(answer, { message: 'Verification code is correct.', success: true });
    },
    'for the same number in another spelling': async () => {
      const number = stage.phoneNumber();
      const code = await start(number);
      await call(client, 'phones().verification_check', number.replaceAll('-', ' '), '+1', code);
    },
  },
  refused: {
    ...phoneRefusals('phones().verification_check', '0000'),
    'another code': async () => {
      const number = stage.phoneNumber();
      const code = await start(number);
      await refused(call(client, 'phones().verification_check', number, '1', other(code)), wrongCode);
      await call(client, 'phones().verification_check', number, '1', code);
    },
    'no code': async () => {
      const number = stage.phoneNumber();
      await start(number);
      await refused(call(client, 'phones().verification_check', number, '1', ''), required('verification_code'));
    },
    'a number that nothing was sent to': async () => {
      const number = stage.phoneNumber();
      await refused(call(client, 'phones().verification_check', number, '1', '0000'), nonePending(number));
    },
    'a code a second time': async () => {
      const number = stage.phoneNumber();
      const code = await start(number);
      await call(client, 'phones().verification_check', number, '1', code);
      await refused(call(client, 'phones().verification_check', number, '1', code), nonePending(number));
    },
    'a code after ten minutes': async () => {
      const number = stage.phoneNumber();
      const code = await start(number);
      await stage.advance(601);
      await refused(call(client, 'phones().verification_check', number, '1', code), nonePending(number));
    },
    'after too many wrong codes, also the right one': async () => {
      const number = stage.phoneNumber();
      const code = await start(number);
      for (let wrong = 0; wrong < 5; wrong += 1) {
        await refused(call(client, 'phones().verification_check', number, '1', other(code)), wrongCode);
      }
      const message = 'DoS protection: User has tried too many codes for this verification.';
      await refused(call(client, 'phones().verification_check', number, '1', code), { message, code: '60003' });
    },
  },
};

async function verificationStatus(number) {
  const answer = await call(client, 'phones().verification_status', number, '1');
  assert.equal(answer.message, 'Phone Verification status.');
  assert.equal(answer.success, true);
  return [answer.status, answer.seconds_to_expire];
}

const verification_status = {
  works: {
    'of a code that waits': async () => {
      const number = stage.phoneNumber();
      await start(number);
      await stage.advance(100);
      assert.deepEqual(await verificationStatus(number), ['pending', 499]);
    },
    'of a code that was told': async () => {
      const number = stage.phoneNumber();
      await call(client, 'phones().verification_check', number, '1', await start(number));
      assert.deepEqual(await verificationStatus(number), ['verified', 0]);
    },
    'of a code that is too old': async () => {
      const number = stage.phoneNumber();
      await start(number);
      await stage.advance(601);
      assert.deepEqual(await verificationStatus(number), ['expired', 0]);
    },
  },
  refused: {
    ...phoneRefusals('phones().verification_status'),
    'a number that nothing was sent to': async () => {
      const number = stage.phoneNumber();
      await refused(call(client, 'phones().verification_status', number, '1'), nonePending(number));
    },
  },
};

const info = {
  works: {
    'the same each time': async () => {
      const { message, ...first } = await call(client, 'phones().info', '7754615609', '1');
      assert.match(message, /^Phone number information as of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/);
      assert.ok(['cellphone', 'landline', 'voip', 'unknown'].includes(first.type), first.type);
      assert.equal(typeof first.provider, 'string');
      assert.equal(typeof first.ported, 'boolean');
      assert.equal(first.success, true);
      await stage.advance(1);
      const { message: later, ...second } = await call(client, 'phones().info', '775-461-5609', '1');
      assert.notEqual(later, message);
      assert.deepEqual(second, first);
    },
  },
  refused: phoneRefusals('phones().info'),
};

run('authy', {
  methods: methods(),
  cases: {
    register_user,
    user_status,
    delete_user,
    verify,
    request_sms,
    request_call,
    send_approval_request,
    check_approval_status,
    'phones().verification_start': verification_start,
    'phones().verification_check': verification_check,
    'phones().verification_status': verification_status,
    'phones().info': info,
  },
});
