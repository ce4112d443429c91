// What is shown, and what its buttons do. Whatever others have written is put in as text, never as HTML.

import { change, listen, look, Refusal } from './api.js';

const element = (id) => document.getElementById(id);
const capital = (name) => name[0].toUpperCase() + name.slice(1);

const retry = 1000;
let view = null;
let ahead = 0; // of the bank's clock, in milliseconds
let shown = '';
let looking = null;
let lookAgain = false;
let changing = null; // ID of the transfer that is being changed
let key = crypto.randomUUID(); // of the form of transfers: sent twice, it is one transfer

/** Has a screen reader say something. The region is emptied first, or the same words would not be said twice. */
function say(text) {
  const region = element('announcements');
  region.textContent = '';
  setTimeout(() => { region.textContent = text; }, 50);
}

/** Shows one screen. When it is another one, the focus goes to its title. */
function show(name) {
  if (shown === name) return;
  shown = name;
  for (const screen of document.querySelectorAll('main > section')) screen.hidden = screen.id !== name;
  document.body.dataset.screen = name;
  element(name).querySelector('h1').focus({ preventScroll: true });
}

/** Looks, once at a time. */
function refresh() {
  if (looking) {
    lookAgain = true;
    return looking;
  }
  looking = (async () => {
    try {
      do {
        lookAgain = false;
        render(await look());
        await finish();
      } while (lookAgain);
      reached(true);
    } catch {
      reached(false);
      setTimeout(refresh, retry); // no other news may come
    } finally {
      looking = null;
    }
  })();
  return looking;
}

function reached(whether) {
  element('gone').hidden = whether;
}

/** Goes in once the phone has said yes: the answer to this call brings the cookie of the new session. */
async function finish() {
  if (view.login?.status !== 'approved') return;
  try {
    await change('/login/finish');
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // Another tab of this browser was faster, or it was too late: a look tells.
    await change('/login/cancel').catch(() => {});
  }
  lookAgain = true;
}

function render(next) {
  const before = view;
  view = next;
  ahead = Date.parse(view.now) - Date.now();
  for (const at of document.querySelectorAll('.limit')) at.textContent = view.limit;
  for (const at of document.querySelectorAll('.joint-limit')) at.textContent = view.joint_limit;
  element('who').hidden = !view.customer;
  if (view.customer) renderHome(before?.customer);
  else if (view.login) renderWait(before?.login);
  else renderDoor();
  tick();
}

function renderDoor() {
  show('door');
  const chosen = ['login', 'passwordless', 'signup'].find((name) => location.hash === `#${name}`) ?? 'signup';
  for (const form of document.querySelectorAll('#door form')) form.hidden = form.id !== chosen;
  for (const tab of document.querySelectorAll('#door [role=tab]')) {
    const selected = tab.id === `tab-${chosen}`;
    tab.ariaSelected = String(selected);
    tab.tabIndex = selected ? 0 : -1;
  }
}

const waitWords = {
  pending: ['Check your phone', 'Approve only if it shows this code.'],
  approved: ['Approved', 'Going in…'],
  denied: ['It was denied', 'Somebody said no on the phone. Nobody was let in.'],
  expired: ['Nobody answered', 'The request has expired. Nobody was let in.'],
};

function renderWait(before) {
  show('wait');
  const { login } = view;
  const [title, text] = waitWords[login.status];
  const pending = login.status === 'pending';
  element('wait').dataset.status = login.status;
  element('wait-flow').textContent = login.flow === 'passwordless' ? 'Log in without a password' : 'The second factor';
  element('wait-title').textContent = title;
  element('wait-text').textContent = text;
  element('wait-code').querySelector('b').textContent = login.code;
  for (const id of ['wait-code', 'wait-left', 'wait-phone']) element(id).hidden = !pending;
  element('wait-left').dataset.until = login.expires_at;
  element('wait-phone').href = login.phone;
  element('wait-cancel').textContent = pending ? 'Cancel' : 'Back';
  renderStory(element('wait-story'), login.story);
  if (before?.status !== login.status || before?.code !== login.code) say(pending ? `${title}. The code is ${login.code}.` : `${title}. ${text}`);
}

function renderStory(story, steps) {
  story.querySelector('ol').replaceChildren(...steps.map((step) => {
    const item = document.createElement('li');
    const time = document.createElement('time');
    time.dateTime = step.at;
    time.textContent = new Date(step.at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });
    const text = document.createElement('bdi');
    text.textContent = step.text;
    item.append(time, text);
    return item;
  }));
}

const answersWords = {
  callback: 'This bank hears of answers by callback, and asks only once a request has expired.',
  poll: 'This bank hears of answers by polling: it asks again and again.',
  both: 'This bank hears of answers by callback and by polling: what comes first counts.',
};

function renderHome(before) {
  show('home');
  const { customer } = view;
  element('who-name').textContent = capital(customer.name);
  element('hello').textContent = capital(customer.name);
  element('available').textContent = customer.available;
  element('held').textContent = customer.available === customer.balance ? 'available'
    : `available of ${customer.balance}: the rest waits for an approval`;
  element('answers').textContent = answersWords[view.answers];
  element('nudge').hidden = customer.phones[0].has;
  renderPhones(customer.phones);
  renderTransfers(customer.transfers, before?.transfers ?? []);
}

function renderPhones(phones) {
  const list = element('phones');
  for (const phone of phones) {
    let item = [...list.children].find((one) => one.dataset.name === phone.name);
    if (!item) {
      item = element('phone-template').content.firstElementChild.cloneNode(true);
      item.dataset.name = phone.name;
      item.querySelector('button').onclick = () => setUp(item, phone);
      list.append(item);
    }
    const name = phone.own ? 'Your phone' : `${capital(phone.name)}’s phone`;
    const link = item.querySelector('a');
    if (phone.has || !link.dataset.token) link.href = phone.link;
    if (phone.has) delete link.dataset.token;
    const ready = phone.has || Boolean(link.dataset.token);
    link.hidden = !ready;
    link.ariaLabel = `Open ${name}`;
    item.querySelector('button').hidden = ready;
    item.querySelector('button').ariaLabel = `Set up ${name}`;
    item.querySelector('.avatar').textContent = capital(phone.name)[0];
    item.querySelector('b').textContent = name;
    item.querySelector('small').textContent = phone.has ? 'set up' : (link.dataset.token ? 'open it and press “Pair”' : 'not set up');
    item.dataset.has = phone.has;
  }
  for (const item of [...list.children]) {
    if (!phones.some((phone) => phone.name === item.dataset.name)) item.remove();
  }
}

/** Gets a registration token for a phone; the link opens the phone with it. */
async function setUp(item, phone) {
  const remark = element('phones-card').querySelector('.remark');
  const button = item.querySelector('button');
  remark.hidden = true;
  button.disabled = true;
  try {
    const { link } = await change(phone.own ? '/registration' : `/phones/${encodeURIComponent(phone.name)}`);
    const open = item.querySelector('a');
    open.href = link;
    open.dataset.token = 'yes';
    renderPhones(view.customer.phones);
    open.focus();
  } catch (error) {
    complain(remark, error);
  } finally {
    button.disabled = false;
  }
}

const stateWords = {
  done: 'Carried out', denied: 'Denied', expired: 'Expired', replaced: 'Changed', cancelled: 'Cancelled', failed: 'Not asked',
};
const statusWords = { pending: 'is asked', approved: 'approved', denied: 'denied', expired: 'did not answer' };

function badge(transfer) {
  if (transfer.state !== 'waiting') return stateWords[transfer.state];
  return transfer.answers.length > 1 ? `Waiting for ${transfer.needed} of ${transfer.answers.length} people` : 'Waiting for your phone';
}

function renderTransfers(transfers, before) {
  element('no-transfers').hidden = transfers.length > 0;
  const list = element('transfers');
  const shownBefore = new Map([...list.children].map((article) => [article.dataset.id, article]));
  transfers.forEach((transfer, place) => {
    const article = shownBefore.get(transfer.id) ?? newTransfer(transfer.id);
    if (list.children[place] !== article) list.insertBefore(article, list.children[place] ?? null);
    renderTransfer(article, transfer);
    const former = before.find((one) => one.id === transfer.id);
    if (former?.state !== transfer.state) say(`${transfer.amount} to ${transfer.to}: ${badge(transfer)}.`);
    shownBefore.delete(transfer.id);
  });
  for (const gone of shownBefore.values()) gone.remove();
  if (changing && !transfers.some((one) => one.id === changing && one.state === 'waiting')) leaveChange();
}

function newTransfer(id) {
  const article = element('transfer-template').content.firstElementChild.cloneNode(true);
  article.dataset.id = id;
  article.querySelector('.change').onclick = () => beginChange(id);
  article.querySelector('.cancel').onclick = async (event) => {
    event.target.disabled = true;
    await change(`/transfers/${id}/cancel`).catch(() => {}); // it is decided already: a look tells
    await refresh();
    event.target.disabled = false;
  };
  return article;
}

function renderTransfer(article, transfer) {
  const content = JSON.stringify(transfer);
  if (article.dataset.content === content) return;
  article.dataset.content = content;
  article.dataset.state = transfer.state;
  article.querySelector('.to').textContent = transfer.to;
  article.querySelector('.amount').textContent = transfer.amount;
  article.querySelector('.memo').textContent = transfer.memo;
  article.querySelector('.memo').hidden = !transfer.memo;
  article.querySelector('.badge').textContent = badge(transfer);
  const waiting = transfer.state === 'waiting';
  article.querySelector('.left').hidden = !waiting;
  article.querySelector('.left').dataset.until = transfer.expires_at;
  article.querySelector('.waiting-only').hidden = !waiting;
  article.querySelector('.own-phone').href = view.customer.phones[0].link;
  article.querySelector('.own-phone').hidden = !view.customer.phones[0].has;
  article.querySelector('.people').hidden = transfer.answers.length === 0;
  article.querySelector('.people').replaceChildren(...transfer.answers.map((answer) => {
    const item = document.createElement('li');
    item.dataset.status = answer.status;
    item.textContent = `${capital(answer.name)} ${statusWords[answer.status]}`;
    return item;
  }));
  renderStory(article.querySelector('.story'), transfer.story);
}

function beginChange(id) {
  const transfer = view.customer.transfers.find((one) => one.id === id);
  const form = element('transfer');
  changing = id;
  key = crypto.randomUUID();
  form.elements.to.value = transfer.to;
  form.elements.amount.value = transfer.amount;
  form.elements.memo.value = transfer.memo;
  renderForm();
  form.elements.amount.focus();
  form.elements.amount.select();
}

function leaveChange() {
  changing = null;
  key = crypto.randomUUID();
  element('transfer').reset();
  renderForm();
}

function renderForm() {
  element('transfer').classList.toggle('changing', Boolean(changing));
  element('transfer-title').textContent = changing ? 'Change the transfer' : 'Send money';
  element('transfer-send').textContent = changing ? 'Ask again, with the changes' : 'Send';
  element('transfer-keep').hidden = !changing;
}

function complain(remark, error) {
  remark.textContent = error.message;
  remark.hidden = false;
}

/** Has a form do something, once at a time. */
function onSubmit(form, send) {
  const remark = form.querySelector('.remark');
  const button = form.querySelector('button.main');
  form.onsubmit = async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    remark.hidden = true;
    try {
      await send(Object.fromEntries(new FormData(form)));
      form.reset();
    } catch (error) {
      complain(remark, error);
    } finally {
      await refresh();
      button.disabled = false;
    }
  };
}

/** Every second: how much time is left. */
function tick() {
  for (const at of document.querySelectorAll('.left[data-until]')) {
    const left = Math.max(0, Date.parse(at.dataset.until) - Date.now() - ahead) / 1000;
    at.dataset.from ||= String(Math.max(1, left));
    at.querySelector('progress').value = left / Number(at.dataset.from);
    const seconds = Math.ceil(left);
    at.querySelector('span').textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')} left`;
  }
}

onSubmit(element('signup'), (typed) => change('/signup', typed));
onSubmit(element('login'), (typed) => change('/login', typed));
onSubmit(element('passwordless'), (typed) => change('/login/passwordless', typed));
onSubmit(element('transfer'), async (typed) => {
  const path = changing ? `/transfers/${changing}/change` : '/transfers';
  try {
    await change(path, { ...typed, key });
  } catch (error) {
    if (error.answered) key = crypto.randomUUID(); // it is no transfer; without an answer it may be one
    throw error;
  }
  changing = null;
  key = crypto.randomUUID();
  renderForm();
});
element('nudge-set-up').onclick = () => {
  const [own] = element('phones').children;
  if (own.querySelector('a').hidden) own.querySelector('button').click();
  else own.querySelector('a').focus();
};
element('transfer-keep').onclick = leaveChange;
element('wait-cancel').onclick = () => change('/login/cancel').catch(() => {}).then(refresh);
element('logout').onclick = () => change('/logout').catch(() => {}).then(refresh);
element('door').querySelector('.tabs').onkeydown = (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const tabs = [...document.querySelectorAll('#door [role=tab]')];
  const next = tabs[(tabs.findIndex((tab) => tab.ariaSelected === 'true') + step + tabs.length) % tabs.length];
  next.click();
  next.focus();
};
window.onhashchange = () => { if (view && !view.customer && !view.login) renderDoor(); };
window.onpageshow = (event) => { if (event.persisted) refresh(); }; // the back button brought an old page
setInterval(tick, 1000);
refresh().then(() => listen(refresh, reached));
