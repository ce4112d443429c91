// The tabs of what the server sends, and of what it is asked.

import { call, get } from './api.js';
import { button, el, facts, line, message, part, pill, pretty } from './dom.js';
import { age, moment, took } from './time.js';

const signed = ['callback', 'replay', 'ping']; // what can be sent again

function target(data, d) {
  if (d.url === '') return d.device_id ? data.deviceName(d.device_id) : 'the inbox';
  return `${d.method} ${d.url}`;
}

/** How a delivery stands, for a colour and in words. */
export function stateOf(d) {
  if (d.state === 'pending' && d.obsolete) return ['expired', 'not needed'];
  if (d.state === 'pending' && d.attempts.length > 0) return ['retry', 'tried, comes again'];
  return [d.state, d.state];
}

/** What took the time of an attempt, as a bar. */
function phases(attempt) {
  const names = { lookup_ms: 'lookup', connect_ms: 'connect', tls_ms: 'TLS', send_ms: 'send', wait_ms: 'wait', receive_ms: 'receive' };
  const parts = Object.entries(names).map(([key, name]) => [name, attempt.phases[key]]).filter(([, ms]) => ms > 0);
  if (parts.length === 0) return null;
  const bar = el('div', { class: 'bar', 'aria-hidden': 'true' });
  for (const [name, ms] of parts) {
    const piece = el('span', { 'data-phase': name });
    piece.style.flexGrow = ms;
    bar.append(piece);
  }
  return el('div', {}, bar, el('p', { class: 'quiet' }, parts.map(([name, ms]) => `${name} ${took(ms)}`).join(' · ') + (attempt.phases.reused ? ' · connection reused' : '')));
}

function attemptPart(attempt) {
  const { request } = attempt;
  const answer = attempt.status_code ? message('Response', `← ${attempt.status_code}`, attempt.response_headers, attempt.response)
    : el('div', { class: 'message-block' }, el('h4', {}, 'Response'), el('p', { class: 'quiet' }, 'There was none.'));
  return part(`Attempt ${attempt.number}`,
    el('p', { class: 'over' }, pill(attempt.error ? 'failed' : 'sent', attempt.status_code ? `HTTP ${attempt.status_code}` : attempt.error ? 'failed' : 'sent'),
      el('span', { class: 'quiet' }, `${moment(attempt.started_at)} · ${took(attempt.duration_ms)}`)),
    attempt.error ? el('p', { class: 'remark' }, line(attempt.error)) : null, phases(attempt),
    request ? el('div', { class: 'sides' },
      message(request.same ? 'Request' : 'Request (what it is about has changed since)', `→ ${request.method} ${request.url}`, request.headers, request.body), answer) : null);
}

export function deliveriesTab(page) {
  const { data, say, open } = page;
  const whole = new Map(); // by ID: {of, delivery} as it was read with what was sent

  /** Reads a delivery with what was sent, unless that is known as it stands. */
  function read(d) {
    const known = whole.get(d.id);
    if (known?.of === d) return known.delivery;
    whole.set(d.id, { of: d, delivery: known?.delivery });
    if (whole.size > 50) whole.delete(whole.keys().next().value);
    get(`/deliveries/${d.id}`).then((delivery) => {
      whole.set(d.id, { of: d, delivery });
      page.changed('deliveries');
    }).catch(() => {}); // it is read again with the next change
    return known?.delivery;
  }

  async function replay(d) {
    if (!signed.includes(d.kind)) {
      say(`A ${d.kind} is not sent again: only callbacks are.`);
      return;
    }
    try {
      const again = await call('POST', `/deliveries/${d.id}/replay`, {});
      await data.readDeliveries();
      say(`Delivery ${d.id} is sent again, as delivery ${again.id}.`);
      open('deliveries', again.id);
    } catch (error) {
      say(`Not sent again: ${line(error.message)}`);
    }
  }

  return {
    name: 'deliveries', title: 'Deliveries', items: () => data.deliveries.items, known: () => data.deliveries.known, key: (d) => String(d.id), replay,
    row: (d) => {
      const last = d.attempts.at(-1);
      return [el('span', { class: 'sign', 'data-state': stateOf(d)[0] }),
        el('span', { class: 'what' }, el('b', { dir: 'auto' }, `${d.kind} ${d.event ? `of ${line(d.event)}` : ''}`), el('small', { dir: 'auto' }, `${last?.status_code || stateOf(d)[1]} · ${line(target(data, d))}`)),
        el('span', { class: 'when' }, age(d.created_at))];
    },
    when: (d) => age(d.created_at),
    filters: [['', 'All'], ['pending', 'Pending'], ['sent', 'Sent'], ['failed', 'Given up'], ['callback', 'Callbacks'], ['push', 'Pushes'], ['webhook', 'Webhooks'], ['verify_event', 'Verify’s webhooks'], ['replay', 'Replays'], ['ping', 'Pings']],
    passes: (d, filter) => d.state === filter || d.kind === filter,
    words: (d) => [d.kind, d.state, d.url, d.request_uuid, d.last_error, d.event, d.id],
    empty: () => ['Nothing yet: callbacks, pushes and webhooks appear here. Where callbacks go is a setting of the server:', 'onetouch serve --callback-url http://127.0.0.1:3000/callback'],
    count: () => data.deliveries.items.reduce((count, { owed }) => count + (owed ? 1 : 0), 0) || '', most: 1000,
    parts: (d) => {
      const full = read(d);
      const attempts = (full?.attempts ?? d.attempts).toReversed();
      return [
        ['head', d, () => part('', el('p', { class: 'over' }, pill(...stateOf(d)), el('span', { class: 'quiet' }, `${d.kind} ${d.id}`)),
          el('h2', { dir: 'auto' }, line(target(data, d))),
          d.obsolete ? el('p', { class: 'note' }, line(d.obsolete)) : null, d.last_error && d.state !== 'sent' ? el('p', { class: 'remark' }, line(d.last_error)) : null,
          signed.includes(d.kind) ? el('div', { class: 'choices start' }, button('Send again', () => replay(d), { class: 'replay main', 'data-focus': 'replay' })) : null,
          facts([['Owed since', moment(d.created_at)], ['Next attempt', moment(d.next_attempt_at)], ['Finished', moment(d.finished_at)], ['Fault', d.fault],
            ['Event', d.event], ['Application', data.appName(d.app_id)],
            ['Request', d.request_uuid ? button(line(d.request_uuid), () => open('requests', d.request_uuid), { class: 'link' }) : '']]))],
        ...attempts.map((attempt) => [`attempt-${attempt.number}`, attempt, () => attemptPart(attempt)]),
        ['payload', full?.payload ?? '', () => (full?.payload ? part('Payload', el('pre', { class: 'mono', tabindex: '0', dir: 'auto' }, pretty(full.payload))) : null)],
      ];
    },
  };
}

export function trafficTab({ data, open }) {
  const state = (c) => (c.open ? 'pending' : c.status === 0 || c.status >= 500 ? 'failed' : c.status >= 400 ? 'retry' : 'sent');
  const caller = (c) => (c.device_id ? data.deviceName(c.device_id) : c.authy_id ? data.userName(c.authy_id) : data.appName(c.app_id) ?? '');
  const status = (c) => (c.open ? 'open' : c.status || 'no answer');
  const classes = [['', 'All'], ['authy', 'Authy API'], ['device', 'Device API'], ['verify', 'Verify API'], ['callback', 'Callbacks'], ['push', 'Pushes'], ['wrong', '4xx, 5xx, none'], ['fault', 'Struck by a fault']];
  return {
    name: 'traffic', title: 'Traffic', items: () => data.traffic.items, known: () => data.traffic.known, key: (c) => String(c.id),
    row: (c) => [el('span', { class: 'sign', 'data-state': state(c) }),
      el('span', { class: 'what' }, el('b', { class: 'mono', dir: 'ltr' }, `${c.method} ${line(c.path)}`), el('small', { dir: 'auto' }, `${status(c)} · ${line(caller(c))}${c.fault ? ` · fault: ${line(c.fault)}` : ''}`)),
      el('span', { class: 'when' }, age(c.at))],
    when: (c) => age(c.at),
    filters: classes, passes: (c, filter) => c.api === filter || (filter === 'fault' ? c.fault !== '' : filter === 'wrong' && !c.open && (c.status === 0 || c.status >= 400)),
    words: (c) => [`${c.method} ${c.path}`, c.status, c.error_code, c.api, c.request_uuid, c.fault, caller(c), c.request_body, c.response_body],
    empty: () => ['No call yet. What backends and phones ask of the server appears here.', 'onetouch env'],
    count: () => '', most: 1000,
    parts: (c) => [['all', c, () => part('', el('p', { class: 'over' }, pill(state(c), String(status(c))), el('span', { class: 'quiet' }, `${moment(c.at)} · ${c.open ? 'goes on' : took(c.duration_ms)}`)),
      el('h2', { class: 'mono', dir: 'ltr' }, `${c.method} ${line(c.path)}`),
      facts([['API', c.api], ['From', caller(c)], ['Error code', c.error_code], ['Fault', c.fault],
        ['Request', c.request_uuid ? button(line(c.request_uuid), () => open('requests', c.request_uuid), { class: 'link' }) : '']]),
      el('div', { class: 'sides' }, message('Request', `→ ${c.method} ${c.path}`, c.request_headers, c.request_body, c.request_cut),
        message('Response', `← ${status(c)}`, c.response_headers, c.response_body, c.response_cut)))]],
  };
}
