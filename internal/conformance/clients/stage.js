'use strict';

// The stage on which a client plays the backend. The Go test that starts the suite is behind it: it runs the server,
// holds the phones, and does what no backend can.

const server = { url: process.env.ONETOUCH_URL, key: process.env.ONETOUCH_API_KEY };

async function direct(direction, parameters) {
  const answer = await fetch(`${process.env.ONETOUCH_STAGE}/${direction}`, {
    method: 'POST',
    body: JSON.stringify(parameters),
  });
  if (!answer.ok) throw new Error(`stage direction ${direction}: ${await answer.text()}`);
}

// registerDevice gives the user a phone.
const registerDevice = (authyId) => direct('register-device', { authy_id: Number(authyId) });

// answer has the user's phone approve or deny a request, with its signature.
const answer = (authyId, uuid, status) => direct('answer', { authy_id: Number(authyId), uuid, status });

// callBack sets where the application's callbacks go.
const callBack = (url, method) => direct('call-back', { url, method });

// advance moves the server's clock.
const advance = (seconds) => direct('advance', { seconds });

// A phone number that libphonenumber calls valid, another one at each call.
let numbers = 0;
function phoneNumber() {
  numbers += 1;
  if (numbers > 99) throw new Error('a suite has 99 phone numbers');
  return `202-555-01${String(numbers).padStart(2, '0')}`;
}

module.exports = { server, registerDevice, answer, callBack, advance, phoneNumber };
