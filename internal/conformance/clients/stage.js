'use strict';

// The stage on which a client plays the backend. The Go test that starts the suite is behind it: it runs the server,
// holds the phones, and does what no backend can. What a person at this machine would do goes to the server's control API.

const server = { url: process.env.ONETOUCH_URL, key: process.env.ONETOUCH_API_KEY };
const application = process.env.ONETOUCH_APPLICATION;

async function json(url, options) {
  const answer = await fetch(url, options);
  if (!answer.ok) throw new Error(`${options.method ?? 'GET'} ${url}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

const direct = (direction, parameters) =>
  json(`${process.env.ONETOUCH_STAGE}/${direction}`, { method: 'POST', body: JSON.stringify(parameters) });

const control = (method, path, content) =>
  json(`${server.url}/control/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${process.env.ONETOUCH_CONTROL_TOKEN}` },
    body: content && JSON.stringify(content),
  });

// registerDevice gives the user a phone, and settles with its number.
const registerDevice = (authyId) => direct('register-device', { authy_id: Number(authyId) });

// answer has the user's phone approve or deny a request, with its signature.
const answer = (authyId, uuid, status) => direct('answer', { authy_id: Number(authyId), uuid, status });

// softToken settles with what the user's phone shows now. Each is good once, so time passes first.
async function softToken(authyId) {
  await advance(10);
  return direct('soft-token', { authy_id: Number(authyId) });
}

// advance moves the server's clock.
const advance = (seconds) => direct('advance', { seconds });

const set = (settings) => control('PATCH', `/applications/${application}`, settings);

// callBack sets where the application's callbacks go.
const callBack = (url, method) => set({ callback_url: url, callback_method: method });

// withSettings plays while the application has other settings.
async function withSettings(settings, play) {
  const before = await control('GET', `/applications/${application}`);
  await set(settings);
  try {
    return await play();
  } finally {
    await set(Object.fromEntries(Object.keys(settings).map((name) => [name, before[name]])));
  }
}

// lastMessage is the newest that was sent to a phone number, in any spelling, or to an e-mail address.
async function lastMessage(to) {
  const [newest] = await control('GET', `/messages?limit=1&to=${encodeURIComponent(to)}`);
  return newest;
}

// registerActivity tells of a user what npm authy has no method for.
const registerActivity = (authyId, type) =>
  json(`${server.url}/protected/json/users/${authyId}/register_activity`, {
    method: 'POST',
    headers: { 'x-authy-api-key': server.key },
    body: new URLSearchParams({ type }),
  });

// A phone number that libphonenumber calls valid, another one at each call.
let numbers = 0;
const areas = [202, 212, 213, 303, 305, 312, 404, 415, 512, 617];
function phoneNumber() {
  const area = areas[Math.floor(numbers / 100)];
  if (!area) throw new Error(`a suite has ${areas.length * 100} phone numbers`);
  const number = `${area}-555-01${String(numbers % 100).padStart(2, '0')}`;
  numbers += 1;
  return number;
}

module.exports = {
  server,
  registerDevice,
  answer,
  softToken,
  advance,
  callBack,
  withSettings,
  lastMessage,
  registerActivity,
  phoneNumber,
};
