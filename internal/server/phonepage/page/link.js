// The connection to the server: one stream for all tabs of this browser, made again whenever it is lost.

import { listen, Refusal } from './api.js';
import * as memory from './memory.js';

const firstWait = 500;
const longestWait = 15_000;
const silence = 45_000; // the server says something every 15 s
const lock = 'onetouch-stream';
const channel = 'onetouch-phone';

/** Tells the tabs of this browser something, without a connection. */
export function tellTabs(what) {
  const others = new BroadcastChannel(channel);
  others.postMessage({ what });
  others.close();
}

export class Link {
  #phone;
  #tell;
  #ended = new AbortController();
  #stream = new AbortController();
  #leads = false; // this tab listens
  #reached = false; // the server, when last heard of
  #queues = false; // this tab listens once no other does
  #wake = () => {};
  #others = new BroadcastChannel(channel);

  /**
   * tell is told: changed() when there may be something new, and is waited for; up(whether, reason) when the server is
   * reached or lost; removed() when the phone is no more; paired() when another tab has become another phone.
   */
  constructor(phone, tell) {
    this.#phone = phone;
    this.#tell = tell;
    this.#others.onmessage = ({ data }) => this.#hear(data);
    const seen = () => {
      if (document.visibilityState === 'visible') this.#lead(true);
      this.retry();
    };
    document.addEventListener('visibilitychange', seen, { signal: this.#ended.signal });
    window.addEventListener('online', () => this.retry(), { signal: this.#ended.signal });
    this.#lead(document.visibilityState === 'visible');
    if (!this.#leads) this.#followOn();
  }

  /** Begins as one of the tabs that another one tells what is new. */
  #followOn() {
    this.share('hello');
    this.#tell.changed().catch(() => {}); // the tab that listens hears of it
  }

  /** Tells the other tabs, and of which phone: one of them may have been another phone a moment ago. */
  share(what) {
    this.#others.postMessage({ what, of: this.#phone.uuid });
  }

  /** Tries again now rather than later. */
  retry() {
    this.#wake();
  }

  end() {
    this.#ended.abort();
    this.#stream.abort();
    this.#wake();
    this.#others.close();
  }

  #hear({ what, of }) {
    if (what === 'paired') this.#tell.paired();
    else if (of !== this.#phone.uuid) return;
    else if (what === 'hello') this.#answerHello();
    else if (what === 'changed') this.#tell.changed().catch(() => {}); // the tab that listens hears of it
    else if (what === 'removed') this.#tell.removed();
    else if (what === 'up' || what === 'down') this.#tell.up(what === 'up');
  }

  #answerHello() {
    if (this.#leads) this.share(this.#reached ? 'up' : 'down');
  }

  /**
   * The tab that is looked at listens, and tells the others: a browser opens only a few connections to one server, and
   * lets tabs sleep that nobody sees.
   */
  async #lead(now) {
    if (this.#leads || (this.#queues && !now)) return;
    if (!navigator.locks) {
      await this.#keepListening();
      return;
    }
    if (!now) this.#queues = true;
    try {
      await navigator.locks.request(lock, now ? { steal: true } : { signal: this.#ended.signal }, () => {
        if (!now) this.#queues = false;
        return this.#keepListening();
      });
    } catch { // another tab took over, or this one has ended
      this.#stream.abort();
      this.#wake();
      this.#leads = false;
      if (!this.#ended.signal.aborted) await this.#lead(false);
    }
  }

  async #keepListening() {
    this.#leads = true;
    this.#stream = new AbortController();
    const { signal } = this.#stream;
    let wait = firstWait;
    while (!signal.aborted && !this.#ended.signal.aborted) {
      let heard = false;
      let reason = '';
      try {
        await this.#listenOnce(signal, () => { heard = true; });
      } catch (error) {
        reason = error.message;
        if (error instanceof Refusal && error.code === 'access_token_invalid') {
          this.share('removed');
          this.#tell.removed();
          return;
        }
      }
      if (signal.aborted) return;
      this.#up(false, reason);
      if (heard) wait = firstWait;
      await this.#pause(wait);
      wait = Math.min(2 * wait, longestWait);
    }
  }

  async #listenOnce(signal, heard) {
    const position = (await memory.load('position')) ?? 0;
    await listen({
      token: this.#phone.token, position, silence, signal,
      hear: async (event) => {
        heard();
        if (event?.name === 'removed') throw new Refusal('access_token_invalid', 'This phone was removed.');
        await this.#tell.changed();
        this.#up(true);
        if (event?.name === 'push') {
          await memory.save('position', event.id);
          this.share('changed');
        }
      },
    });
  }

  #up(whether, reason) {
    this.#reached = whether;
    this.#tell.up(whether, reason);
    this.share(whether ? 'up' : 'down');
  }

  #pause(milliseconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds * (0.75 + Math.random() / 2));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
