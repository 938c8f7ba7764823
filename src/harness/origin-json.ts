/** Where a file's case comes from, as JSON: the seed, and how far it was made smaller. */
import { type Codec, flag, record, unexpected, whole } from '../api/codec.ts';
import { parseSeed } from '../seed.ts';
import type { Shrunk } from './shrink.ts';

export const seedJson: Codec<bigint> = {
  encode: (value) => value.toString(),
  decode: (value) => {
    const seed = typeof value === 'string' ? parseSeed(value) : undefined;
    if (seed === undefined) throw unexpected(value, 'a seed from "0" to "18446744073709551615"');
    return seed;
  },
};

export const shrinkJson: Codec<Pick<Shrunk, 'attempts' | 'complete'>> = record<
  Pick<Shrunk, 'attempts' | 'complete'>
>({ attempts: whole(0), complete: flag });
