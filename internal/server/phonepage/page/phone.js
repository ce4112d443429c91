// The phone that this browser is: registering, listing, answering.

import { call, Refusal } from './api.js';
import { digest, makeKey, signAnswer, signProof } from './keys.js';
import * as memory from './memory.js';

const mostAtOnce = 200;
const historyLength = 20;

/** Registers this browser with a token and keeps what it becomes. */
export async function register(token, name) {
  const key = await makeKey();
  const answer = await call('POST', '/registrations', {
    body: {
      registration_token: token,
      device: { name, platform: platform(), app_version: 'web' },
      public_key: key.jwk,
      proof: await signProof(key, token),
      push: { type: 'sse' },
    },
  });
  const kept = {
    id: answer.device_id, uuid: answer.device_uuid, name: answer.name, authyID: answer.authy_id,
    appName: answer.app.name, accessToken: answer.access_token, key: { id: key.id, privateKey: key.privateKey },
  };
  await memory.forget(); // the position of a former phone is none of this one
  await memory.save('phone', kept);
  return new Phone(kept);
}

/** The phone that was kept; null when there is none. */
export async function remembered() {
  const kept = await memory.load('phone');
  return kept ? new Phone(kept) : null;
}

export class Phone {
  #token;
  #key;
  #ahead = 0; // how far the server's clock is ahead of this machine's, in seconds

  constructor({ id, uuid, name, authyID, appName, accessToken, key }) {
    Object.assign(this, { id, uuid, name, authyID, appName });
    this.#token = accessToken;
    this.#key = key;
  }

  get token() {
    return this.#token;
  }

  /** Epoch seconds by the server's clock, as far as it is known. */
  now() {
    return Date.now() / 1000 + this.#ahead;
  }

  async learnTime() {
    const { time } = await this.#call('GET', '/time');
    this.#ahead = time - Date.now() / 1000;
  }

  /** All pending requests, newest first. */
  async pending() {
    const all = [];
    let cursor = '';
    do {
      const query = new URLSearchParams({ status: 'pending', limit: mostAtOnce, cursor });
      if (!cursor) query.delete('cursor');
      const page = await this.#call('GET', `/approval_requests?${query}`);
      all.push(...page.approval_requests);
      cursor = page.next_cursor;
    } while (cursor);
    return all;
  }

  /** The requests that were decided last, newest first. */
  async history() {
    const path = `/approval_requests?status=approved,denied,expired&limit=${historyLength}`;
    return (await this.#call('GET', path)).approval_requests;
  }

  /** Answers what was shown. Nothing but the challenge is fetched for it: what is signed is what was on the screen. */
  async answer(shown, status, reason) {
    const { challenge, status: stands } = await this.#call('GET', `/approval_requests/${shown.uuid}`);
    if (!challenge) {
      throw new Refusal(stands === 'expired' ? 'approval_request_expired' : 'approval_request_not_pending', `It was ${stands}.`);
    }
    const statement = {
      uuid: shown.uuid, status, challenge, device_id: this.id, iat: 0, details_sha256: await digest(shown), reason,
    };
    try {
      await this.#respond(statement);
    } catch (error) {
      if (error.code !== 'issued_at_skewed') throw error;
      await this.learnTime();
      await this.#respond(statement);
    }
  }

  async #respond(statement) {
    statement.iat = Math.round(this.now());
    const jws = await signAnswer(this.#key, statement);
    await this.#call('POST', `/approval_requests/${statement.uuid}/response`, { jws });
  }

  /** Tells the server that this phone is no more. */
  async unregister() {
    await this.#call('DELETE', '/device');
  }

  #call(method, path, body) {
    return call(method, path, { token: this.#token, body });
  }
}

/** What the device API calls a browser's machine. */
function platform() {
  const agent = navigator.userAgent;
  if (/iPhone|iPod/u.test(agent)) return 'iphone';
  if (/iPad/u.test(agent) || (/Macintosh/u.test(agent) && navigator.maxTouchPoints > 1)) return 'ipad';
  if (/Android/u.test(agent)) return /Mobile/u.test(agent) ? 'android' : 'android_tablet';
  return 'desktop';
}

/** What its user may call it, unless they say otherwise. */
export function likelyName() {
  const agent = navigator.userAgent;
  const browsers = { 'Edg': 'Edge', 'SamsungBrowser': 'Samsung Internet', 'OPR': 'Opera', 'Firefox|FxiOS': 'Firefox', 'Chrome|CriOS': 'Chrome', 'Safari': 'Safari' };
  const machines = { iphone: 'iPhone', ipad: 'iPad', android: 'Android', android_tablet: 'Android tablet' };
  const systems = { 'Windows': 'Windows', 'Macintosh': 'Mac', 'CrOS': 'ChromeOS', 'Linux': 'Linux' };
  const find = (names) => Object.entries(names).find(([pattern]) => new RegExp(pattern, 'u').test(agent))?.[1];
  return `${find(browsers) ?? 'Browser'} on ${machines[platform()] ?? find(systems) ?? 'this computer'}`;
}
