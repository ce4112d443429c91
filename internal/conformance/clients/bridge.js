'use strict';

// A backend as somebody wrote it for Authy, with npm authy-client. Nothing in it knows where the phones are.

const { once } = require('node:events');
const http = require('node:http');

const { Client } = require('authy-client');

const client = new Client({ key: process.env.ONETOUCH_API_KEY }, { host: process.env.ONETOUCH_URL, timeout: 60000 });

async function main() {
  const server = http.createServer();
  server.listen(Number(process.env.CALLBACK_PORT), '127.0.0.1');
  await once(server, 'listening');
  const called = new Promise((resolve) => {
    server.on('request', (request, response) => {
      const chunks = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        response.end();
        resolve({ request, body: JSON.parse(Buffer.concat(chunks).toString('utf8')) });
      });
    });
  });
  const user = (await client.registerUser({ countryCode: 'US', email: 'ada@example.com', phone: '2025550158' })).user;
  const question = { authyId: user.id, message: 'Log in?', details: { visible: { City: 'Bogotá' }, hidden: { ip: '10.0.0.1' } } };
  const id = (await client.createApprovalRequest(question)).approval_request.uuid;
  const { request, body } = await called;
  await client.verifyCallback({
    body, headers: request.headers, method: request.method, protocol: 'http', url: process.env.CALLBACK_PATH,
  });
  const found = (await client.getApprovalRequest({ id })).approval_request;
  console.log(JSON.stringify({ called: body.status, polled: found.status, same: body.uuid === found.uuid }));
  server.close();
  server.closeAllConnections();
}

main().catch((error) => {
  console.error(error, JSON.stringify(error));
  process.exit(1);
});
