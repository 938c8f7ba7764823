/**
 * `Math.random` from a seed, for the code under test: clients draw from it for back-off and the
 * order of hosts.
 */
import { Seed } from '../seed.ts';

/** Replaces it for the whole process; the result puts back what was there. */
export function seedMathRandom(seed: bigint): () => void {
  const original = Math.random;
  const random = Seed.of(seed).split('Math.random').random();
  const seeded = (): number => (random.next() * 2 ** 21 + (random.next() >>> 11)) / 2 ** 53;
  Math.random = seeded;
  return () => {
    // Whoever replaced it since takes it back themselves.
    if (Math.random === seeded) Math.random = original;
  };
}
