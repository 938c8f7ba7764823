/** What is on its way in one direction of a call: it arrives in order, however long each takes. */
export class MessageLine {
  readonly #waiting: Held[] = [];

  /** Puts something at the end, which arrives at once unless it is to be held. */
  add(arrive: () => void, isHeld: boolean): Held {
    const held = new Held(this, arrive);
    this.#waiting.push(held);
    if (!isHeld) held.release();
    return held;
  }

  drain(): void {
    for (;;) {
      const [first] = this.#waiting;
      if (first === undefined || !first.isReleased) return;
      this.#waiting.shift();
      first.arrive();
    }
  }

  forget(held: Held): void {
    const index = this.#waiting.indexOf(held);
    if (index >= 0) this.#waiting.splice(index, 1);
    this.drain();
  }
}

export class Held {
  readonly arrive: () => void;
  readonly #line: MessageLine;
  isReleased = false;

  constructor(line: MessageLine, arrive: () => void) {
    this.#line = line;
    this.arrive = arrive;
  }

  release(): void {
    this.isReleased = true;
    this.#line.drain();
  }

  /** It never arrives, and holds up nothing behind it. */
  drop(): void {
    this.#line.forget(this);
  }
}
