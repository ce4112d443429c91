'use strict';

const { once } = require('node:events');
const http = require('node:http');

// receiver is the backend's end of callbacks: a plain HTTP server that answers 200 and hands over what came.
async function receiver() {
  const came = [];
  const waiting = [];
  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      response.end();
      const { method, url, headers } = request;
      const callback = { protocol: 'http', method, url, headers, text: Buffer.concat(chunks).toString('utf8') };
      const next = waiting.shift();
      if (next) next(callback);
      else came.push(callback);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}/authy/callback`,
    // next settles with the callback that came first of those not yet taken.
    next: () => (came.length > 0 ? Promise.resolve(came.shift()) : new Promise((resolve) => waiting.push(resolve))),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

module.exports = { receiver };
