'use strict';

// npm twilio, Twilio's own client: a backend of the Verify API. All that it is told of the server is by its own option
// httpClient, which sends what is meant for Twilio elsewhere.

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const { after } = require('node:test');

const twilio = require('twilio');

const { receiver } = require('./receiver');
const stage = require('./stage');
const { run, methodsOf } = require('./suite');

const account = { sid: process.env.TWILIO_ACCOUNT_SID, token: process.env.TWILIO_AUTH_TOKEN };

class Here extends twilio.RequestClient {
  request(options) {
    const { pathname, search } = new URL(options.uri);
    return super.request({ ...options, uri: process.env.ONETOUCH_URL + pathname + search });
  }
}

const httpClient = new Here();
const open = (sid, token) => twilio(sid, token, { httpClient }).verify.v2;
const verify = open(account.sid, account.token);
const stranger = open(account.sid, 'not-the-token');

// refused expects an error in the shape of Twilio's.
async function refused(promise, { status, code, message }) {
  await assert.rejects(promise, (error) => {
    assert.equal(error.status, status, error.stack);
    assert.equal(error.code, code);
    assert.match(error.message, message);
    assert.equal(error.moreInfo, `https://www.twilio.com/docs/errors/${code}`);
    return true;
  });
}

const authenticate = { status: 401, code: 20003, message: /^Authenticate/ };
const invalid = (message) => ({ status: 400, code: 60200, message });
const unknown = (message) => ({ status: 404, code: 20404, message });

// nothing is a SID of nothing.
const nothing = (prefix) => prefix + 'f'.repeat(32);

let identities = 0;
const newIdentity = () => `user-of-acme-${(identities += 1)}`;

const newService = (friendlyName = newIdentity()) => verify.services.create({ friendlyName });

// shared is the service of the cases that want none of their own, once there is one.
let service;
const shared = async () => verify.services((await (service ??= newService('Acme Bank'))).sid);

async function newEntity() {
  const { sid, serviceSid, identity } = await (await shared()).entities.create({ identity: newIdentity() });
  assert.match(sid, /^YE[0-9a-f]{32}$/);
  return { identity, serviceSid, entity: verify.services(serviceSid).entities(identity) };
}

const pair = () => crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });

const factorOf = (publicKey) => ({
  friendlyName: "Ada's phone",
  factorType: 'push',
  'binding.alg': 'ES256',
  'binding.publicKey': publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
  'config.appId': 'com.example.bank',
  'config.notificationPlatform': 'fcm',
  'config.notificationToken': 't'.repeat(40),
  'config.sdkVersion': '1.0',
  metadata: { os: 'Android' },
});

async function newFactor(of) {
  const { entity, ...rest } = of ?? (await newEntity());
  const { publicKey, privateKey } = pair();
  const made = await entity.newFactors.create(factorOf(publicKey));
  return { ...rest, entity, made, privateKey, factor: entity.factors(made.sid) };
}

// codeOf is what an authenticator app shows at the server's time, or so many steps from then (RFC 6238, RFC 4226).
function codeOf({ secret, config, now }, steps = 0) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigInt64BE(BigInt(Math.floor(now() / 1000 / config.time_step) + steps));
  const sum = crypto.createHmac(config.alg, key).update(counter).digest();
  const number = sum.readUInt32BE(sum.at(-1) & 15) & 0x7fffffff;
  return String(number % 10 ** config.code_length).padStart(config.code_length, '0');
}

async function newApp(change) {
  const { entity, ...rest } = await newEntity();
  const made = await entity.newFactors.create({ friendlyName: "Ada's app", factorType: 'totp', ...change });
  const { secret } = made.binding;
  const at = made.dateCreated.getTime(); // the clock stands still until a test moves it
  const app = { ...rest, entity, made, secret, config: made.config, now: () => at, factor: entity.factors(made.sid) };
  return { ...app, code: (steps) => codeOf(app, steps) };
}

async function newVerifiedApp(change) {
  const app = await newApp(change);
  assert.equal((await app.factor.update({ authPayload: app.code() })).status, 'verified');
  return app;
}

const proofOf = ({ privateKey, made }) => crypto.sign('sha256', made.sid, privateKey).toString('base64');

async function newVerifiedFactor(of) {
  const phone = await newFactor(of);
  assert.equal((await phone.factor.update({ authPayload: proofOf(phone) })).status, 'verified');
  return phone;
}

const question = ({ made }, change) => ({
  factorSid: made.sid,
  'details.message': 'Log in?',
  'details.fields': [
    { label: 'City', value: 'Bogotá' },
    { label: 'Amount', value: '$10' },
  ],
  hiddenDetails: { ip: '172.168.1.234' },
  ...change,
});

async function newChallenge(of) {
  const phone = of ?? (await newVerifiedFactor());
  const asked = await phone.entity.challenges.create(question(phone));
  return { ...phone, asked, challenge: phone.entity.challenges(asked.sid) };
}

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

// answerOf is what the phone signs: the fields that the server names, as it has shown them, and the status.
async function answerOf({ challenge, made, privateKey }, status) {
  const { headers } = await challenge.fetchWithHttpInfo();
  const shown = httpClient.lastResponse.body;
  const signed = { status };
  for (const name of headers['twilio-verify-signature-fields'].split(',')) signed[name] = shown[name];
  const text = `${base64url({ typ: 'JWT', alg: 'ES256', kid: made.config.credential_sid })}.${base64url(signed)}`;
  const signature = crypto.sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}

// hook is where webhooks go.
let opened;
const backend = () => (opened ??= receiver());
after(async () => (await opened)?.close());

const hook = async (change) => ({
  friendlyName: newIdentity(),
  eventTypes: ['*'],
  webhookUrl: (await backend()).url,
  ...change,
});

async function newWebhook() {
  const own = await newService();
  const made = await verify.services(own.sid).webhooks.create(await hook());
  return { serviceSid: own.sid, made, webhook: verify.services(own.sid).webhooks(made.sid) };
}

// heard is the next event, whose signature Twilio's validators have to take, and nothing else.
async function heard(type) {
  const { url } = await backend();
  const { headers, text } = await (await backend()).next();
  const signature = headers['x-twilio-signature'];
  const body = Object.fromEntries(new URLSearchParams(text));
  assert.equal(body.type, type);
  assert.equal(twilio.validateRequest(account.token, signature, url, body), true, 'validateRequest');
  assert.equal(twilio.validateRequest(account.token, signature, url, { ...body, uid: 'another' }), false);
  assert.equal(twilio.validateRequest('another token', signature, url, body), false);
  assert.equal(twilio.validateRequest(account.token, signature, `${url}?x=1`, body), false);
  const request = {
    protocol: 'http',
    originalUrl: new URL(url).pathname,
    headers,
    header: (name) => headers[name.toLowerCase()],
    body,
  };
  assert.equal(twilio.validateExpressRequest(request, account.token), true, 'validateExpressRequest');
  return body;
}

// pages has a list of five read in all ways that the client has.
async function pages(list, expected, options = {}) {
  const sids = (found) => found.map(({ sid }) => sid);
  assert.deepEqual(sids(await list.list({ pageSize: 2, ...options })), expected, 'list');
  assert.deepEqual(sids(await list.list({ pageSize: 2, limit: 3, ...options })), expected.slice(0, 3), 'list with a limit');
  const each = [];
  await new Promise((resolve, reject) => {
    list.each({ pageSize: 2, ...options, callback: ({ sid }) => each.push(sid), done: (e) => (e ? reject(e) : resolve()) });
  });
  assert.deepEqual(each, expected, 'each');
  const first = await list.page({ pageSize: 2, ...options });
  const second = await first.nextPage();
  const last = await second.nextPage();
  assert.deepEqual([first, second, last].map((page) => page.instances.length), [2, 2, 1]);
  assert.equal(last.nextPage(), undefined);
  assert.deepEqual(sids((await second.previousPage()).instances), expected.slice(0, 2));
  assert.deepEqual(sids((await list.getPage(first.nextPageUrl)).instances), expected.slice(2, 4), 'getPage');
}

// five makes five, one after the other.
async function five(make) {
  const made = [];
  for (let i = 0; i < 5; i += 1) made.push((await make()).sid);
  return made;
}

const everyService = async () => (await verify.services.list({ pageSize: 2 })).map(({ sid }) => sid);

const badPages = (list) => ({
  'no credentials': async () => refused((await list(stranger)).list(), authenticate),
  'a token of another list': async () => {
    const page = await verify.services.page({ pageSize: 1 });
    const pageToken = new URL(page.nextPageUrl).searchParams.get('PageToken');
    const here = await list(verify);
    if (here === verify.services) await refused(here.page({ pageToken: `${pageToken}x` }), invalid(/PageToken/));
    else await refused(here.page({ pageToken }), invalid(/PageToken/));
  },
});

const cases = {
  'services.create': {
    works: {
      'with all that the client has': async () => {
        const made = await verify.services.create({
          friendlyName: 'Acme, with all', codeLength: 8, lookupEnabled: true, skipSmsToLandlines: true,
          dtmfInputRequired: true, ttsName: 'Acme', psd2Enabled: true, doNotShareWarningEnabled: true,
          customCodeEnabled: true, 'push.includeDate': false, 'push.apnCredentialSid': nothing('CR'),
          'push.fcmCredentialSid': nothing('CR'), 'totp.issuer': 'Acme', 'totp.timeStep': 60, 'totp.codeLength': 8,
          'totp.skew': 2, defaultTemplateSid: nothing('HJ'), verifyEventSubscriptionEnabled: true,
        });
        assert.match(made.sid, /^VA[0-9a-f]{32}$/);
        assert.equal(made.accountSid, account.sid);
        assert.deepEqual(made.totp, { issuer: 'Acme', time_step: 60, code_length: 8, skew: 2 });
        assert.equal(made.push.include_date, false);
        assert.ok(Math.abs(Date.now() - made.dateCreated) < 3600000, String(made.dateCreated));
      },
    },
    refused: {
      'no credentials': () => refused(stranger.services.create({ friendlyName: 'Acme' }), authenticate),
      'an API key, by name': () => {
        const options = { httpClient, accountSid: account.sid };
        const { services } = twilio(nothing('SK'), account.token, options).verify.v2;
        return refused(services.create({ friendlyName: 'Acme' }), { ...authenticate, message: /^Authenticate: API keys \(SK…\)/ });
      },
      'a time step that is none': () =>
        refused(verify.services.create({ friendlyName: 'Acme', 'totp.timeStep': 61 }), invalid(/Totp\.TimeStep/)),
    },
  },
  'services.list': {
    works: {
      'over pages': async () => {
        const before = await everyService();
        const made = await five(newService);
        const all = await everyService();
        assert.deepEqual([...all].sort(), [...before, ...made].sort());
      },
    },
    refused: badPages(async (of) => of.services),
  },
  'service.fetch': {
    works: {
      'as it was made': async () => {
        const made = await newService();
        assert.deepEqual((await verify.services(made.sid).fetch()).toJSON(), made.toJSON());
      },
    },
    refused: {
      'no credentials': async () => refused(stranger.services((await newService()).sid).fetch(), authenticate),
      'an unknown service': () => refused(verify.services(nothing('VA')).fetch(), unknown(/Service not found/)),
    },
  },
  'service.update': {
    works: {
      'one setting': async () => {
        const made = await newService();
        const changed = await verify.services(made.sid).update({ codeLength: 5 });
        assert.deepEqual([changed.codeLength, changed.friendlyName], [5, made.friendlyName]);
      },
    },
    refused: {
      'an unknown service': () => refused(verify.services(nothing('VA')).update({ codeLength: 5 }), unknown(/Service/)),
      'a code of three digits': async () =>
        refused(verify.services((await newService()).sid).update({ codeLength: 3 }), invalid(/CodeLength/)),
    },
  },
  'service.remove': {
    works: {
      'with all that is in it': async () => {
        const { sid } = await newService();
        await verify.services(sid).entities.create({ identity: newIdentity() });
        assert.equal(await verify.services(sid).remove(), true);
        await refused(verify.services(sid).fetch(), unknown(/Service not found/));
        assert.equal((await everyService()).includes(sid), false);
      },
    },
    refused: {
      'an unknown service': () => refused(verify.services(nothing('VA')).remove(), unknown(/Service not found/)),
      'the first service': async () =>
        refused(verify.services(process.env.TWILIO_VERIFY_SERVICE_SID).remove(), {
          status: 409, code: 20409, message: /./,
        }),
    },
  },
  'entities.create': {
    works: {
      'with an identity': async () => {
        const made = await (await shared()).entities.create({ identity: newIdentity() });
        assert.deepEqual(Object.keys(made.links).sort(), ['challenges', 'factors', 'new_factors']);
      },
    },
    refused: {
      'an identity that is too short': async () =>
        refused((await shared()).entities.create({ identity: 'short' }), invalid(/Identity/)),
      'one that is there': async () => {
        const { identity } = await newEntity();
        const again = (await shared()).entities.create({ identity });
        await refused(again, { status: 409, code: 20409, message: /exists already/ });
      },
    },
  },
  'entities.list': {
    works: {
      'over pages': async () => {
        const { entities } = verify.services((await newService()).sid);
        await pages(entities, await five(() => entities.create({ identity: newIdentity() })));
      },
    },
    refused: badPages(async (of) => of.services((await newService()).sid).entities),
  },
  'entity.fetch': {
    works: {
      'as it was made': async () => {
        const { entity, identity } = await newEntity();
        assert.equal((await entity.fetch()).identity, identity);
      },
    },
    refused: {
      'an unknown entity': async () =>
        refused((await shared()).entities('nobody-of-acme').fetch(), unknown(/Entity not found/)),
      'one of another service': async () => {
        const { identity } = await newEntity();
        const other = verify.services((await newService()).sid);
        await refused(other.entities(identity).fetch(), unknown(/Entity not found/));
      },
    },
  },
  'entity.remove': {
    works: {
      'with its factors': async () => {
        const { entity, factor } = await newVerifiedFactor();
        assert.equal(await entity.remove(), true);
        await refused(entity.fetch(), unknown(/Entity not found/));
        await refused(factor.fetch(), unknown(/Entity not found/));
      },
    },
    refused: {
      'an unknown entity': async () =>
        refused((await shared()).entities('nobody-of-acme').remove(), unknown(/Entity not found/)),
    },
  },
  'newFactors.create': {
    works: {
      'of a phone': async () => {
        const { made } = await newFactor();
        assert.match(made.sid, /^YF[0-9a-f]{32}$/);
        assert.deepEqual([made.status, made.factorType, made.binding.alg], ['unverified', 'push', 'ES256']);
        assert.deepEqual(made.metadata, { os: 'Android' });
      },
      'of an authenticator app': async () => {
        const { made } = await newApp();
        assert.deepEqual([made.status, made.factorType], ['unverified', 'totp']);
        assert.deepEqual(made.config, { alg: 'sha1', time_step: 30, skew: 1, code_length: 6 });
        const uri = new URL(made.binding.uri);
        assert.equal(decodeURIComponent(uri.pathname), "/Acme Bank:Ada's app");
        assert.deepEqual(Object.fromEntries(uri.searchParams), {
          secret: made.binding.secret, issuer: 'Acme Bank', algorithm: 'SHA1', digits: '6', period: '30',
        });
      },
      'of an authenticator app with a secret and a config of its own': async () => {
        const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
        for (const alg of ['sha1', 'sha256', 'sha512']) {
          const config = { 'config.alg': alg, 'config.timeStep': 60, 'config.skew': 2, 'config.codeLength': 8 };
          const { made } = await newVerifiedApp({ 'binding.secret': secret, ...config });
          assert.equal(made.binding.secret, secret);
          assert.deepEqual(made.config, { alg, time_step: 60, skew: 2, code_length: 8 });
        }
      },
      'of an entity that is not there yet': async () => {
        const identity = newIdentity();
        const entity = (await shared()).entities(identity);
        await entity.newFactors.create(factorOf(pair().publicKey));
        assert.equal((await entity.fetch()).identity, identity);
      },
    },
    refused: {
      'a key that is none': async () => {
        const { entity } = await newEntity();
        const wrong = { ...factorOf(pair().publicKey), 'binding.publicKey': 'AAAA' };
        await refused(entity.newFactors.create(wrong), invalid(/Binding\.PublicKey/));
      },
      'a secret that is no Base32': async () => refused(newApp({ 'binding.secret': '0189' }), invalid(/Binding\.Secret/)),
      'a skew of three steps': async () => refused(newApp({ 'config.skew': 3 }), invalid(/Config\.Skew/)),
      'a key of an authenticator app': async () =>
        refused(newApp({ 'binding.publicKey': 'AAAA' }), invalid(/Binding\.PublicKey/)),
      'a type that is not played here': async () => {
        const { entity } = await newEntity();
        const wrong = { ...factorOf(pair().publicKey), factorType: 'passkeys' };
        await refused(entity.newFactors.create(wrong), invalid(/FactorType/));
      },
    },
  },
  'factors.list': {
    works: {
      'over pages': async () => {
        const of = await newEntity();
        await pages(of.entity.factors, await five(async () => (await newFactor(of)).made));
      },
    },
    refused: badPages(async (of) => {
      const { serviceSid, identity } = await newEntity();
      return of.services(serviceSid).entities(identity).factors;
    }),
  },
  'factor.fetch': {
    works: {
      'without its binding': async () => {
        const { made, factor } = await newFactor();
        const found = await factor.fetch();
        assert.equal(found.sid, made.sid);
        assert.equal(found.binding, undefined);
      },
    },
    refused: {
      'an unknown factor': async () => {
        const { entity } = await newEntity();
        await refused(entity.factors(nothing('YF')).fetch(), unknown(/Factor not found/));
      },
      'one of another entity': async () => {
        const { made } = await newFactor();
        const { entity } = await newEntity();
        await refused(entity.factors(made.sid).fetch(), unknown(/Factor not found/));
      },
    },
  },
  'factor.update': {
    works: {
      'verified by its key': async () => {
        const { factor } = await newVerifiedFactor();
        assert.equal((await factor.fetch()).status, 'verified');
      },
      'verified by its code, and no other': async () => {
        const app = await newApp();
        assert.equal((await app.factor.update({ authPayload: app.code(5) })).status, 'unverified');
        assert.equal((await app.factor.update({ authPayload: app.code() })).status, 'verified');
      },
      'another config of an authenticator app': async () => {
        const { factor } = await newVerifiedApp();
        const changed = await factor.update({ 'config.codeLength': 8, 'config.skew': 0 });
        assert.deepEqual(changed.config, { alg: 'sha1', time_step: 30, skew: 0, code_length: 8 });
        assert.equal(changed.binding, undefined);
      },
      'another name': async () => {
        const { factor } = await newFactor();
        assert.equal((await factor.update({ friendlyName: 'The new one' })).friendlyName, 'The new one');
      },
    },
    refused: {
      'the key beside something wrong, of which nothing is done': async () => {
        const phone = await newFactor();
        const both = { authPayload: proofOf(phone), 'config.notificationToken': 'short' };
        await refused(phone.factor.update(both), invalid(/Config\.NotificationToken/));
        assert.equal((await phone.factor.fetch()).status, 'unverified');
      },
      'a code for an app that is verified already': async () => {
        const app = await newVerifiedApp();
        await refused(app.factor.update({ authPayload: app.code(1) }), invalid(/AuthPayload/));
      },
      'a code that is none': async () => {
        const { factor } = await newApp();
        await refused(factor.update({ authPayload: '12' }), invalid(/AuthPayload/));
      },
      'the signature of another key': async () => {
        const { factor, made } = await newFactor();
        const forged = proofOf({ made, privateKey: pair().privateKey });
        await refused(factor.update({ authPayload: forged }), { status: 403, code: 20403, message: /./ });
        assert.equal((await factor.fetch()).status, 'unverified');
      },
    },
  },
  'factor.remove': {
    works: {
      'at once': async () => {
        const { entity, factor, made } = await newVerifiedFactor();
        assert.equal(await factor.remove(), true);
        await refused(factor.fetch(), unknown(/Factor not found/));
        await refused(entity.challenges.create(question({ made })), unknown(/Factor not found/));
        assert.deepEqual(await entity.factors.list(), []);
      },
    },
    refused: {
      'twice': async () => {
        const { factor } = await newFactor();
        await factor.remove();
        await refused(factor.remove(), unknown(/Factor not found/));
      },
    },
  },
  'challenges.create': {
    works: {
      'with fields and hidden details': async () => {
        const { asked, made } = await newChallenge();
        assert.match(asked.sid, /^YC[0-9a-f]{32}$/);
        assert.deepEqual([asked.status, asked.factorSid], ['pending', made.sid]);
        assert.equal(asked.details.message, 'Log in?');
        assert.deepEqual(asked.details.fields[0], { label: 'City', value: 'Bogotá' });
        assert.deepEqual(asked.hiddenDetails, { ip: '172.168.1.234' });
        assert.equal(asked.expirationDate - asked.dateCreated, 300000);
      },
      'with the code of an authenticator app, which is right once': async () => {
        const { entity, made, code } = await newVerifiedApp();
        const ask = (authPayload) => entity.challenges.create({ factorSid: made.sid, authPayload, hiddenDetails: { ip: '::1' } });
        const asked = await ask(code(1));
        assert.deepEqual([asked.status, asked.factorType, asked.details], ['approved', 'totp', null]);
        assert.deepEqual([asked.factorSid, asked.hiddenDetails], [made.sid, { ip: '::1' }]);
        assert.equal((await ask(code(1))).status, 'pending');
        assert.equal((await ask(code(7))).status, 'pending');
        const of = (status) => entity.challenges.list({ factorSid: made.sid, status });
        assert.deepEqual([(await of('approved')).length, (await of('pending')).length], [1, 2]);
      },
    },
    refused: {
      'a factor that is not verified': async () => {
        const phone = await newFactor();
        await refused(phone.entity.challenges.create(question(phone)), invalid(/not verified/));
      },
      'a code for a phone': async () => {
        const phone = await newVerifiedFactor();
        await refused(phone.entity.challenges.create(question(phone, { authPayload: '123456' })), invalid(/AuthPayload/));
      },
      'a code of an app that is not verified': async () => {
        const { entity, made, code } = await newApp();
        const asked = entity.challenges.create({ factorSid: made.sid, authPayload: code() });
        await refused(asked, invalid(/not verified/));
      },
      'a factor of another entity': async () => {
        const { entity } = await newEntity();
        await refused(entity.challenges.create(question(await newVerifiedFactor())), unknown(/Factor not found/));
      },
      'a label over the limit': async () => {
        const phone = await newVerifiedFactor();
        const long = { 'details.fields': [{ label: 'x'.repeat(37), value: '1' }] };
        await refused(phone.entity.challenges.create(question(phone, long)), invalid(/label/));
      },
      'more than an hour': async () => {
        const phone = await newVerifiedFactor();
        const { dateCreated } = await phone.entity.challenges.create(question(phone));
        const late = { expirationDate: new Date(dateCreated.getTime() + 61 * 60000) };
        await refused(phone.entity.challenges.create(question(phone, late)), invalid(/ExpirationDate/));
      },
    },
  },
  'challenges.list': {
    works: {
      'over pages, in both orders': async () => {
        const phone = await newVerifiedFactor();
        const { challenges } = phone.entity;
        const made = await five(() => challenges.create(question(phone)));
        const of = { factorSid: phone.made.sid, status: 'pending' };
        await pages(challenges, made, of);
        await pages(challenges, [...made].reverse(), { ...of, order: 'desc' });
        assert.deepEqual(await challenges.list({ status: 'approved' }), []);
      },
    },
    refused: badPages(async (of) => {
      const { serviceSid, identity } = await newEntity();
      return of.services(serviceSid).entities(identity).challenges;
    }),
  },
  'challenge.fetch': {
    works: {
      'as it was made': async () => {
        const { asked, challenge } = await newChallenge();
        assert.deepEqual((await challenge.fetch()).toJSON(), asked.toJSON());
      },
    },
    refused: {
      'one of another entity': async () => {
        const { asked } = await newChallenge();
        const { entity } = await newEntity();
        await refused(entity.challenges(asked.sid).fetch(), unknown(/Challenge not found/));
      },
    },
  },
  'challenge.update': {
    works: {
      'approved by the code of an authenticator app': async () => {
        const { entity, made, code } = await newVerifiedApp();
        const { sid, status } = await entity.challenges.create({ factorSid: made.sid });
        assert.equal(status, 'pending');
        assert.equal((await entity.challenges(sid).update({ authPayload: code(7) })).status, 'pending');
        const answered = await entity.challenges(sid).update({ authPayload: code(1) });
        assert.deepEqual([answered.status, answered.factorSid], ['approved', made.sid]);
        assert.notEqual(answered.dateResponded, null);
      },
      'approved, then denied, by what the phone signed': async () => {
        const phone = await newVerifiedFactor();
        for (const status of ['approved', 'denied']) {
          const asked = await newChallenge(phone);
          const answered = await asked.challenge.update({ authPayload: await answerOf(asked, status) });
          assert.equal(answered.status, status);
          assert.notEqual(answered.dateResponded, null);
          assert.equal((await asked.challenge.fetch()).status, status);
        }
      },
    },
    refused: {
      'a code for a phone': async () => {
        const { challenge } = await newChallenge();
        await refused(challenge.update({ authPayload: '123456' }), invalid(/AuthPayload/));
      },
      'a code when there was one': async () => {
        const { entity, made, code } = await newVerifiedApp();
        const { sid } = await entity.challenges.create({ factorSid: made.sid, authPayload: code(1) });
        const again = entity.challenges(sid).update({ authPayload: code(1) });
        await refused(again, { status: 409, code: 20409, message: /./ });
      },
      'a second answer': async () => {
        const asked = await newChallenge();
        const authPayload = await answerOf(asked, 'approved');
        await asked.challenge.update({ authPayload });
        await refused(asked.challenge.update({ authPayload }), { status: 409, code: 20409, message: /./ });
      },
      'an answer to another challenge': async () => {
        const asked = await newChallenge();
        const authPayload = await answerOf(await newChallenge(asked), 'approved');
        await refused(asked.challenge.update({ authPayload }), { status: 403, code: 20403, message: /sid/ });
      },
      'what nobody signed': async () => {
        const { challenge } = await newChallenge();
        await refused(challenge.update({ authPayload: 'x' }), invalid(/AuthPayload/));
      },
    },
  },
  'notifications.create': {
    works: {
      'pushed once more': async () => {
        const { asked, challenge } = await newChallenge();
        const made = await challenge.notifications.create({ ttl: 60 });
        assert.deepEqual([made.challengeSid, made.ttl, made.priority], [asked.sid, 60, 'high']);
      },
    },
    refused: {
      'an authenticator app, which hears nothing': async () => {
        const { entity, made } = await newVerifiedApp();
        const { sid } = await entity.challenges.create({ factorSid: made.sid });
        await refused(entity.challenges(sid).notifications.create({ ttl: 60 }), invalid(/totp/));
      },
      'a life that is too long': async () => {
        const { challenge } = await newChallenge();
        await refused(challenge.notifications.create({ ttl: 301 }), invalid(/Ttl/));
      },
    },
  },
  'accessTokens.create': {
    works: {
      'with which a phone makes a factor, once': async () => {
        const identity = newIdentity();
        const { sid } = await (await shared()).fetch();
        const { token } = await (await shared()).accessTokens.create({ identity, factorType: 'push', ttl: 120 });
        const phone = twilio('token', token, { httpClient, accountSid: account.sid }).verify.v2;
        const { newFactors } = phone.services(sid).entities(identity);
        assert.equal((await newFactors.create(factorOf(pair().publicKey))).identity, identity);
        await refused(newFactors.create(factorOf(pair().publicKey)), authenticate);
      },
    },
    refused: {
      'an authenticator app': async () => {
        const wrong = { identity: newIdentity(), factorType: 'totp' };
        await refused((await shared()).accessTokens.create(wrong), invalid(/FactorType/));
      },
      'a life that is too short': async () => {
        const wrong = { identity: newIdentity(), factorType: 'push', ttl: 59 };
        await refused((await shared()).accessTokens.create(wrong), invalid(/Ttl/));
      },
    },
  },
  'accessToken.fetch': {
    works: {
      'without the token': async () => {
        const { accessTokens } = await shared();
        const { sid } = await accessTokens.create({ identity: newIdentity(), factorType: 'push' });
        const found = await accessTokens(sid).fetch();
        assert.deepEqual([found.sid, found.token], [sid, null]);
      },
    },
    refused: {
      'an unknown one': async () =>
        refused((await shared()).accessTokens(nothing('YK')).fetch(), unknown(/Access token not found/)),
    },
  },
  'webhooks.create': {
    works: {
      'told of all events, with a signature that validates': async () => {
        const { sid } = await newService();
        await verify.services(sid).webhooks.create(await hook());
        const entity = verify.services(sid).entities(newIdentity());
        const phone = await newFactor({ entity });
        assert.equal((await heard('factor.created')).factor_sid, phone.made.sid);
        await phone.factor.update({ authPayload: proofOf(phone) });
        assert.equal((await heard('factor.verified')).service_sid, sid);
        for (const status of ['approved', 'denied']) {
          const asked = await newChallenge(phone);
          await asked.challenge.update({ authPayload: await answerOf(asked, status) });
          const event = await heard(`challenge.${status}`);
          assert.deepEqual([event.challenge_sid, event.challenge_status], [asked.asked.sid, status]);
          assert.equal(JSON.parse(event.challenge_details).fields[0].value, 'Bogotá');
        }
        const app = await entity.newFactors.create({ friendlyName: "Ada's app", factorType: 'totp' });
        assert.equal((await heard('factor.created')).factor_type, 'totp');
        const { binding, config, dateCreated } = app;
        const shows = { secret: binding.secret, config, now: () => dateCreated.getTime() };
        await entity.factors(app.sid).update({ authPayload: codeOf(shows) });
        assert.equal((await heard('factor.verified')).factor_sid, app.sid);
        const asked = await entity.challenges.create({ factorSid: app.sid, authPayload: codeOf(shows, 1) });
        const event = await heard('challenge.approved');
        assert.deepEqual([event.challenge_sid, event.factor_type, event.challenge_details], [asked.sid, 'totp', undefined]);
        await phone.factor.remove();
        assert.equal((await heard('factor.deleted')).entity_identity, phone.made.identity);
      },
    },
    refused: {
      'an event that is none': async () =>
        refused((await shared()).webhooks.create(await hook({ eventTypes: ['factor.lost'] })), invalid(/EventTypes/)),
    },
  },
  'webhooks.list': {
    works: {
      'over pages': async () => {
        const { webhooks } = verify.services((await newService()).sid);
        const make = async () => {
          await stage.advance(1); // those of one moment are in no order
          return webhooks.create(await hook({ status: 'disabled' }));
        };
        await pages(webhooks, await five(make));
      },
    },
    refused: badPages(async (of) => of.services((await newService()).sid).webhooks),
  },
  'webhook.fetch': {
    works: {
      'as it was made': async () => {
        const { made, webhook } = await newWebhook();
        assert.deepEqual((await webhook.fetch()).toJSON(), made.toJSON());
      },
    },
    refused: {
      'an unknown one': async () =>
        refused((await shared()).webhooks(nothing('YW')).fetch(), unknown(/Webhook not found/)),
    },
  },
  'webhook.update': {
    works: {
      'disabled, so that it hears nothing': async () => {
        const { webhook, serviceSid } = await newWebhook();
        assert.equal((await webhook.update({ status: 'disabled' })).status, 'disabled');
        await newFactor({ entity: verify.services(serviceSid).entities(newIdentity()) });
        await webhook.update({ status: 'enabled', eventTypes: ['factor.deleted'] });
        const { factor, made } = await newFactor({ entity: verify.services(serviceSid).entities(newIdentity()) });
        await factor.remove();
        assert.equal((await heard('factor.deleted')).factor_sid, made.sid);
      },
    },
    refused: {
      'a URL that is none': async () => {
        const { webhook } = await newWebhook();
        await refused(webhook.update({ webhookUrl: 'nowhere' }), invalid(/WebhookUrl/));
      },
    },
  },
  'webhook.remove': {
    works: {
      'at once': async () => {
        const { webhook } = await newWebhook();
        assert.equal(await webhook.remove(), true);
        await refused(webhook.fetch(), unknown(/Webhook not found/));
      },
    },
    refused: {
      'an unknown one': async () =>
        refused((await shared()).webhooks(nothing('YW')).remove(), unknown(/Webhook not found/)),
    },
  },
};

// methods are those of the resources that are about push, but for other ways to make the same calls.
function methods() {
  const one = verify.services(nothing('VA'));
  const entity = one.entities('nobody-of-acme');
  const resources = {
    services: verify.services, service: one, entities: one.entities, entity, newFactors: entity.newFactors,
    factors: entity.factors, factor: entity.factors(nothing('YF')), challenges: entity.challenges,
    challenge: entity.challenges(nothing('YC')), notifications: entity.challenges(nothing('YC')).notifications,
    accessTokens: one.accessTokens, accessToken: one.accessTokens(nothing('YK')), webhooks: one.webhooks,
    webhook: one.webhooks(nothing('YW')),
  };
  const same = /WithHttpInfo$|^(toJSON|get|page|each|getPage)$/;
  const below = ['entities', 'newFactors', 'factors', 'challenges', 'notifications', 'accessTokens', 'webhooks'];
  const others = [
    'approveChallenge', 'messagingConfigurations', 'newChallenge', 'newVerifyFactors', 'rateLimits', 'verifications',
    'verificationChecks',
  ];
  return Object.entries(resources).flatMap(([resource, object]) =>
    methodsOf(object)
      .filter((name) => !same.test(name) && !below.includes(name) && !others.includes(name))
      .map((name) => `${resource}.${name}`),
  );
}

run('twilio', { methods: methods(), cases });
