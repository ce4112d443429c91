// The tab of approval requests.

import { diagramOf } from './diagram.js';
import { stateOf } from './deliveries.js';
import { button, copyable, detailsOf, el, facts, foreign, line, part, pill } from './dom.js';
import { age, isOver, left, moment } from './time.js';

const titles = { pending: 'Waiting', approved: 'Approved', denied: 'Denied', expired: 'Expired' };

export function requestsTab(page) {
  const { data, answers } = page;

  function row(request) {
    return [
      el('span', { class: 'sign', 'data-state': request.status, title: titles[request.status] }),
      el('span', { class: 'what' }, el('b', { dir: 'auto' }, line(request.message)),
        el('small', { dir: 'auto' }, `${titles[request.status]} · ${line(data.userName(request.authy_id))} · ${line(request.app_name)}`)),
      el('span', { class: 'when' }, when(request)),
    ];
  }

  function when(request) {
    return request.status === 'pending' && request.expires_at && !isOver(request.expires_at) ? `◷ ${left(request.expires_at)}` : age(request.created_at);
  }

  function head(request) {
    return part('', el('p', { class: 'over' }, pill(request.status, titles[request.status]),
      foreign(request.app_name), el('span', { class: 'quiet' }, '→'), foreign(data.userName(request.authy_id)),
      request.status === 'pending' && request.expires_at ? el('span', { class: 'countdown', role: 'timer', 'data-until': request.expires_at }) : null),
    foreign(request.message, 'h2', { class: 'question' }));
  }

  function answer(request) {
    if (request.status !== 'pending') {
      const { remark } = answers.of(request.uuid);
      return remark ? part('', el('p', { class: 'remark', role: 'alert' }, remark)) : null;
    }
    const phones = data.phonesOf(request);
    if (phones.length === 0) {
      return part('', el('p', { class: 'note' }, 'Nobody here can answer: no phone of this user has its key in the server’s workspace. Make one with ',
        el('code', {}, `onetouch device register --user ${request.authy_id}`), ', or answer on the phone itself.'));
    }
    const speaksAuthy = phones.some((phone) => data.phones.get(phone.device_id)?.api !== 'verify'); // a factor gives no reasons
    const { held, sending, remark } = answers.of(request.uuid);
    const status = sending ?? held?.status;
    const label = { approved: status === 'approved' ? 'Approving…' : 'Approve', denied: status === 'denied' ? 'Denying…' : 'Deny' };
    const choose = phones.length > 1
      ? el('select', { id: 'as-phone', 'aria-label': 'Answer as' }, ...phones.map((phone) => el('option', { value: phone.device_id }, line(data.deviceName(phone.device_id)))))
      : null;
    if (choose && page.asPhone) choose.value = page.asPhone;
    choose?.addEventListener('change', () => { page.asPhone = Number(choose.value); });
    return part('',
      el('div', { class: 'choices answer', 'data-answer': status ?? '' },
        button(el('span', {}, label.approved), () => page.answer('approved'), { class: 'approve', 'data-focus': 'approve' }),
        button(el('span', {}, label.denied), () => page.answer('denied'), { class: 'deny', 'data-focus': 'deny' })),
      el('div', { class: 'choices start' },
        held && !sending ? button('Undo', () => answers.undo(request.uuid), { class: 'small undo', 'data-focus': 'undo' }) : null,
        status || !speaksAuthy ? null : button('Deny with a reason…', () => page.denyWithReason(), { class: 'small open-reason', 'data-focus': 'reason' }),
        choose ?? el('span', { class: 'quiet' }, `as ${line(data.deviceName(phones[0].device_id))}, signed with its key`)),
      remark ? el('p', { class: 'remark', role: 'alert' }, remark) : null);
  }

  function shown(request) {
    const hidden = Object.keys(request.hidden_details ?? {}).length > 0;
    return part('What the phone shows', Object.keys(request.details ?? {}).length > 0 ? detailsOf(request.details) : el('p', { class: 'quiet' }, 'No details.'),
      hidden ? el('h3', {}, 'Hidden details, which it does not show') : null, hidden ? detailsOf(request.hidden_details) : null);
  }

  function about(request) {
    const list = facts([
      ['Asked', moment(request.created_at)], ['Expires', request.expires_at ? moment(request.expires_at) : 'never'],
      ['Decided', moment(request.processed_at)], ['By', request.device_id ? data.deviceName(request.device_id) : ''],
      ['Reason', request.reason], ['User', String(request.authy_id)], ['UUID', copyable(request.uuid, page.say)],
    ]);
    const warnings = (request.client_warnings ?? []).map((warning) => el('p', { class: 'note' }, foreign(typeof warning === 'string' ? warning : Object.values(warning).join(' · '))));
    return part('About it', list, ...warnings);
  }

  function deliveries(request) {
    const sent = data.deliveriesOf(request.uuid);
    if (sent.length === 0) return null;
    return part('What was sent for it', el('ul', { class: 'links' }, ...sent.map((delivery) => el('li', {},
      button(el('span', {}, pill(...stateOf(delivery)), ` ${delivery.kind} `, el('span', { class: 'quiet' }, line(delivery.url || (delivery.device_id ? data.deviceName(delivery.device_id) : '')))),
        () => page.open('deliveries', delivery.id), { class: 'link' })))));
  }

  return {
    name: 'requests', title: 'Requests', items: () => data.requests.items, known: () => data.requests.known,
    key: (request) => request.uuid, row, when,
    filters: [['', 'All'], ...Object.entries(titles)], passes: (request, filter) => request.status === filter,
    words: (r) => [r.message, r.uuid, r.app_name, r.authy_id, data.userName(r.authy_id), r.reason, ...Object.entries(r.details ?? {}).flat(), ...Object.entries(r.hidden_details ?? {}).flat()],
    empty: () => ['No request yet. Your backend sends one, or you do:', 'onetouch request send --message "Log in?"'],
    count: () => data.requests.items.reduce((count, { status }) => count + (status === 'pending' ? 1 : 0), 0) || '',
    parts: (request) => {
      const sent = data.deliveriesOf(request.uuid).map((delivery) => [delivery.id, stateOf(delivery), delivery.attempts.length]);
      const phones = data.phonesOf(request);
      const { held, sending, remark } = answers.of(request.uuid);
      return [
        ['head', [request, data.userName(request.authy_id)], () => head(request)],
        ['answer', [request.status, phones, held?.status, sending, remark], () => answer(request)],
        ['shown', [request.details, request.hidden_details], () => shown(request)],
        ['deliveries', sent, () => deliveries(request)],
        ['diagram', [request.status, sent], (before) => part('Its story', ...diagramOf(request, before))],
        ['about', request, () => about(request)],
      ];
    },
  };
}
