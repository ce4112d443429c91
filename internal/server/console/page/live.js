// The connection to the server: a stream of events, made again whenever it is lost.

import { follow, get, Refusal } from './api.js';

const firstWait = 400;
const longestWait = 8000;
const gathering = 120; // milliseconds in which events are taken together

export class Live {
  #tell;
  #stream = null; // AbortController of the one that is followed
  #wake = () => {};
  #release = null; // lets another hidden page follow
  #gathered = [];
  #timer = 0;

  /**
   * tell is told: connected(server), which is waited for, whenever a stream stands; lost(reason) when it does no more;
   * happened(events); refused() when the token is not, or no more, the server's.
   */
  constructor(tell) {
    this.#tell = tell;
    document.addEventListener('visibilitychange', () => this.#seen());
    window.addEventListener('online', () => this.retry());
  }

  async run() {
    let wait = firstWait;
    for (;;) {
      let reason = 'The server has ended the connection.';
      this.#stream = new AbortController();
      try {
        await this.#once(() => { wait = firstWait; });
      } catch (error) {
        if (error instanceof Refusal && error.code === 'not_authorised') {
          this.#tell.refused(error.message);
          return;
        }
        reason = error.message;
      }
      this.#tell.lost(reason);
      await this.#pause(wait);
      wait = Math.min(2 * wait, longestWait);
    }
  }

  async #once(stands) {
    const server = await get('/server');
    await follow('/events?follow=true', (event) => this.#hear(event), {
      signal: this.#stream.signal,
      ready: async () => {
        stands();
        await this.#tell.connected(server);
      },
    });
  }

  /** Events may come by the thousand. */
  #hear(event) {
    this.#gathered.push(event);
    this.#timer ||= setTimeout(() => {
      this.#timer = 0;
      this.#tell.happened(this.#gathered.splice(0));
    }, gathering);
  }

  /** Tries again now rather than later. */
  retry() {
    this.#wake();
  }

  /**
   * A browser opens six connections to one server, for all its pages together. So of the pages that nobody looks at, one
   * keeps its stream; the others come back to it when they are seen.
   */
  async #seen() {
    if (document.visibilityState === 'visible') {
      this.#release?.();
      this.#release = null;
      this.retry();
      return;
    }
    const keeps = await new Promise((resolve) => {
      if (!navigator.locks) resolve(true);
      navigator.locks?.request('onetouch-console-hidden', { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock && new Promise((release) => { this.#release = release; });
      });
    });
    if (!keeps) this.#stream?.abort();
  }

  #pause(milliseconds) {
    const hidden = document.visibilityState !== 'visible' && !this.#release;
    return new Promise((resolve) => {
      const timer = hidden ? 0 : setTimeout(resolve, milliseconds * (0.75 + Math.random() / 2));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
