// The server's clock, which may stand still or be ahead of this machine's.

import { countdown } from './text.js';

let ahead = 0;
let frozenAt = null;

/** Takes over what the server says of its clock. */
export function learn(clock) {
  ahead = Date.parse(clock.now) - Date.now();
  frozenAt = clock.frozen ? Date.parse(clock.now) : null;
}

export const now = () => frozenAt ?? Date.now() + ahead;

/** How long ago something was, in a few characters. */
export function age(time) {
  const seconds = Math.max(0, Math.floor((now() - Date.parse(time)) / 1000));
  for (const [size, unit] of [[86400, 'd'], [3600, 'h'], [60, 'm']]) if (seconds >= size) return `${Math.floor(seconds / size)}${unit}`;
  return `${seconds}s`;
}

/** How long is left until a time: 1:59. */
export const left = (time) => countdown((Date.parse(time) - now()) / 1000);

export const isOver = (time) => Date.parse(time) <= now();

/** A time in full. */
export function moment(time) {
  if (!time) return '';
  return new Date(time).toLocaleString([], { dateStyle: 'medium', timeStyle: 'medium' });
}

/** A number of milliseconds, for people. */
export function took(ms) {
  if (ms >= 1000) return `${(ms / 1000).toFixed(ms >= 10_000 ? 0 : 1)} s`;
  return ms >= 10 ? `${Math.round(ms)} ms` : `${Number(ms.toFixed(1))} ms`;
}
