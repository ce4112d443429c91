// One approval request on the screen.

import { Held, holdTime } from './held.js';
import { countdown, moment, visible, visibleLine } from './text.js';

const armTime = 400; // milliseconds: a press was meant for what stood there before

const words = { approved: { now: 'Approving', done: 'Approved' }, denied: { now: 'Denying', done: 'Denied' }, expired: { done: 'Expired' } };

const inAMoment = (status) => `${words[status].now} in a moment. Press U to undo.`;

/** Makes a copy of a template of the page. */
export function fromTemplate(id) {
  return document.getElementById(id).content.firstElementChild.cloneNode(true);
}

/** A request as it is shown: nothing else of it is ever signed. */
export function shownOf(request) {
  return { uuid: request.uuid, appName: request.app_name, message: request.message, details: request.details };
}

/** The details as rows of names and values, each with a reading direction of its own. */
function fillDetails(list, details) {
  for (const [name, value] of Object.entries(details)) {
    const row = document.createElement('div');
    const term = document.createElement('dt');
    const meaning = document.createElement('dd');
    for (const [element, text] of [[term, name], [meaning, value]]) {
      element.dir = 'auto';
      element.textContent = visible(text);
    }
    row.append(term, meaning);
    list.append(row);
  }
  list.hidden = list.childElementCount === 0;
}

/** The first letter of a name, where no logo is shown. */
function monogram(name) {
  const [first] = new Intl.Segmenter().segment(visibleLine(name).trim());
  return first?.segment.toUpperCase() ?? '?';
}

export function fillMonogram(element, name) {
  element.textContent = monogram(name);
}

export class Card {
  #held = null;
  #sending = false;
  #timer;

  /**
   * hooks: send(shown, status, reason), which returns a promise; say(text) for screen readers, and unsay(text) when it holds no more; canSend() returns why an
   * answer cannot be sent now, or ""; logos with agreed(host) and agree(host).
   */
  constructor(request, hooks) {
    this.hooks = hooks;
    this.shown = shownOf(request);
    this.expires = request.expiration_timestamp;
    this.element = fromTemplate('card-template');
    this.#fill(request);
    this.#listen();
    this.disarm();
  }

  get uuid() {
    return this.shown.uuid;
  }

  #find(name) {
    return this.element.querySelector(`.${name}`);
  }

  #fill(request) {
    const { appName, message, details } = this.shown;
    const title = this.#find('app');
    title.textContent = visibleLine(appName);
    title.id = `app-${this.uuid}`;
    const question = this.#find('message');
    question.textContent = visible(message);
    question.id = `message-${this.uuid}`;
    this.element.setAttribute('aria-labelledby', `${title.id} ${question.id}`);
    for (const button of this.element.querySelectorAll('.approve, .deny')) button.setAttribute('aria-describedby', question.id);
    this.#find('when').textContent = moment(request.creation_date);
    fillMonogram(this.#find('logo'), appName);
    fillDetails(this.#find('details'), details);
    this.#find('reason-text').id = `reason-${this.uuid}`;
    this.#find('reason-label').htmlFor = `reason-${this.uuid}`;
    this.#offerLogo(request.logos);
  }

  /** A logo is somewhere else, and whoever keeps it would learn this phone's address. So it is loaded when its user says so. */
  async #offerLogo(logos) {
    const url = logoURL(logos);
    if (!url) return;
    if (await this.hooks.logos.agreed(url.host)) {
      this.#showLogo(url);
      return;
    }
    const ask = this.#find('show-logo');
    ask.textContent = `Show the logo from ${visibleLine(url.host)}`;
    ask.hidden = false;
    ask.addEventListener('click', async () => {
      ask.hidden = true;
      await this.hooks.logos.agree(url.host);
      this.#showLogo(url);
    });
  }

  #showLogo(url) {
    const picture = new Image();
    picture.referrerPolicy = 'no-referrer';
    picture.alt = '';
    picture.onload = () => this.#find('logo').replaceChildren(picture);
    picture.src = url.href;
  }

  #listen() {
    const on = (name, event, work) => this.#find(name).addEventListener(event, work);
    on('approve', 'click', () => this.press('approved'));
    on('deny', 'click', () => this.press('denied', this.#reason()));
    on('undo', 'click', () => this.undo());
    on('open-reason', 'click', () => this.#openReason(this.#find('reason').hidden));
    on('reason', 'submit', (event) => {
      event.preventDefault();
      this.press('denied', this.#reason());
    });
    on('reason', 'keydown', (event) => {
      if (event.key === 'Escape') this.#openReason(false);
    });
    this.element.addEventListener('keydown', (event) => this.#key(event));
  }

  /** Single keys count only while the focus is in the card, and not while somebody writes. */
  #key(event) {
    const work = { a: () => this.press('approved'), d: () => this.press('denied', this.#reason()), u: () => this.undo() }[event.key.toLowerCase()];
    if (!work || event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.target.matches('input')) return;
    event.preventDefault();
    work();
  }

  /** What was written as the reason to deny, whichever button denies. */
  #reason() {
    if (this.#held?.status === 'denied') return this.#held.reason;
    return this.#find('reason').hidden ? '' : this.#find('reason-text').value.trim().toWellFormed();
  }

  #showReason(open) {
    this.#find('reason').hidden = !open;
    this.#find('open-reason').setAttribute('aria-expanded', String(open));
  }

  #openReason(open) {
    this.#showReason(open);
    this.#find(open ? 'reason-text' : 'open-reason').focus();
  }

  /** Ignores presses for a moment: the card has just moved. */
  disarm() {
    clearTimeout(this.#timer);
    this.element.classList.add('arming');
    this.#timer = setTimeout(() => this.element.classList.remove('arming'), armTime);
  }

  /** One press of a button, or of its key. */
  press(status, reason = '') {
    if (this.#sending || this.element.classList.contains('arming')) return;
    this.remark('');
    if (this.#held?.status === status && this.#held.reason === reason) {
      this.#held.pressAgain();
      return;
    }
    this.#held?.drop();
    this.#held = new Held(status, reason, {
      send: () => this.#send(status, reason),
      missed: () => this.#notSent('the page was asleep meanwhile'),
    });
    this.#showHeld();
    this.hooks.say(inAMoment(status));
  }

  undo() {
    if (!this.#held) return;
    const { status } = this.#held;
    this.#release();
    this.hooks.say('Taken back. Nothing was sent.');
    this.#find(status === 'approved' ? 'approve' : 'deny').focus();
  }

  #release() {
    const reason = this.#held?.reason;
    this.#held?.drop();
    this.#held = null;
    this.#showHeld();
    if (reason) this.#showReason(true);
  }

  /** Whether an answer is on its way, and lost if the page goes. */
  get busy() {
    return this.#held !== null || Boolean(this.#sending);
  }

  #showHeld() {
    const status = this.#sending || this.#held?.status || '';
    const moved = !this.#held && this.element.contains(document.activeElement) && document.activeElement.matches('.undo');
    this.element.dataset.answer = status;
    this.element.style.setProperty('--hold', `${holdTime}ms`);
    this.#find('approve').firstElementChild.textContent = status === 'approved' ? 'Approving…' : 'Approve';
    this.#find('deny').firstElementChild.textContent = status === 'denied' ? 'Denying…' : 'Deny';
    this.#find('undo').hidden = !this.#held;
    this.#find('open-reason').hidden = status !== '';
    if (status) this.#showReason(false);
    if (moved) this.element.focus();
  }

  async #send(status, reason) {
    const trouble = this.hooks.canSend();
    if (trouble) {
      this.#notSent(trouble);
      return;
    }
    this.#held = null;
    this.#sending = status;
    this.#showHeld();
    const problem = await this.hooks.send(this.shown, status, reason);
    this.#sending = false;
    this.#showHeld();
    if (!problem) return;
    if (reason) this.#showReason(true);
    this.remark(problem);
  }

  #notSent(reason) {
    this.#release();
    this.remark(`Not sent: ${reason}. Answer again.`);
  }

  /** Says what went wrong, as an alert; "" takes it back. */
  remark(text) {
    if (text) for (const status of ['approved', 'denied']) this.hooks.unsay(inAMoment(status));
    const element = this.#find('remark');
    element.textContent = text;
    element.hidden = text === '';
  }

  /** Shows how long is left, and returns whether the time is over. */
  tick(now) {
    if (!this.expires) return false;
    const left = this.expires - now;
    this.#find('countdown').hidden = false;
    this.#find('left').textContent = countdown(left);
    this.element.classList.toggle('urgent', left < 30);
    return left <= 0;
  }

  /** The request is no longer pending, whoever answered it. Returns whether an answer was held that now counts for nothing. */
  end() {
    const held = this.#held !== null;
    this.#held?.drop();
    clearTimeout(this.#timer);
    this.element.remove();
    return held;
  }
}

function logoURL(logos) {
  const best = ['high', 'med', 'default', 'low'];
  const sorted = [...logos].sort((a, b) => best.indexOf(a.res) - best.indexOf(b.res));
  for (const { url } of sorted) {
    if (URL.canParse(url) && /^https?:$/u.test(new URL(url).protocol)) return new URL(url);
  }
  return null;
}

/** A decided request, as a line that opens. */
export function pastOf(request, phone) {
  const element = fromTemplate('past-template');
  const here = request.device_uuid === phone.uuid || !request.device_uuid;
  const reason = request.reason ? ` Reason: ${visible(request.reason)}` : '';
  element.dataset.status = request.status;
  element.querySelector('.status').textContent = words[request.status].done;
  element.querySelector('.message').textContent = visible(request.message);
  element.querySelector('.when').textContent =
    (here ? '' : 'On another phone. ') + moment(request.signing_time ?? request.expiration_timestamp) + reason;
  fillDetails(element.querySelector('.details'), request.details);
  return element;
}
