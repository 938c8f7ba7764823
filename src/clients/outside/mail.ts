/**
 * What a program has sent and said since it was asked last. It is delivered at one moment and in
 * one order, however the kernel happened to hand it over: first what the program says, then what
 * it sends on each connection, at last that it has ended.
 */
interface Letter {
  readonly channel: number;
  readonly deliver: () => void;
}

/** Connections are numbered from 1. */
export const SAID = 0;
export const ENDED = Number.MAX_SAFE_INTEGER;

export class Mail {
  #letters: Letter[] = [];

  post(channel: number, deliver: () => void): void {
    this.#letters.push({ channel, deliver });
  }

  /** False: there was none. */
  deliver(): boolean {
    const letters = this.#letters.toSorted((one, other) => one.channel - other.channel);
    this.#letters = [];
    for (const { deliver } of letters) deliver();
    return letters.length > 0;
  }
}
