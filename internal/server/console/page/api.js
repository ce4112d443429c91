// The control API. Its token is in the memory of this module, and nowhere else.

const base = '/control/v1';
const patience = 20_000; // milliseconds for an answer
const silence = 40_000; // a stream says something every 15 s

let token = '';

/** Takes the token out of the address of the page, where nobody is to find it again. Returns whether there was one. */
export function takeToken() {
  const found = decodeURIComponent(location.hash.slice(1));
  if (location.hash) history.replaceState(null, '', location.pathname);
  if (found) token = found;
  return found !== '';
}

/** The server said no. Its code is the API's own. */
export class Refusal extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** The server could not be asked, or its answer did not arrive: what was asked may have happened. */
export class Unreachable extends Error {}

async function ask(method, path, options) {
  let response;
  try {
    response = await fetch(base + path, {
      method, cache: 'no-store', credentials: 'omit', referrerPolicy: 'no-referrer',
      headers: { Authorization: `Bearer ${token}` }, ...options,
    });
  } catch {
    throw new Unreachable('The server does not answer.');
  }
  if (response.ok) return response;
  let told;
  try {
    told = await response.json();
  } catch { // somebody else's answer
    throw new Unreachable(`The server answers with status ${response.status}.`);
  }
  throw new Refusal(told.code, told.message ?? `Status ${response.status}`);
}

async function whole(response, read) {
  try {
    return await response[read]();
  } catch {
    throw new Unreachable('The answer of the server broke off.');
  }
}

/** Makes one call and returns its answer. */
export async function call(method, path, body) {
  const response = await ask(method, path, { body: body && JSON.stringify(body), signal: AbortSignal.timeout(patience) });
  return whole(response, 'json');
}

export const get = (path) => call('GET', path);

/** The answer to a call as text. */
export async function text(path) {
  return whole(await ask('GET', path, { signal: AbortSignal.timeout(patience) }), 'text');
}

/** The objects of a list of one JSON object a line. */
export async function lines(path) {
  return (await text(path)).split('\n').filter(Boolean).map((line) => JSON.parse(line));
}

/** Hands over each object of a stream until it ends, however that is. ready is called once it stands. */
export async function follow(path, hear, { ready, signal }) {
  const ended = new AbortController();
  const end = () => ended.abort();
  signal.addEventListener('abort', end);
  let watch = setTimeout(end, silence);
  try {
    if (signal.aborted) return;
    const response = await ask('GET', path, { signal: ended.signal });
    await ready?.();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (;;) {
      const { value, done } = await reader.read().catch(() => {
        throw new Unreachable('The connection to the server was lost.');
      });
      if (done) return;
      clearTimeout(watch);
      watch = setTimeout(end, silence);
      const found = (rest + value).split('\n');
      rest = found.pop();
      for (const line of found) if (line) hear(JSON.parse(line));
    }
  } finally {
    clearTimeout(watch);
    signal.removeEventListener('abort', end);
    end();
  }
}
