import { describe, expect, test } from 'vitest';
import { InvariantViolation } from '../src/invariant.ts';
import { MAX_SEED, parseSeed, Random, Seed } from '../src/seed.ts';

const draws = (random: Random, count = 8): number[] =>
  Array.from({ length: count }, () => random.next());

describe('parseSeed', () => {
  test.each([
    ['0', 0n],
    ['1', 1n],
    ['007', 7n],
    ['18446744073709551615', MAX_SEED],
  ])('reads %s', (text, seed) => {
    expect(parseSeed(text)).toBe(seed);
  });

  test.each([
    ['nothing', ''],
    ['a sign', '-1'],
    ['a plus', '+1'],
    ['one above the largest', '18446744073709551616'],
    ['far above it', '99999999999999999999'],
    ['too many digits', '000000000000000000001'],
    ['a fraction', '1.5'],
    ['an exponent', '1e3'],
    ['hexadecimal', '0x10'],
    ['a bigint literal', '1n'],
    ['a blank in front', ' 1'],
    ['a line end', '1\n'],
    ['a word', 'seed'],
    ['digits of another script', '١٢'],
  ])('refuses %s', (_what, text) => {
    expect(parseSeed(text)).toBeUndefined();
  });
});

describe('Seed', () => {
  test('gives the same draws again', () => {
    const seed = () => Seed.of(42n).split('faults').random();
    expect(draws(seed())).toEqual(draws(seed()));
  });

  test('gives every seed, name and index draws of its own', () => {
    const random = (seed: bigint, name: string, index = 0) =>
      draws(Seed.of(seed).split(name, index).random()).join();
    const all = [
      random(0n, 'a'),
      random(1n, 'a'),
      random(2n ** 32n, 'a'),
      random(MAX_SEED, 'a'),
      random(0n, 'b'),
      random(0n, 'ab'),
      random(0n, 'ba'),
      random(0n, ''),
      random(0n, 'a', 1),
      random(0n, 'a', 2 ** 32),
      random(0n, 'a', 2 ** 32 + 1),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  test('splits are independent: draws from one leave the others as they were', () => {
    const seed = Seed.of(7n);
    const alone = draws(seed.split('b').random());
    const [first, second] = [seed.split('a').random(), seed.split('b').random()];
    const mixed: number[] = [];
    for (let count = 0; count < 8; count += 1) {
      draws(first, count);
      mixed.push(second.next());
    }
    expect(mixed).toEqual(alone);
  });

  test('10,000 neighbours have draws that differ', () => {
    const first = Array.from({ length: 10_000 }, (_, index) => {
      const random = Seed.of(1n).split('run', index).random();
      return `${random.next()} ${random.next()}`;
    });
    expect(new Set(first).size).toBe(10_000);
  });

  test.each([-1n, MAX_SEED + 1n])('refuses %s', (value) => {
    expect(() => Seed.of(value)).toThrow(InvariantViolation);
  });
});

describe('Random', () => {
  const random = () => Seed.of(3n).random();

  test('draws below a bound reach each number about as often', () => {
    const counts = Array.from({ length: 10 }, () => 0);
    const source = random();
    for (let count = 0; count < 100_000; count += 1) {
      const drawn = source.below(10);
      counts[drawn] = (counts[drawn] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(9500);
    expect(Math.max(...counts)).toBeLessThan(10_500);
  });

  test('bounds are from 1 to 2^32', () => {
    expect(random().below(1)).toBe(0);
    expect(random().below(2 ** 32)).toBeLessThan(2 ** 32);
    expect(() => random().below(0)).toThrow(InvariantViolation);
    expect(() => random().below(2 ** 32 + 1)).toThrow(InvariantViolation);
  });

  test('a chance of nothing never comes, one of all always', () => {
    const source = random();
    const never = Array.from({ length: 100 }, () => source.chance(0, 5));
    const always = Array.from({ length: 100 }, () => source.chance(5, 5));
    expect([never.some(Boolean), always.every(Boolean)]).toEqual([false, true]);
  });

  test('an all-zero state does not stay zero', () => {
    expect(draws(new Random(0, 0, 0, 0), 20).some((drawn) => drawn !== 0)).toBe(true);
  });
});
