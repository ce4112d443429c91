// What the server has, as far as it was read, kept up with what happens there.

import { get, lines } from './api.js';

const page = 500; // requests that are read at once
const newest = 1000; // of the things of which only the newest are listed
const fewSingly = 12; // so many changed things are read one by one

/** The name by which people know a user: an entity of the Verify API has an identity, and no e-mail address. */
export const nameOf = (user) => user.email || user.identity;

/** The user's number; '' of an entity of the Verify API, which has none. */
export const numberOf = (user) => user.phone_number && `+${user.country_code} ${user.phone_number}`;

/** Things of one kind, newest first, each once. */
class Things {
  items = [];
  #at = new Map();
  known = false;

  constructor(key, changed) {
    this.key = key;
    this.changed = changed;
  }

  get(key) {
    return this.#at.get(String(key));
  }

  /** Puts in what was read: what is known is replaced where it stands, what is new comes on top, or below. */
  put(read, { below = false } = {}) {
    if (read.length === 0) return;
    const fresh = [];
    const renewed = new Set();
    for (const item of read) {
      const key = String(this.key(item));
      const before = this.#at.get(key);
      if (before && JSON.stringify(before) === JSON.stringify(item)) continue;
      (before ? renewed : { add: () => fresh.push(item) }).add(key);
      this.#at.set(key, item);
    }
    if (renewed.size > 0) this.items = this.items.map((item) => (renewed.has(String(this.key(item))) ? this.get(this.key(item)) : item));
    if (fresh.length > 0) this.items = below ? this.items.concat(fresh) : fresh.concat(this.items);
    if (fresh.length > 0 || renewed.size > 0 || !this.known) this.#tell();
  }

  /** Puts what was read in place of all that is there. What has not changed stays the same object. */
  replace(read) {
    const before = this.#at;
    this.#at = new Map();
    this.items = read.map((item) => {
      const key = String(this.key(item));
      const old = before.get(key);
      const kept = old && JSON.stringify(old) === JSON.stringify(item) ? old : item;
      this.#at.set(key, kept);
      return kept;
    });
    this.#tell();
  }

  remove(key) {
    if (!this.#at.delete(String(key))) return;
    this.items = this.items.filter((item) => String(this.key(item)) !== String(key));
    this.#tell();
  }

  cutTo(most) {
    for (const item of this.items.splice(most)) this.#at.delete(String(this.key(item)));
  }

  #tell() {
    this.known = true;
    this.changed();
  }
}

const byID = (item) => item.id;

export class Data {
  server = null;
  faults = [];
  #run = 0; // the reading of everything that counts
  #busy = Promise.resolve();

  /** changed(name) is told that things of a kind are others now. */
  constructor(changed) {
    const things = (name, key = byID) => new Things(key, () => changed(name));
    this.changed = changed;
    this.requests = things('requests', (r) => r.uuid);
    this.phones = things('phones');
    this.here = things('phones', (p) => p.device_id); // those that the server's process can answer as
    this.users = things('users', (u) => u.authy_id);
    this.deliveries = things('deliveries');
    this.inbox = things('inbox');
    this.traffic = things('traffic');
  }

  /** Reads everything, the newest requests first; the older ones follow while the reader reads. */
  async readAll(server) {
    this.server = server;
    const run = ++this.#run;
    const [first] = await Promise.all([
      get(`/approval_requests?limit=${page}`), this.readPeople(), this.readDeliveries(), this.readInbox(true), this.readFaults(),
    ]);
    if (run !== this.#run) return;
    this.requests.replace(first);
    this.changed('server');
    this.#readOlder(run, first).catch(() => {}); // the next connection reads all again
  }

  async #readOlder(run, read) {
    while (read.length === page && run === this.#run) {
      read = await get(`/approval_requests?limit=${page}&before=${encodeURIComponent(read.at(-1).uuid)}`);
      if (run === this.#run) this.requests.put(read, { below: true });
    }
  }

  async readPeople() {
    const [users, devices, here] = await Promise.all([get('/users'), get('/devices'), get('/phones')]);
    this.users.replace(users.reverse());
    this.here.replace(here);
    this.phones.replace(devices.reverse());
  }

  async readDeliveries() {
    this.deliveries.replace(await get(`/deliveries?limit=${newest}`));
  }

  async readInbox(anew = false) {
    const last = anew ? 0 : this.inbox.items[0]?.id ?? 0;
    const read = await get(`/messages?limit=${newest}&after=${last}`);
    if (anew) this.inbox.replace(read);
    else this.inbox.put(read);
  }

  async readFaults() {
    this.faults = await get('/faults');
    this.changed('faults');
  }

  /** Reads requests and what was sent for them. They are named newest first, and listed so, whichever answer is here first. */
  async readRequests(uuids) {
    const [requests, deliveries] = await Promise.all([
      Promise.all(uuids.map((uuid) => this.#readRequest(uuid))),
      Promise.all(uuids.map((uuid) => get(`/deliveries?request=${encodeURIComponent(uuid)}`))),
    ]);
    this.requests.put(requests.filter(Boolean));
    this.deliveries.put(deliveries.flat().sort((a, b) => b.id - a.id));
  }

  async #readRequest(uuid) {
    try {
      return await get(`/approval_requests/${encodeURIComponent(uuid)}`);
    } catch (error) {
      if (error.code !== 'approval_request_not_found') throw error;
      this.requests.remove(uuid);
      return null;
    }
  }

  /** Reads what events say has changed, one batch after the other. */
  happened(events) {
    this.#busy = this.#busy.then(() => this.#follow(events)).catch(() => {}); // a lost connection reads all again
    return this.#busy;
  }

  async #follow(events) {
    if (events.some(({ type }) => /^(reset|restored|history_removed)$/u.test(type))) {
      await this.readAll(await get('/server'));
      return;
    }
    const uuids = [...new Set(events.map((event) => event.request_uuid).filter(Boolean))].reverse();
    const people = /^(user_|device_|suspended_|unsuspended_|authenticator_)/u;
    const work = [this.readInbox(), this.readFaults()];
    if (events.some(({ type }) => people.test(type))) work.push(this.readPeople());
    if (uuids.length > fewSingly) work.push(this.#readMany(new Set(uuids)), this.readDeliveries());
    else work.push(this.readRequests(uuids));
    if (uuids.length <= fewSingly && events.some((event) => event.delivery_id && !event.request_uuid)) work.push(this.readDeliveries());
    await Promise.all(work);
  }

  /** Reads pages of requests until all of those have come, and then what is left of them one by one. */
  async #readMany(uuids) {
    const read = [];
    let last;
    do {
      const before = read.length > 0 ? `&before=${encodeURIComponent(read.at(-1).uuid)}` : '';
      last = await get(`/approval_requests?limit=${page}${before}`);
      read.push(...last);
      for (const { uuid } of last) uuids.delete(uuid);
    } while (uuids.size > 0 && last.length === page && read.length < 4 * page);
    this.requests.put(read);
    if (last.length === page) for (const uuid of uuids) await this.readRequests([uuid]);
  }

  /** What the server remembers of its calls. */
  async readTraffic() {
    this.traffic.replace((await lines(`/traffic?latest=${newest}`)).reverse());
  }

  heardCalls(calls) {
    this.traffic.put(calls.reverse());
    this.traffic.cutTo(newest);
  }

  /** Those that can answer the request: a challenge of the Verify API asks one alone. */
  phonesOf(request) {
    return this.here.items.filter((phone) => phone.authy_id === request.authy_id && (request.asked_device_id ?? phone.device_id) === phone.device_id);
  }

  deliveriesOf(uuid) {
    return this.deliveries.items.filter((delivery) => delivery.request_uuid === uuid);
  }

  userName(authyID) {
    const user = this.users.get(authyID);
    return user ? nameOf(user) : `user ${authyID}`;
  }

  deviceName(id) {
    const device = this.phones.get(id);
    return device ? `${device.name} (${id})` : `device ${id}`;
  }

  appName(id) {
    return this.server?.applications.find((app) => app.id === id)?.name ?? id;
  }
}
