// The device API, as docs/device-api.md of the project describes it.

const base = '/device/v1';
const patience = 20_000; // milliseconds for an answer

/** The server said no. Its code is the API's own. */
export class Refusal extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** The server could not be asked, or its answer did not arrive: what was asked may have happened. */
export class Unreachable extends Error {}

/** Makes one call and returns its answer. */
export async function call(method, path, { token, body } = {}) {
  const response = await ask(method, path, {
    headers: token ? { Authorization: `Bearer ${token}` } : {},
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(patience),
  });
  try {
    return await response.json();
  } catch {
    throw new Unreachable('The answer of the server broke off.');
  }
}

async function ask(method, path, options) {
  let response;
  try {
    response = await fetch(base + path, { method, cache: 'no-store', credentials: 'omit', referrerPolicy: 'no-referrer', ...options });
  } catch {
    throw new Unreachable('The server does not answer.');
  }
  if (!response.ok) throw await refusalOf(response);
  return response;
}

async function refusalOf(response) {
  try {
    const { message, errors } = await response.json();
    return new Refusal(errors.code, message);
  } catch { // somebody else's answer: a proxy's, another program's
    return new Unreachable(`The server answers with status ${response.status}.`);
  }
}

/**
 * Listens to the stream of pushes after a position until it ends, however that is. EventSource cannot send the access
 * token, so the stream is read by hand.
 * hear gets each event, {id, name}, and null at each sign of life; what it does is waited for.
 */
export async function listen({ token, position, hear, silence, signal }) {
  const ended = new AbortController();
  const end = () => ended.abort();
  signal.addEventListener('abort', end);
  let watch = setTimeout(end, silence);
  try {
    if (signal.aborted) return;
    const headers = { Authorization: `Bearer ${token}`, Accept: 'text/event-stream', 'Last-Event-ID': String(position) };
    const response = await ask('GET', '/events', { headers, signal: ended.signal });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (;;) {
      const { value, done } = await reader.read().catch(() => {
        throw new Unreachable('The connection to the server was lost.');
      });
      if (done) return;
      clearTimeout(watch);
      watch = setTimeout(end, silence);
      const events = (text + value).split('\n\n');
      text = events.pop();
      for (const event of events) await hear(eventOf(event));
    }
  } finally {
    clearTimeout(watch);
    signal.removeEventListener('abort', end);
    end();
  }
}

function eventOf(text) {
  const fields = Object.fromEntries(text.split('\n').map((line) => line.split(/: ?(.*)/su, 2)));
  return fields.event ? { name: fields.event, id: Number(fields.id) || 0 } : null;
}
