// Which screen is shown, and what its buttons do.

import { Refusal, Unreachable } from './api.js';
import { fillMonogram } from './card.js';
import { Inbox } from './inbox.js';
import { Link, tellTabs } from './link.js';
import * as memory from './memory.js';
import { likelyName, register, remembered } from './phone.js';
import { visible, visibleLine } from './text.js';

const element = (id) => document.getElementById(id);

/** What a link can be refused for, in words that say what to do. */
const linkTrouble = {
  registration_used: 'This link was used already. A link pairs one phone, once.',
  registration_expired: 'This link has expired. It works for two minutes.',
  registration_not_found: 'The server does not know this link. It may be of another server, or of one that has forgotten everything since.',
};

let phone = null;
let inbox = null;
let link = null;
let up = false;
let leaving = false; // this tab is unpairing: that the phone is removed is no news

/** Shows one screen, and moves the focus to its title so that a screen reader begins there. */
function show(name) {
  for (const screen of document.querySelectorAll('main > section')) screen.hidden = screen.id !== name;
  element('phone-bar').hidden = name !== 'inbox';
  element('status').hidden = name !== 'inbox';
  document.body.dataset.screen = name;
  const title = element(name).querySelector('h1, h2');
  title.tabIndex = -1;
  title.focus({ preventScroll: true });
}

/** Has a screen reader say something. The region is emptied first, or the same words would not be said twice. */
function say(text) {
  const region = element('announcements');
  region.textContent = '';
  setTimeout(() => { region.textContent = text; }, 50);
}

/** Takes back what holds no more, unless something else was said since. */
function unsay(text) {
  const region = element('announcements');
  if (region.textContent === text) region.textContent = '';
}

/** What the link says: the token, and what to call the phone. It leaves the address bar and the history at once. */
function takeLink() {
  const [token, ...rest] = location.hash.slice(1).split('&');
  if (location.hash) history.replaceState(null, '', location.pathname);
  return { token, name: new URLSearchParams(rest.join('&')).get('name') ?? '' };
}

async function start() {
  const opened = takeLink();
  if (!window.isSecureContext || !window.crypto?.subtle) {
    await explainInsecure(opened);
    return;
  }
  try {
    phone = await remembered();
  } catch {
    show('forgetful');
    return;
  }
  if (opened.token) offer(opened);
  else if (phone) openInbox();
  else show('welcome');
}

/** Without a secure connection the browser has no keys. Says where there is one, and takes the link along. */
async function explainInsecure({ token, name }) {
  const about = await fetch('/phone/server.json').then((response) => response.json()).catch(() => ({}));
  const secure = about.secure_url ?? '';
  if (secure) {
    const rest = token ? `#${token}${name ? `&name=${encodeURIComponent(name)}` : ''}` : '';
    element('go-secure').href = `${secure}/phone/${rest}`;
  }
  element('with-tls').hidden = !secure;
  element('without-tls').hidden = Boolean(secure);
  show('insecure');
}

/** Offers to pair with a link. */
function offer({ token, name }) {
  element('phone-name').value = name || likelyName();
  element('replaces').hidden = !phone;
  if (phone) element('replaced').textContent = `${visibleLine(phone.name)} (${visibleLine(phone.appName)})`;
  element('keep').hidden = !phone;
  element('pair-error').hidden = true;
  element('pair-form').onsubmit = (event) => {
    event.preventDefault();
    pair(token, element('phone-name').value.trim().toWellFormed());
  };
  show('pair');
}

/** Pairs. A phone that this browser was before is removed once the new one exists, so that a bad link costs nothing. */
async function pair(token, name) {
  const button = element('pair-button');
  button.disabled = true;
  try {
    const former = phone;
    phone = await register(token, name);
    tellTabs('paired');
    await former?.unregister().catch(() => {}); // removed already, or of a server that is no more
    openInbox();
    say('This phone is paired.');
  } catch (error) {
    linkFailed(error);
  } finally {
    button.disabled = false;
  }
}

function linkFailed(error) {
  if (error instanceof Refusal && linkTrouble[error.code]) {
    element('link-trouble').textContent = linkTrouble[error.code];
    element('back-to-inbox').hidden = !phone;
    show('bad-link');
    return;
  }
  const known = error instanceof Refusal || error instanceof Unreachable;
  element('pair-error').textContent = known ? visibleLine(error.message) : 'This browser could not make or keep a key.';
  element('pair-error').hidden = false;
}

function openInbox() {
  close();
  up = false;
  element('app-name').textContent = visibleLine(phone.appName);
  element('own-name').textContent = visible(phone.name);
  element('numbers').textContent = `Device ${phone.id} · user ${phone.authyID}`;
  fillMonogram(element('app-logo'), phone.appName);
  inbox = new Inbox(phone, {
    say,
    unsay,
    trouble: () => (up ? '' : 'the server does not answer'),
    changed: () => link.share('changed'),
    refused: (error) => { if (error.code === 'access_token_invalid') removed(); },
  });
  show('inbox');
  showConnection();
  phone.learnTime().catch(() => {}); // the stream finds out what is wrong
  link = new Link(phone, {
    changed: () => inbox?.sync() ?? Promise.resolve(),
    up: (whether, reason) => {
      up = whether;
      showConnection(reason);
    },
    removed,
    paired: () => location.reload(),
  });
}

function close() {
  link?.end();
  inbox?.end();
  link = inbox = null;
  document.title = 'OneTouch phone';
}

/** Says whether the server is there. A first connection is given a moment before anything is called trouble. */
function showConnection(reason) {
  const status = element('status');
  const state = up ? 'up' : reason === undefined && status.dataset.state !== 'down' ? 'wait' : 'down';
  if (status.dataset.state === state && !reason) return;
  const before = status.dataset.state;
  status.dataset.state = state;
  status.textContent = { up: 'Connected', wait: 'Connecting…', down: 'Reconnecting…' }[state];
  element('gone').hidden = state !== 'down';
  if (state === 'down') element('gone-reason').textContent = visibleLine(reason || 'The server does not answer.');
  if (state === 'down' && before !== 'down') say('The connection to the server is lost. Trying again.');
  if (state === 'up' && before === 'down') say('The server is back.');
}

async function removed() {
  if (!phone || leaving) return;
  element('unpair-dialog').close();
  const { uuid } = phone;
  phone = null;
  close();
  await memory.forgetPhone(uuid).catch(() => {});
  show('removed');
  say('This phone was removed.');
}

/** Unpairs: first on the server, and without it only when its user insists. */
async function unpair(insist) {
  element('unpair-error').hidden = true;
  leaving = true;
  try {
    if (!insist) await phone.unregister();
  } catch (failure) {
    if (failure.code !== 'access_token_invalid') {
      element('unpair-error').textContent = `${visibleLine(failure.message)} The phone is still registered there.`;
      element('unpair-error').hidden = false;
      element('unpair-anyway').hidden = false;
      return;
    }
  } finally {
    leaving = false;
  }
  link.share('removed');
  const { uuid } = phone;
  phone = null;
  element('unpair-dialog').close();
  close();
  await memory.forgetPhone(uuid);
  show('welcome');
  say('This phone is unpaired.');
}

element('keep').addEventListener('click', openInbox);
element('back-to-inbox').addEventListener('click', openInbox);
element('retry').addEventListener('click', () => link?.retry());
element('unpair').addEventListener('click', () => {
  element('unpair-error').hidden = true;
  element('unpair-anyway').hidden = true;
  element('unpair-dialog').showModal();
});
element('unpair-cancel').addEventListener('click', () => element('unpair-dialog').close());
element('unpair-confirm').addEventListener('click', () => unpair(false));
element('unpair-anyway').addEventListener('click', () => unpair(true));
window.addEventListener('hashchange', () => {
  if (location.hash.length > 1) location.reload(); // a link that is opened where the page is open already
});

start();
