// Answers to requests, by the phones whose keys are in the server's workspace. The server's process signs, as such a phone.

import { call, Unreachable } from './api.js';
import { line } from './dom.js';
import { Held } from './held.js';

const words = {
  approved: { now: 'Approving', noun: 'approval', done: 'Approved' },
  denied: { now: 'Denying', noun: 'denial', done: 'Denied' },
};

export class Answers {
  #of = new Map(); // by request: {held, sending, remark}

  /** hooks: say(text); changed() when something looks different; up() says whether the server is there; read(uuid). */
  constructor(hooks) {
    this.hooks = hooks;
    addEventListener('beforeunload', (event) => { if (this.busy) event.preventDefault(); });
  }

  get busy() {
    return [...this.#of.values()].some(({ held, sending }) => held || sending);
  }

  of(uuid) {
    return this.#of.get(uuid) ?? {};
  }

  /** One press of a button, or of its key. */
  press(uuid, status, deviceID) {
    const { held, sending } = this.of(uuid);
    if (sending) {
      this.hooks.say(`Your ${words[sending].noun} is on its way already. It is sent once.`);
      return;
    }
    if (held?.status === status) {
      held.pressAgain();
      return;
    }
    held?.drop();
    const next = new Held(status, '', {
      send: () => this.send(uuid, status, '', deviceID),
      missed: () => this.#set(uuid, { remark: 'Not sent: the page was asleep meanwhile. Answer again.' }),
    });
    this.#set(uuid, { held: next });
    this.hooks.say(`${words[status].now} in a moment. Press U to undo.`);
  }

  undo(uuid) {
    const { held } = this.of(uuid);
    if (!held) return;
    held.drop();
    this.#set(uuid, {});
    this.hooks.say('Taken back. Nothing was sent.');
  }

  async send(uuid, status, reason, deviceID) {
    this.of(uuid).held?.drop();
    if (!this.hooks.up()) {
      this.#set(uuid, { remark: 'Not sent: the server does not answer. Answer again.' });
      return;
    }
    this.#set(uuid, { sending: status });
    let remark = '';
    try {
      await call('POST', `/approval_requests/${encodeURIComponent(uuid)}/answer`, { status, reason, device_id: deviceID || 0 });
      this.hooks.say(`${words[status].done}.`);
    } catch (error) {
      remark = error instanceof Unreachable
        ? `The connection broke off: whether your ${words[status].noun} arrived is not known yet.`
        : `Your ${words[status].noun} did not count: ${line(error.message)}`;
      this.hooks.say(remark);
    }
    await this.hooks.read(uuid).catch(() => {});
    this.#set(uuid, { remark });
  }

  /** The request is decided, whoever did it. */
  decided(request) {
    const { held } = this.of(request.uuid);
    if (!held) return;
    held.drop();
    this.#set(request.uuid, { remark: `Your ${words[held.status].noun} was not sent: the request is ${request.status} already.` });
    this.hooks.say(this.of(request.uuid).remark);
  }

  #set(uuid, state) {
    this.#of.set(uuid, state);
    this.hooks.changed();
  }
}
