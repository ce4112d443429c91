// Elements, made of text only: whatever others wrote stays text.

import { visible, visibleLine } from './text.js';

export const byID = (id) => document.getElementById(id);

/** Makes an element. Children are elements, or texts of this page's own; null is none. */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === 'class') element.className = value;
    else if (name === 'press') element.addEventListener('click', value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** A text that others wrote, with a reading direction of its own. */
export function foreign(text, tag = 'bdi', properties = {}) {
  return el(tag, { dir: 'auto', ...properties }, visible(String(text ?? '')));
}

export const line = (text) => visibleLine(String(text ?? ''));

/** Rows of names and values; a value is an element, or somebody's text. What is empty is left out. */
export function facts(rows) {
  const list = el('dl', { class: 'facts' });
  for (const [name, value] of rows) {
    if (value === '' || value === null || value === undefined) continue;
    const row = el('div', {}, el('dt', {}, name), el('dd', {}, value instanceof Node ? value : foreign(value)));
    list.append(row);
  }
  return list;
}

/** The rows of somebody's details. */
export function detailsOf(details) {
  const list = el('dl', { class: 'facts' });
  for (const [name, value] of Object.entries(details ?? {})) {
    list.append(el('div', {}, foreign(name, 'dt'), foreign(value, 'dd')));
  }
  return list;
}

export function button(label, press, properties = {}) {
  return el('button', { type: 'button', press, ...properties }, label);
}

/** A part of a sheet. */
export function part(title, ...children) {
  return el('section', { class: 'part' }, title ? el('h3', {}, title) : null, ...children);
}

/** A text that can be copied. */
export function copyable(value, say) {
  const copy = button('Copy', async () => {
    await navigator.clipboard.writeText(value);
    say('Copied.');
  }, { class: 'small' });
  return el('span', { class: 'copyable' }, el('code', {}, line(value)), copy);
}

/** Has the reader keep a text as a file. */
export function save(name, kind, content) {
  const url = URL.createObjectURL(new Blob([content], { type: kind }));
  const link = el('a', { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export const pill = (state, label = state) => el('span', { class: 'pill', 'data-state': state }, label);

/** JSON, indented where it is some. */
export function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** A request or an answer as it went over the wire. */
export function message(title, first, headers, body, cut = false) {
  const block = el('div', { class: 'message-block' }, el('h4', {}, title), foreign(first, 'p', { class: 'mono first' }));
  if (headers?.length) {
    const list = el('dl', { class: 'headers mono' });
    for (const { name, value } of headers) list.append(el('div', {}, el('dt', {}, line(name)), foreign(value, 'dd')));
    block.append(list);
  }
  if (body) block.append(foreign(pretty(body) + (cut ? '…' : ''), 'pre', { class: 'mono', tabindex: '0' }));
  else block.append(el('p', { class: 'quiet' }, 'No body.'));
  return block;
}
