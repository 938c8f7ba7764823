/**
 * What a program has sent and said since it was asked last. It is delivered at one moment and in
 * one order, however the kernel happened to hand it over: first what the program says, then what
 * it sends on each connection, at last that it has ended. What threads of it say of different
 * things at one moment comes in the order of these, not of the threads.
 */
interface Letter {
  readonly channel: number;
  readonly about: string;
  readonly deliver: () => void;
}

const inOrder = (one: Letter, other: Letter): number => {
  if (one.channel !== other.channel) return one.channel - other.channel;
  return one.about < other.about ? -1 : Number(one.about > other.about);
};

/** Connections are numbered from 1. */
export const SAID = 0;
export const ENDED = Number.MAX_SAFE_INTEGER;

export class Mail {
  #letters: Letter[] = [];

  post(channel: number, deliver: () => void, about = ''): void {
    this.#letters.push({ channel, about, deliver });
  }

  /** False: there was none. */
  deliver(): boolean {
    const letters = this.#letters.toSorted(inOrder);
    this.#letters = [];
    for (const { deliver } of letters) deliver();
    return letters.length > 0;
  }
}
