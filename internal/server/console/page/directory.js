// The tabs of phones, users and the inbox.

import { nameOf, numberOf } from './data.js';
import { button, copyable, el, facts, foreign, line, part, pill } from './dom.js';
import { age, moment } from './time.js';

function plainRow(sign, title, below, right) {
  return [el('span', { class: 'sign', 'data-state': sign }),
    el('span', { class: 'what' }, el('b', { dir: 'auto' }, line(title)), el('small', { dir: 'auto' }, line(below))),
    el('span', { class: 'when' }, right)];
}

export function phonesTab({ data, open, say }) {
  const isHere = (device) => data.here.get(device.id)?.uuid === device.uuid;
  return {
    name: 'phones', title: 'Phones', items: () => data.phones.items, known: () => data.phones.known, key: (d) => String(d.id),
    row: (d) => plainRow(isHere(d) ? 'approved' : 'expired', d.name, `${data.userName(d.authy_id)} · ${d.platform}${isHere(d) ? ' · key here' : ''}`, age(d.registered_at)),
    when: (d) => age(d.registered_at),
    filters: [['', 'All'], ['here', 'Key is here']], passes: isHere,
    words: (d) => [d.name, d.platform, d.uuid, d.id, data.userName(d.authy_id)],
    empty: () => ['No phone yet. Register one whose key is in this workspace:', 'onetouch device register --user 1000'],
    count: () => data.phones.items.length || '',
    parts: (d) => [['all', [d, data.here.get(d.id) ?? 0, data.userName(d.authy_id)], () => part('', foreign(d.name, 'h2'),
      el('p', {}, isHere(d) ? pill('approved', 'Its key is in the server’s workspace: this page can answer as it') : pill('expired', 'Its key is elsewhere: it answers for itself')),
      facts([
        ['User', button(line(data.userName(d.authy_id)), () => open('users', d.authy_id), { class: 'link' })], ['Platform', d.platform], ['API', d.api === 'verify' ? 'Verify' : ''],
        ['Push', [d.push, d.push_url].filter(Boolean).join(' ')], ['Registered', moment(d.registered_at)],
        ['Application', data.appName(d.app_id)], ['Device', String(d.id)], ['UUID', copyable(d.uuid, say)], ['Key', d.key_id],
      ]),
      ...policy(data.here.get(d.id)))]],
  };
}

function policy(phone) {
  if (!phone?.policy?.length) return [];
  return [el('h3', {}, 'Answers by itself'), el('ol', { class: 'rules mono' }, ...phone.policy.map((rule) => foreign(rule, 'li')))];
}

export function usersTab({ data, open }) {
  const phones = (user) => data.phones.items.filter((device) => device.authy_id === user.authy_id);
  const requests = (user) => data.requests.items.filter((request) => request.authy_id === user.authy_id).slice(0, 20);
  return {
    name: 'users', title: 'Users', items: () => data.users.items, known: () => data.users.known, key: (u) => String(u.authy_id),
    row: (u) => plainRow(u.suspended ? 'denied' : 'approved', nameOf(u), [numberOf(u), data.appName(u.app_id)].filter(Boolean).join(' · '), String(u.authy_id)),
    when: (u) => String(u.authy_id),
    filters: [['', 'All'], ['banned', 'Banned']], passes: (u) => u.suspended,
    words: (u) => [nameOf(u), u.phone_number, u.authy_id, data.appName(u.app_id)],
    empty: () => ['No user yet. Your backend adds them, or you do:', 'onetouch user create --email ada@example.com --phone 202-555-0158'],
    count: () => data.users.items.length || '',
    parts: (u) => [['all', [u, phones(u), requests(u).map(({ uuid, status }) => [uuid, status])], () => part('', foreign(nameOf(u), 'h2'),
      u.suspended ? el('p', {}, pill('denied', 'Banned by the application')) : null,
      facts([['Authy ID', String(u.authy_id)], ['Phone number', numberOf(u)], ['Application', data.appName(u.app_id)],
        ['Confirmed', u.confirmed ? 'yes' : 'no: has neither used a code nor registered a device'], ['Added', moment(u.created_at)]]),
      el('h3', {}, 'Phones'), links(phones(u).map((d) => [line(d.name), () => open('phones', d.id)])),
      el('h3', {}, 'Newest requests'), links(requests(u).map((r) => [el('span', {}, pill(r.status), ` ${line(r.message)}`), () => open('requests', r.uuid)])))]],
  };
}

function links(entries) {
  if (entries.length === 0) return el('p', { class: 'quiet' }, 'None.');
  return el('ul', { class: 'links' }, ...entries.map(([label, press]) => el('li', {}, button(label, press, { class: 'link' }))));
}

const channels = { sms: 'Text', call: 'Call', email: 'E-mail', push: 'Push' };

export function inboxTab({ data, open, say }) {
  return {
    name: 'inbox', title: 'Inbox', items: () => data.inbox.items, known: () => data.inbox.known, key: (m) => String(m.id),
    row: (m) => plainRow('info', m.code ? `${m.code} · ${m.body}` : m.body, `${channels[m.channel] ?? m.channel} to ${m.device_id ? data.deviceName(m.device_id) : m.to}`, age(m.created_at)),
    when: (m) => age(m.created_at),
    filters: [['', 'All'], ...Object.entries(channels)], passes: (m, filter) => m.channel === filter,
    words: (m) => [m.to, m.code, m.body, m.authy_id, m.request_uuid],
    empty: () => ['Nothing yet: texts, calls, e-mails and pushes that would have left the building.', 'onetouch token sms --user 1000'],
    count: () => data.inbox.items.length || '',
    parts: (m) => [['all', m, () => part('', el('p', { class: 'over' }, pill('info', channels[m.channel] ?? m.channel), foreign(m.to)),
      m.code ? el('p', { class: 'code' }, copyable(m.code, say)) : null, foreign(m.body, 'pre', { class: 'body' }),
      facts([['Sent', moment(m.created_at)], ['Locale', m.locale], ['User', m.authy_id ? button(line(data.userName(m.authy_id)), () => open('users', m.authy_id), { class: 'link' }) : ''],
        ['Request', m.request_uuid ? button(line(m.request_uuid), () => open('requests', m.request_uuid), { class: 'link' }) : ''],
        ['Application', data.appName(m.app_id)]]))]],
  };
}
