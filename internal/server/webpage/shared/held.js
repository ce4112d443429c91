// An answer cannot be taken back, and one press must be enough. So a press answers, but the answer is held for a moment
// first, in full view, and can be undone. The same press again sends at once. It is the same rule as in the terminal UI.

export const holdTime = 1500;
const repeatTime = 150; // presses that come closer are one: a shaking finger, a key that is held down
const missedTime = 5000; // who sent the page to sleep meanwhile has not seen it

export class Held {
  #timer;

  /** send is called when the moment is over; missed when the page slept through it. */
  constructor(status, reason, { send, missed }) {
    Object.assign(this, { status, reason });
    this.pressedAt = performance.now();
    const dueAt = Date.now() + holdTime;
    this.send = () => {
      this.drop();
      if (Date.now() - dueAt > missedTime) missed();
      else send(this.status, this.reason);
    };
    this.#timer = setTimeout(this.send, holdTime);
  }

  /** The same answer again. */
  pressAgain() {
    const deliberate = performance.now() - this.pressedAt >= repeatTime;
    this.pressedAt = performance.now();
    if (deliberate) this.send();
  }

  drop() {
    clearTimeout(this.#timer);
  }
}
