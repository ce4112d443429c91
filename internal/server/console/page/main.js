// What is shown, and what buttons and keys do.

import { follow, takeToken } from './api.js';
import { Answers } from './answers.js';
import { Data } from './data.js';
import { deliveriesTab, trafficTab } from './deliveries.js';
import { ClockDialog, FaultsDialog, opensDialogs } from './dialogs.js';
import { inboxTab, phonesTab, usersTab } from './directory.js';
import { byID, button, el, line } from './dom.js';
import { List } from './list.js';
import { Live } from './live.js';
import { requestsTab } from './requests.js';
import { left } from './time.js';

const armTime = 400; // milliseconds: a key was meant for what was chosen before

let up = false;
let current = null; // the tab
let calls = null; // AbortController of the stream of calls, while their tab is shown
let chosenAt = 0;
const views = new Map(); // by tab: {search, filter, cursor}

/** Has a screen reader say something, and shows it for a while. The region is emptied first, or the same words would not be said twice. */
let saying = 0;
function say(text) {
  const region = byID('announcements');
  region.textContent = '';
  clearTimeout(saying);
  saying = setTimeout(() => {
    region.textContent = text;
    region.classList.add('said');
    saying = setTimeout(() => region.classList.remove('said'), 4000);
  }, 30);
}

const data = new Data((name) => changed(name));
const answers = new Answers({
  say, up: () => up, changed: () => changed('requests'),
  read: (uuid) => data.readRequests([uuid]),
});
const page = { data, answers, say, open, changed, answer, denyWithReason, asPhone: 0 };
const tabs = [requestsTab, phonesTab, usersTab, deliveriesTab, inboxTab, trafficTab].map((make) => make(page));
const list = new List((key, _, opened) => choose(key, opened));
const clock = new ClockDialog(say);
const faults = new FaultsDialog(data, say);
opensDialogs();

for (const tab of tabs) {
  views.set(tab, { search: '', filter: '', cursor: null });
  const shown = el('button', { type: 'button', role: 'tab', id: `tab-${tab.name}`, 'aria-controls': 'panel', press: () => show(tab) },
    el('span', {}, tab.title), ' ', el('span', { class: 'count' }));
  byID('tabs').append(shown);
}
byID('tabs').addEventListener('keydown', (event) => {
  const by = { ArrowRight: 1, ArrowLeft: -1, Home: -tabs.length, End: tabs.length }[event.key];
  if (!by) return;
  event.preventDefault();
  event.stopPropagation();
  const at = tabs.indexOf(current) + by;
  show(tabs[Math.abs(by) === 1 ? (at + tabs.length) % tabs.length : by < 0 ? 0 : tabs.length - 1]);
  byID(`tab-${current.name}`).focus();
});

/** Shows a tab. */
function show(tab) {
  if (current === tab) return;
  current = tab;
  for (const one of tabs) {
    const shown = byID(`tab-${one.name}`);
    shown.setAttribute('aria-selected', one === tab);
    shown.tabIndex = one === tab ? 0 : -1;
    if (one === tab) shown.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }
  byID('panel').setAttribute('aria-labelledby', `tab-${tab.name}`);
  byID('list').setAttribute('aria-label', tab.title);
  byID('search').value = views.get(tab).search;
  byID('filter').replaceChildren(...tab.filters.map(([value, name]) => el('option', { value }, name)));
  byID('filter').value = views.get(tab).filter;
  byID('panel').classList.remove('opened');
  draw();
  followCalls();
}

/** Shows a thing of another tab. */
function open(name, key) {
  const tab = tabs.find((one) => one.name === name);
  Object.assign(views.get(tab), { search: '', filter: '', cursor: String(key) });
  if (current === tab) draw();
  else show(tab);
  byID('search').value = '';
  byID('filter').value = '';
  byID('panel').classList.add('opened');
  byID('sheet').focus({ preventScroll: true });
}

/** What of a tab is looked for. */
function chosenItems(tab) {
  const { search, filter } = views.get(tab);
  const words = search.toLowerCase();
  let items = tab.items();
  if (filter) items = items.filter((item) => tab.passes(item, filter));
  if (words) items = items.filter((item) => tab.words(item).some((word) => String(word ?? '').toLowerCase().includes(words)));
  return items;
}

/** Something is another now. What is drawn is drawn once, however much has changed. */
let asked = 0;
function changed(name) {
  if (name === 'faults') faults.show();
  if (name === 'server') byID('place').textContent = data.server.applications.map((app) => line(app.name)).join(', ');
  asked ||= requestAnimationFrame(drawNow);
  if (document.visibilityState !== 'visible') setTimeout(drawNow); // no frame is drawn there
}

function drawNow() {
  if (!asked) return;
  cancelAnimationFrame(asked);
  asked = 0;
  draw();
}

function draw() {
  for (const tab of tabs) {
    const count = byID(`tab-${tab.name}`).querySelector('.count');
    count.textContent = tab.count();
  }
  const waiting = tabs[0].count();
  document.title = `${waiting ? `(${waiting}) ` : ''}OneTouch console`;
  if (!current) return;
  const items = chosenItems(current);
  const view = views.get(current);
  const there = view.cursor !== null && current.items().some((item) => current.key(item) === view.cursor);
  if (!there) view.cursor = items.length > 0 && !narrow() ? current.key(items[0]) : null;
  list.show(current, items, view.cursor);
  drawNote(items);
  drawSheet(current.items().find((item) => current.key(item) === view.cursor));
}

const narrow = () => matchMedia('(max-width: 52rem)').matches;

function drawNote(items) {
  const all = current.items();
  const newest = current.most && all.length >= current.most ? `the newest ${current.most.toLocaleString()} ` : '';
  byID('note').textContent = !current.known() ? 'Reading…'
    : items.length === all.length ? (all.length > 0 ? `${newest || all.length.toLocaleString()} ${current.title.toLowerCase()}` : '')
      : `${items.length.toLocaleString()} of ${newest || all.length.toLocaleString()} ${current.title.toLowerCase()}`;
  const nothing = byID('nothing');
  nothing.hidden = items.length > 0 || !current.known();
  byID('list').hidden = !nothing.hidden;
  if (nothing.hidden) return;
  const [text, command] = all.length > 0 ? ['Nothing here is like that.'] : current.empty();
  if (nothing.textContent !== text + (command ?? '')) nothing.replaceChildren(el('p', {}, text), command ? el('pre', {}, el('code', {}, command)) : '');
}

/** Shows a thing as a whole. A part that says what it said before stays as it is, with the focus that may be in it. */
let drawn = { key: null, parts: new Map() };
function drawSheet(item) {
  const sheet = byID('sheet');
  const key = item && `${current.name} ${current.key(item)}`;
  if (key !== drawn.key) {
    for (const { element } of drawn.parts.values()) for (const picture of element?.querySelectorAll?.('img[src^=blob]') ?? []) URL.revokeObjectURL(picture.src);
    drawn = { key, parts: new Map() };
    sheet.replaceChildren(button('‹ Back to the list', back, { class: 'back' }));
    sheet.scrollTop = 0;
    chosenAt = performance.now();
  }
  sheet.classList.toggle('empty', !item);
  if (!item) return;
  const focus = document.activeElement?.dataset?.focus;
  const parts = new Map();
  let last = sheet.firstElementChild;
  for (const [name, of, make] of current.parts(item)) {
    const said = JSON.stringify(of);
    const before = drawn.parts.get(name);
    const element = before?.said === said ? before.element : make(before?.element) ?? document.createComment(name);
    if (before && before.element !== element) before.element.replaceWith(element);
    if (last.nextSibling !== element) last.after(element);
    last = element;
    parts.set(name, { said, element });
  }
  for (const [name, { element }] of drawn.parts) if (!parts.has(name)) element.remove();
  drawn.parts = parts;
  if (focus && !document.activeElement?.dataset?.focus) (sheet.querySelector(`[data-focus="${focus}"]`) ?? sheet).focus({ preventScroll: true });
  tick();
}

function choose(key, opened) {
  views.get(current).cursor = key;
  if (opened) byID('panel').classList.add('opened');
  draw();
  if (opened && narrow()) byID('sheet').focus();
}

function back() {
  byID('panel').classList.remove('opened');
  list.focus();
}

const selected = () => current && current.items().find((item) => current.key(item) === views.get(current).cursor);

/** Answers the request that is shown. */
function answer(status) {
  const request = selected();
  if (current.name !== 'requests' || !request) return;
  if (request.status !== 'pending') say(`This request is ${request.status} already.`);
  else if (data.phonesOf(request).length === 0) say('Nobody here can answer: no phone of this user has its key in the server’s workspace.');
  else if (performance.now() - chosenAt < armTime) say('This request has only just come into sight, so that press was ignored.');
  else answers.press(request.uuid, status, phoneFor(request));
}

/** The phone that was chosen, if it is one of that user; 0: the first. */
function phoneFor(request) {
  return data.phonesOf(request).some((phone) => phone.device_id === page.asPhone) ? page.asPhone : 0;
}

function denyWithReason() {
  const request = selected();
  if (current.name !== 'requests' || request?.status !== 'pending' || data.phonesOf(request).length === 0) return;
  answers.undo(request.uuid);
  byID('reason-of').textContent = line(request.message);
  byID('reason-text').value = '';
  byID('reason-form').onsubmit = (event) => {
    event.preventDefault();
    byID('reason-dialog').close();
    answers.send(request.uuid, 'denied', byID('reason-text').value.trim().toWellFormed(), phoneFor(request));
  };
  byID('reason-dialog').showModal();
}

/** The next request that waits, below the one that is chosen or else from the top. */
function nextWaiting() {
  show(tabs[0]);
  const items = data.requests.items;
  const at = items.findIndex(({ uuid }) => uuid === views.get(current).cursor);
  const next = items.slice(at + 1).concat(items.slice(0, at + 1)).find(({ status }) => status === 'pending');
  if (next) open('requests', next.uuid);
  else say('No request waits.');
}

/** Follows the server's calls while somebody looks at them. */
async function followCalls() {
  calls?.abort();
  calls = null;
  if (!up || current?.name !== 'traffic' || document.visibilityState !== 'visible') return;
  const own = calls = new AbortController();
  try {
    await data.readTraffic();
    if (own.signal.aborted) return;
    let heard = [];
    const after = data.traffic.items[0]?.id ?? 0;
    await follow(`/traffic?follow=true&after=${after}`, (call) => {
      if (heard.push(call) === 1) setTimeout(() => data.heardCalls(heard.splice(0)), 100);
    }, { signal: own.signal });
  } catch { // the stream of events says what is wrong, and this one is made again with it
  }
}
document.addEventListener('visibilitychange', followCalls);

/** Whether the server is there. */
function showConnection(state, reason = '') {
  const before = byID('status').dataset.state;
  up = state === 'up';
  byID('status').dataset.state = state;
  byID('status').textContent = { up: 'Live', wait: 'Connecting…', down: 'Reconnecting…' }[state];
  byID('gone').hidden = state !== 'down';
  if (state === 'down') byID('gone-reason').textContent = line(reason);
  if (state === 'down' && before === 'up') say('The connection to the server is lost. Trying again.');
  if (state === 'up' && before === 'down') say('The server is back.');
}

const live = new Live({
  connected: async (server) => {
    await Promise.all([data.readAll(server), clock.read()]);
    showConnection('up');
    for (const request of data.requests.items) if (request.status !== 'pending') answers.decided(request);
    followCalls();
  },
  lost: (reason) => {
    calls?.abort();
    if (document.visibilityState === 'visible' || up) showConnection('down', reason);
  },
  refused: () => close('The server does not take the token of this page: it is of another server or another workspace, or not the current one.'),
  happened: async (events) => {
    if (events.some(({ type }) => /^(clock_changed|reset|restored)$/u.test(type))) clock.read().catch(() => {});
    await data.happened(events);
    for (const { request_uuid: uuid, type } of events) {
      const request = uuid && data.requests.get(uuid);
      if (request && request.status !== 'pending') answers.decided(request);
      if (request && type === 'one_touch_request_created') announce(request, events);
    }
  },
});

function announce(request, events) {
  const fresh = events.filter(({ type }) => type === 'one_touch_request_created').length;
  say(fresh > 1 ? `${fresh} new requests.` : `New request: ${line(request.message)}`);
}

/** Without a token there is nothing to show. */
function close(reason) {
  document.body.dataset.screen = 'closed';
  byID('closed').hidden = false;
  byID('closed-reason').textContent = reason;
  byID('closed').querySelector('h1').textContent = reason.includes('does not take') ? 'This link does not work any more' : 'This page has no token';
}

function tick() {
  for (const element of document.querySelectorAll('.countdown')) element.textContent = `expires in ${left(element.dataset.until)}`;
}
setInterval(() => {
  if (document.visibilityState !== 'visible') return;
  tick();
  clock.tick();
  list.tick();
}, 1000);

/** What single keys do, while nobody writes. It is also what the help says. */
const keys = [
  [['1–6'], 'a tab', null],
  [['j', 'k', '↑', '↓'], 'next and previous in the list', null],
  [['Home', 'End'], 'first and last (g, G)', null],
  [['Enter'], 'opens, on a narrow screen', null],
  [['/'], 'search', () => byID('search').focus()],
  [['n'], 'the next request that waits', nextWaiting],
  [['a'], 'approve', () => answer('approved')],
  [['d'], 'deny', () => answer('denied')],
  [['D'], 'deny with a reason', denyWithReason],
  [['u'], 'undo an answer that is held', () => selected() && answers.undo(selected().uuid)],
  [['r'], 'send a callback again', () => current.name === 'deliveries' && selected() && current.replay(selected())],
  [['c'], 'the clock', () => clock.open()],
  [['f'], 'faults', () => faults.open()],
  [['Esc'], 'back', null],
  [['?'], 'this help', help],
];

function help() {
  byID('help-dialog').showModal();
}

for (const [names, meaning] of keys) {
  byID('key-list').append(el('div', {}, el('dt', {}, ...names.flatMap((name) => [el('kbd', {}, name), ' '])), el('dd', {}, meaning)));
}

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat && 'ad'.includes(event.key)) return;
  if (!current || document.querySelector('dialog[open]')) return;
  if (event.key === 'Escape') {
    if (event.target.id === 'search' && event.target.value === '') list.focus();
    else if (byID('panel').classList.contains('opened')) back();
    return;
  }
  if (event.target.matches('input, select, textarea')) {
    if (event.target.id === 'search' && event.key === 'ArrowDown') list.focus();
    return;
  }
  const tab = tabs[Number(event.key) - 1];
  const work = keys.find(([names]) => names.includes(event.key))?.[2];
  if (tab) show(tab);
  else if (work) work();
  else if ((event.key === 'j' || event.key === 'k') && event.target.id !== 'list') list.move(event.key === 'j' ? 1 : -1);
  else return;
  event.preventDefault();
});

byID('search').addEventListener('input', () => {
  views.get(current).search = byID('search').value.trim();
  byID('list').scrollTop = 0;
  draw();
});
byID('filter').addEventListener('change', () => {
  views.get(current).filter = byID('filter').value;
  byID('list').scrollTop = 0;
  draw();
});
byID('retry').addEventListener('click', () => live.retry());
byID('open-help').addEventListener('click', help);
addEventListener('hashchange', () => { if (location.hash) location.reload(); });

if (!takeToken()) {
  close('It was opened without one, or was loaded anew.');
} else {
  document.body.dataset.screen = 'open';
  show(tabs[0]);
  live.run();
}
