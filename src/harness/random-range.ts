/** Which keys a generated read or deletion is about. */
import { type Bytes, FROM_KEY, NO_BYTES, prefixEnd } from '../api/bytes.ts';
import type { Random } from '../seed.ts';

/** Mostly one key, as `nextKey` gives it. */
export const randomRange = (
  random: Random,
  nextKey: () => Bytes,
): { key: Bytes; rangeEnd: Bytes } => {
  const key = nextKey();
  switch (random.below(8)) {
    case 0:
      return { key, rangeEnd: prefixEnd(key) };
    case 1:
      return { key, rangeEnd: FROM_KEY };
    case 2:
      return { key, rangeEnd: nextKey() };
    case 3:
      return random.chance(1, 6)
        ? { key: NO_BYTES, rangeEnd: NO_BYTES }
        : { key, rangeEnd: NO_BYTES };
    default:
      return { key, rangeEnd: NO_BYTES };
  }
};
