import { expect, test } from 'vitest';
import { bounded, cut, listed, tally } from '../../src/report/abbreviate.ts';

const words = (count: number): string[] => Array.from({ length: count }, (_, index) => `${index}`);

test.each([
  [[], ''],
  [words(5), '0, 1, 2, 3, 4'],
  [words(6), '0, 1, 2, 3, 4, … (6 leases)'],
])('a list %j is shown as %j', (given, shown) => {
  expect(listed(given, 'leases')).toBe(shown);
});

test.each([
  [['ok'], 'ok'],
  [['ok', 'ok', 'ok'], 'ok'],
  [['ok', 'no', 'ok'], '2 × ok, 1 × no'],
])('answers %j are shown as %j', (given, shown) => {
  expect(tally(given)).toBe(shown);
});

test.each([
  [10, 10, 0, '0 1 2 3 4 5 6 7 8 9'],
  [10, 9, 0, '0 1 2 3 4 5 6 …3'],
  [100, 10, 0, '0 1 2 3 4 5 6 7 …92'],
  [100, 10, 50, '0 1 …44 46 47 48 49 50 51 …48'],
  [100, 10, 99, '0 1 …92 94 95 96 97 98 99'],
  [100, 10, 1e9, '0 1 …92 94 95 96 97 98 99'],
])('of %i lines at most %i are kept around line %i', (count, most, point, shown) => {
  const kept = bounded(words(count), most, point);
  expect(kept.length).toBeLessThanOrEqual(most);
  const short = kept.map((line) => line.replace(/^… (\d+) lines left out …$/, '…$1'));
  expect(short.join(' ')).toBe(shown);
});

test('a long line is cut', () => {
  expect(cut('abcdef', 6)).toBe('abcdef');
  expect(cut('abcdefg', 6)).toBe('abcde…');
});
