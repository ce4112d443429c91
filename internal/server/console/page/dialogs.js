// What is done to the server as a whole: its clock, and what goes wrong on purpose.

import { call, get } from './api.js';
import { button, byID, el, line } from './dom.js';
import { learn, moment, now } from './time.js';

export function opensDialogs() {
  for (const close of document.querySelectorAll('dialog .close')) close.addEventListener('click', () => close.closest('dialog').close());
}

/** Does something and says in the dialog why it could not be done. */
async function attempt(dialog, work) {
  const problem = dialog.querySelector('.problem');
  problem.hidden = true;
  try {
    await work();
  } catch (error) {
    problem.textContent = line(error.message);
    problem.hidden = false;
  }
}

const steps = { '1m': 'minute', '10m': '10 minutes', '1h': 'hour', '24h': 'day' };

export class ClockDialog {
  #dialog = byID('clock-dialog');
  #clock = null;

  constructor(say) {
    this.say = say;
    byID('open-clock').addEventListener('click', () => this.open());
    for (const [by, name] of Object.entries(steps)) byID('clock-steps').append(button(`+ ${name}`, () => this.#advance(by), { 'data-by': by }));
    byID('clock-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#advance(byID('clock-by').value.trim());
    });
    byID('clock-freeze').addEventListener('click', () => this.#do(this.#clock?.frozen ? 'resume' : 'freeze', this.#clock?.frozen ? 'The clock runs.' : 'The clock stands still.'));
  }

  async open() {
    this.#dialog.showModal();
    await attempt(this.#dialog, () => this.read());
  }

  #advance(duration) {
    return this.#do('advance', 'The clock was moved.', { duration });
  }

  #do(what, done, body) {
    return attempt(this.#dialog, async () => {
      this.#take(await call('POST', `/clock/${what}`, body));
      this.say(done);
    });
  }

  async read() {
    this.#take(await get('/clock'));
  }

  #take(clock) {
    this.#clock = clock;
    learn(clock);
    const ahead = Math.round(clock.ahead_ms / 1000);
    byID('clock-how').textContent = [clock.frozen ? 'It stands still.' : 'It runs.', Math.abs(ahead) > 1 && `It is ${spanOf(Math.abs(ahead))} ${ahead > 0 ? 'ahead of' : 'behind'} this machine’s.`].filter(Boolean).join(' ');
    byID('clock-freeze').textContent = clock.frozen ? 'Let it run' : 'Freeze it';
    byID('open-clock').classList.toggle('active', clock.frozen || Math.abs(ahead) > 1);
    this.tick();
  }

  tick() {
    if (!this.#clock) return;
    byID('clock-text').textContent = `${new Date(now()).toLocaleTimeString([], { timeStyle: 'medium' })}${this.#clock.frozen ? ' ❄' : ''}`;
    byID('clock-now').textContent = moment(now());
  }
}

function spanOf(seconds) {
  for (const [size, unit] of [[86400, 'day'], [3600, 'hour'], [60, 'minute']]) {
    if (seconds < size) continue;
    const n = Math.round(seconds / size);
    return `${n} ${unit}${n === 1 ? '' : 's'}`;
  }
  return `${seconds} seconds`;
}

/** What can go wrong: its name, what it is for the server, and which fields it has. */
const kinds = [
  ['Calls are refused by Authy’s error code', { error: true }, ['match', 'error']],
  ['Calls meet a gateway whose service is away', { status: true }, ['match', 'status']],
  ['Calls are slow', { latency: true }, ['match', 'delay']],
  ['Calls are cut off', { reset: true }, ['match']],
  ['Pushes are lost', { push: 'lost' }, []], ['Pushes come twice', { push: 'doubled' }, []],
  ['Callbacks are lost', { callback: 'lost' }, []], ['Callbacks come twice', { callback: 'doubled' }, []],
  ['Callbacks come late', { callback: 'late' }, ['delay']], ['Callbacks come in another order', { callback: 'reordered' }, ['delay']],
];

function inWords({ match, push, callback, does, times, probability }) {
  const what = match || (push || callback ? '' : 'Every call of the Authy API');
  const often = times > 0 ? `, ${times} time${times === 1 ? '' : 's'}` : '';
  return `${what}${what && ': '}${does}${often}${probability < 1 ? `, with probability ${probability}` : ''}`;
}

export class FaultsDialog {
  #dialog = byID('faults-dialog');

  constructor(data, say) {
    Object.assign(this, { data, say });
    byID('open-faults').addEventListener('click', () => this.open());
    const what = byID('fault-what');
    for (const [index, [name]] of kinds.entries()) what.append(el('option', { value: index }, name));
    what.addEventListener('change', () => this.#showFields());
    byID('fault-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#do(() => call('POST', '/faults', this.#fault()), 'The fault is in force.');
    });
    byID('fault-clear').addEventListener('click', () => this.#do(() => call('DELETE', '/faults'), 'All faults are ended.'));
    this.#showFields();
  }

  async open() {
    this.#dialog.showModal();
    await attempt(this.#dialog, () => this.data.readFaults());
  }

  #showFields() {
    const [, , fields] = kinds[byID('fault-what').value || 0];
    for (const field of this.#dialog.querySelectorAll('[data-field]')) field.hidden = field.dataset.field !== 'times' && !fields.includes(field.dataset.field);
  }

  #fault() {
    const [, rule, fields] = kinds[byID('fault-what').value];
    const number = (id) => Number(byID(id).value) || 0;
    return {
      times: number('fault-times'), match: fields.includes('match') ? byID('fault-match').value.trim() : '',
      ...(rule.error && { error: byID('fault-error').value.trim() }), ...(rule.status && { status: number('fault-status') }),
      ...(rule.latency && { latency_ms: number('fault-delay') }), ...(rule.reset && { reset: true }),
      ...(rule.push && { push: rule.push }),
      ...(rule.callback && { callback: rule.callback, ...(fields.includes('delay') && { delay_ms: number('fault-delay') }) }),
    };
  }

  #do(work, done) {
    return attempt(this.#dialog, async () => {
      await work();
      await this.data.readFaults();
      this.say(done);
    });
  }

  /** Shows the faults in force. */
  show() {
    const { faults } = this.data;
    byID('faults-text').textContent = faults.length > 0 ? `Faults ${faults.length}` : 'Faults';
    byID('open-faults').classList.toggle('active', faults.length > 0);
    byID('fault-clear').disabled = faults.length === 0;
    byID('fault-list').replaceChildren(...(faults.length > 0 ? faults.map((fault) => el('li', {}, el('span', { dir: 'auto' }, line(inWords(fault))),
      button('Remove', () => this.#do(() => call('DELETE', `/faults/${fault.id}`), 'The fault is ended.'), { class: 'small', 'aria-label': `Remove fault ${fault.id}` })))
      : [el('li', { class: 'quiet' }, 'Nothing does.')]));
  }
}
