// A list of which only the rows in sight exist, so that ten thousand things are listed as fast as ten.

import { byID } from './dom.js';

const rowHeight = 56; // pixels; console.css says so too
const spare = 6; // rows beyond the edges

export class List {
  #items = [];
  #rows = new Map(); // by key: {item, element}
  #box = byID('list');
  #canvas = byID('rows');
  #asked = false;
  cursor = null; // the key of the row that is chosen

  /** chosen(key, item, opened) is told what the reader chooses; opened: with Enter or a press. */
  constructor(chosen) {
    this.chosen = chosen;
    this.#box.addEventListener('scroll', () => this.#draw());
    new ResizeObserver(() => this.#draw()).observe(this.#box);
    this.#box.addEventListener('keydown', (event) => this.#key(event));
    this.#canvas.addEventListener('click', (event) => {
      const row = event.target.closest('[role=option]');
      if (row) this.#choose(this.#indexOf(row.dataset.key), true);
    });
  }

  /** Shows things of a kind: {name, key(item), row(item)} which makes the inside of a row. */
  show(kind, items, cursor) {
    if (this.kind !== kind) {
      this.#rows.clear();
      this.#canvas.replaceChildren();
      this.#box.scrollTop = 0;
    }
    const top = this.#box.scrollTop > rowHeight / 2 && this.kind === kind ? this.#first() : null;
    this.kind = kind;
    this.#items = items;
    this.cursor = cursor;
    this.#canvas.style.height = `${items.length * rowHeight}px`;
    if (top) this.#keepInPlace(top);
    this.#draw();
  }

  /** The row at the upper edge, and how far it is above it: what comes on top must not move what is read. */
  #first() {
    const index = Math.floor(this.#box.scrollTop / rowHeight);
    const item = this.#items[index];
    return item && { key: this.kind.key(item), above: this.#box.scrollTop - index * rowHeight };
  }

  #keepInPlace({ key, above }) {
    const index = this.#indexOf(key);
    if (index >= 0) this.#box.scrollTop = index * rowHeight + above;
  }

  #indexOf(key) {
    return this.#items.findIndex((item) => this.kind.key(item) === key);
  }

  /** Draws soon, once, however often it is asked. */
  #draw() {
    if (this.#asked) return;
    this.#asked = true;
    queueMicrotask(() => {
      this.#asked = false;
      this.#drawNow();
    });
  }

  #drawNow() {
    if (!this.kind) return;
    const from = Math.max(0, Math.floor(this.#box.scrollTop / rowHeight) - spare);
    const to = Math.min(this.#items.length, Math.ceil((this.#box.scrollTop + this.#box.clientHeight) / rowHeight) + spare);
    const seen = new Set();
    for (let index = from; index < to; index++) {
      const item = this.#items[index];
      const key = this.kind.key(item);
      seen.add(key);
      const row = this.#rowOf(key, item);
      row.style.transform = `translateY(${index * rowHeight}px)`;
      row.setAttribute('aria-posinset', index + 1);
      row.setAttribute('aria-setsize', this.#items.length);
      row.setAttribute('aria-selected', key === this.cursor);
    }
    for (const [key, { element }] of this.#rows) {
      if (seen.has(key)) continue;
      element.remove();
      this.#rows.delete(key);
    }
    if (seen.has(this.cursor)) this.#box.setAttribute('aria-activedescendant', `row-${this.cursor}`);
    else this.#box.removeAttribute('aria-activedescendant');
  }

  #rowOf(key, item) {
    const known = this.#rows.get(key);
    if (known?.item === item) return known.element;
    const element = known?.element ?? document.createElement('div');
    element.id = `row-${key}`;
    element.dataset.key = key;
    element.setAttribute('role', 'option');
    element.replaceChildren(...this.kind.row(item));
    if (!known) this.#canvas.append(element);
    this.#rows.set(key, { item, element });
    return element;
  }

  /** Writes the times of the rows in sight anew. */
  tick() {
    for (const { item, element } of this.#rows.values()) {
      const right = element.querySelector('.when');
      if (right) right.textContent = this.kind.when(item);
    }
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = this.#indexOf(this.cursor);
    const page = Math.max(1, Math.floor(this.#box.clientHeight / rowHeight) - 1);
    const moves = {
      ArrowDown: at + 1, j: at + 1, ArrowUp: at - 1, k: at - 1, PageDown: at + page, PageUp: at - page,
      Home: 0, g: 0, End: this.#items.length - 1, G: this.#items.length - 1,
    };
    if (event.key === 'Enter' && at >= 0) this.#choose(at, true);
    else if (event.key in moves) this.#choose(moves[event.key], false);
    else return;
    event.preventDefault();
  }

  #choose(index, opened) {
    if (this.#items.length === 0) return;
    const at = Math.max(0, Math.min(index, this.#items.length - 1));
    const item = this.#items[at];
    this.cursor = this.kind.key(item);
    const top = at * rowHeight;
    if (top < this.#box.scrollTop) this.#box.scrollTop = top;
    if (top + rowHeight > this.#box.scrollTop + this.#box.clientHeight) this.#box.scrollTop = top + rowHeight - this.#box.clientHeight;
    this.#drawNow();
    this.chosen(this.cursor, item, opened);
  }

  /** Moves the cursor by the keys of the page, wherever the focus is. */
  move(by) {
    this.#choose(this.#indexOf(this.cursor) + by, false);
  }

  focus() {
    this.#box.focus();
  }
}
