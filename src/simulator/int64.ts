/** The two words of an int64, by way of a buffer: arithmetic on bigints takes ten times as long. */

/** Scratch, without a meaning between two calls. */
const INT64 = new BigInt64Array(1);
const WORDS = new Int32Array(INT64.buffer);

export const lowWord = (value: bigint): number => {
  INT64[0] = value;
  return WORDS[0] as number;
};

export const highWord = (value: bigint): number => {
  INT64[0] = value;
  return WORDS[1] as number;
};

/** The int64 of two words, of each of which the lowest 32 bits count. */
export const int64Of = (low: number, high: number): bigint => {
  WORDS[0] = low;
  WORDS[1] = high;
  return INT64[0] as bigint;
};
