// What is pending and what was decided, kept as the server has it.

import { Refusal, Unreachable } from './api.js';
import { Card, pastOf } from './card.js';
import * as memory from './memory.js';
import { visibleLine } from './text.js';

/** Why an answer did not count, in words for the one who gave it. */
const remarks = {
  approval_request_not_pending: 'Your answer did not count: the request was answered already.',
  approval_request_expired: 'Your answer came too late: the request has expired.',
  approval_request_not_found: 'Your answer did not count: the server does not know this request any more.',
  digest_mismatch: 'Your answer was refused: the server asked something else than this page shows. Do not trust it.',
};

export class Inbox {
  #cards = new Map();
  #syncing = null;
  #again = false;
  #ticking;
  #leaving = (event) => {
    if ([...this.#cards.values()].some((card) => card.busy)) event.preventDefault(); // the browser asks whether to leave
  };

  /** hooks: say(text) and unsay(text) for screen readers; trouble() returns why nothing can be sent, or ""; changed() after an answer. */
  constructor(phone, hooks) {
    this.phone = phone;
    this.hooks = hooks;
    this.pendingList = document.getElementById('pending');
    this.pastList = document.getElementById('past-list');
    this.pendingList.replaceChildren();
    this.pastList.replaceChildren();
    this.#ticking = setInterval(() => this.#tick(), 1000);
    window.addEventListener('beforeunload', this.#leaving);
  }

  end() {
    clearInterval(this.#ticking);
    window.removeEventListener('beforeunload', this.#leaving);
    for (const card of this.#cards.values()) card.end();
    this.#cards.clear();
    this.pendingList.replaceChildren();
    this.pastList.replaceChildren();
  }

  /** Makes the screen say what the server says. Calls that come meanwhile are one more round. */
  sync() {
    if (this.#syncing) {
      this.#again = true;
      return this.#syncing;
    }
    this.#syncing = this.#rounds().finally(() => { this.#syncing = null; });
    return this.#syncing;
  }

  async #rounds() {
    do {
      this.#again = false;
      const [pending, past] = await Promise.all([this.phone.pending(), this.phone.history()]);
      this.#show(pending, past);
    } while (this.#again);
  }

  #show(pending, past) {
    const ended = new Set(this.#cards.keys());
    const fresh = [];
    for (const request of pending) {
      ended.delete(request.uuid);
      if (!this.#cards.has(request.uuid)) fresh.push(request);
    }
    this.#drop(ended, past);
    this.#add(fresh);
    this.#announce(fresh);
    this.pastList.replaceChildren(...past.map((request) => pastOf(request, this.phone)));
    document.getElementById('past').hidden = past.length === 0;
    this.#count();
    this.#tick();
  }

  /** Takes away what is decided. What stands below moves up, so it takes no press for a moment. */
  #drop(ended, past) {
    let moved = false;
    let focus = false;
    for (const [uuid, card] of this.#cards) {
      if (!ended.has(uuid)) {
        if (moved) card.disarm();
        if (focus) card.element.focus();
        focus = false;
        continue;
      }
      focus ||= card.element.contains(document.activeElement);
      if (card.end()) this.hooks.say('Your answer did not count: the request was decided meanwhile.');
      this.#cards.delete(uuid);
      moved = true;
      const status = past.find((request) => request.uuid === uuid)?.status;
      if (status) this.hooks.say(`${status === 'expired' ? 'Expired' : status === 'approved' ? 'Approved' : 'Denied'}.`);
    }
    if (focus) ([...this.#cards.values()].at(-1)?.element ?? document.getElementById('inbox-title')).focus();
  }

  /** Puts new requests on top, as a phone does. What stands below moves down, so it takes no press for a moment. */
  #add(fresh) {
    if (fresh.length === 0) return;
    const cards = fresh.map((request) => new Card(request, {
      say: this.hooks.say,
      unsay: this.hooks.unsay,
      canSend: this.hooks.trouble,
      send: (shown, status, reason) => this.#answer(shown, status, reason),
      logos,
    }));
    for (const card of this.#cards.values()) card.disarm();
    this.#cards = new Map([...cards.map((card) => [card.uuid, card]), ...this.#cards]);
    this.pendingList.prepend(...cards.map((card) => card.element));
  }

  #announce(fresh) {
    if (fresh.length === 1) this.hooks.say(`New request from ${visibleLine(fresh[0].app_name)}: ${visibleLine(fresh[0].message)}`);
    else if (fresh.length > 1) this.hooks.say(`${fresh.length} new requests.`);
  }

  #count() {
    const n = this.#cards.size;
    document.getElementById('nothing').hidden = n > 0;
    document.getElementById('count').textContent = n > 0 ? String(n) : '';
    document.title = `${n > 0 ? `(${n}) ` : ''}${visibleLine(this.phone.appName)} – OneTouch phone`;
  }

  #tick() {
    const now = this.phone.now();
    let over = false;
    for (const card of this.#cards.values()) over = card.tick(now) || over;
    if (over) this.sync().catch(() => {}); // the server decides; who listens to it hears of trouble
  }

  /** Sends an answer, and returns what to say of it: "" when it counted. */
  async #answer(shown, status, reason) {
    try {
      await this.phone.answer(shown, status, reason);
      this.hooks.changed();
      await this.sync();
      return '';
    } catch (error) {
      if (error instanceof Unreachable) return 'The connection broke off: your answer may have arrived or not.';
      if (!(error instanceof Refusal)) throw error;
      this.hooks.refused(error);
      if (remarks[error.code]) this.hooks.say(remarks[error.code]);
      this.sync().catch(() => {});
      return remarks[error.code] ?? `Your answer was refused: ${visibleLine(error.message)}`;
    }
  }
}

/** The hosts that may be asked for logos. */
const logos = {
  async agreed(host) {
    return ((await memory.load('logos')) ?? []).includes(host);
  },
  async agree(host) {
    await memory.save('logos', [...((await memory.load('logos')) ?? []), host]);
  },
};
