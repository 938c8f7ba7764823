/**
 * Randomness as named splits of one seed: the streams of different names are independent, so a new
 * draw in one leaves the others as they were, and old seeds keep their meaning. Integers only.
 */
import { invariant } from './invariant.ts';

export const MAX_SEED = 2n ** 64n - 1n;

/** Parses a seed: a decimal number from 0 to 2^64 - 1; undefined when `text` is none. */
export const parseSeed = (text: string): bigint | undefined => {
  if (!/^\d{1,20}$/.test(text)) return undefined;
  const value = BigInt(text);
  return value <= MAX_SEED ? value : undefined;
};

/** A stream of random draws (xoshiro128**, Blackman and Vigna). */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(a: number, b: number, c: number, d: number) {
    this.#a = a;
    this.#b = b;
    this.#c = c;
    // An all-zero state would stay zero.
    this.#d = a === 0 && b === 0 && c === 0 && d === 0 ? 1 : d;
  }

  /** A whole number from 0 to 2^32 - 1. */
  next(): number {
    const scrambled = Math.imul(rotate(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotate(this.#d, 11);
    return scrambled;
  }

  /** A whole number from 0 to `bound` - 1. */
  below(bound: number): number {
    invariant(bound >= 1 && bound <= 2 ** 32, 'a bound is between 1 and 2^32', { bound });
    // The bias of at most bound/2^32 does not matter to a test generator; a fixed number of draws
    // does.
    return Math.floor((this.next() / 2 ** 32) * bound);
  }

  /** True `times` out of `outOf`. */
  chance(times: number, outOf: number): boolean {
    return this.below(outOf) < times;
  }

  /** One of `choices`, all equally likely. */
  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }
}

/** A seed and the way by which it was split. */
export class Seed {
  readonly #low: number;
  readonly #high: number;

  private constructor(low: number, high: number) {
    this.#low = low;
    this.#high = high;
  }

  static of(value: bigint): Seed {
    invariant(value >= 0n && value <= MAX_SEED, 'a seed is between 0 and 2^64 - 1', { value });
    return new Seed(Number(value & 0xffffffffn), Number(value >> 32n));
  }

  /** The seed that belongs to `name` (and `index`, for the members of a series) under this one. */
  split(name: string, index = 0): Seed {
    let low = mix(this.#low ^ 0x9e3779b9);
    let high = mix(this.#high ^ 0x85ebca6b ^ low);
    for (let at = 0; at < name.length; at += 1) {
      low = mix(low ^ name.charCodeAt(at));
      high = mix(high ^ low);
    }
    low = mix(low ^ (index >>> 0));
    high = mix(high ^ Math.floor(index / 2 ** 32) ^ low);
    return new Seed(low, high);
  }

  random(): Random {
    const a = mix(this.#low ^ 0x243f6a88);
    const b = mix(this.#high ^ a);
    const c = mix(a ^ b ^ 0x13198a2e);
    return new Random(a, b, c, mix(b ^ c));
  }
}

const rotate = (value: number, by: number): number => (value << by) | (value >>> (32 - by));

/** The finalizer of MurmurHash3: each bit of the input changes half of the output's. */
const mix = (value: number): number => {
  let mixed = value | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
};
