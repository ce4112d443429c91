// What the page says to the bank: one look, one stream, and calls that change something.

const pause = 1000;
let csrf = '';

/** What the bank, or nobody, has answered: words for the customer. */
export class Refusal extends Error {
  constructor(text, answered) {
    super(text);
    this.answered = answered;
  }
}

/** All that there is to show. It brings the token that changes need. */
export async function look() {
  const response = await fetch('/session', { signal: AbortSignal.timeout(10 * pause) });
  if (response.status === 409) { // the cookie of a new session is on its way
    await new Promise((resolve) => { setTimeout(resolve, pause / 5); });
    return look();
  }
  if (!response.ok) throw new Error(response.statusText);
  const view = await response.json();
  csrf = view.csrf;
  return view;
}

/** A call that changes something. It throws a Refusal with words for the customer. */
export async function change(path, body = {}) {
  let response;
  try {
    response = await fetch(path, {
      method: 'POST', body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf },
    });
  } catch {
    throw new Refusal('The bank does not answer. Press again: nothing is done twice.', false);
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refusal(answer.error ?? response.statusText, true);
  return answer;
}

/** Tells whenever there may be something new, and whether the bank is reached. */
export function listen(news, reached) {
  const stream = new EventSource('/changes');
  const again = () => {
    stream.close();
    listen(news, reached);
  };
  stream.onmessage = () => { reached(true); news(); };
  stream.addEventListener('over', () => { // the session is another one now: so is the stream
    stream.close(); // or it would say that the bank is gone
    news().then(again);
  });
  stream.onerror = () => {
    reached(false);
    if (stream.readyState !== EventSource.CLOSED) return; // it tries again by itself
    setTimeout(() => news().then(again), pause);
  };
}
