import { highWord, lowWord } from './int64.ts';

/**
 * A rolling 64-bit hash over the changes of a state, in the order in which they happen: two runs
 * that made the same changes have the same fingerprint, and the first step at which it differs is
 * the first at which they did not.
 */
export class Fingerprint {
  #left = 0x2545f491;
  #right = 0x6a09e667;

  /** Mixes in 32 bits. */
  word(word: number): void {
    const left = Math.imul(this.#left ^ word, 0x85ebca6b);
    this.#left = left ^ (left >>> 15);
    const right = Math.imul(this.#right + word, 0xc2b2ae35);
    this.#right = ((right << 13) | (right >>> 19)) ^ left;
  }

  /** Mixes in a whole number within the safe integers. */
  number(value: number): void {
    this.word(value | 0);
    this.word(Math.floor(value / 2 ** 32) | 0);
  }

  /** Mixes in an int64. */
  int64(value: bigint): void {
    this.word(lowWord(value));
    this.word(highWord(value));
  }

  text(text: string): void {
    for (let index = 0; index < text.length; index += 1) this.word(text.charCodeAt(index));
    this.word(text.length);
  }

  /** The fingerprint so far: 16 hex digits. */
  toString(): string {
    return hex(this.#left) + hex(this.#right);
  }
}

const hex = (word: number): string => {
  // The words mixed in last have not spread through all bits yet.
  let mixed = Math.imul(word ^ (word >>> 16), 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
  mixed ^= mixed >>> 16;
  return (
    byte(mixed >>> 24) +
    byte((mixed >>> 16) & 0xff) +
    byte((mixed >>> 8) & 0xff) +
    byte(mixed & 0xff)
  );
};

/** Looked up: it is asked for at every step, and `toString(16)` takes several times as long. */
const BYTES: readonly string[] = Array.from({ length: 256 }, (_, value) =>
  value.toString(16).padStart(2, '0'),
);

const byte = (value: number): string => BYTES[value] as string;
