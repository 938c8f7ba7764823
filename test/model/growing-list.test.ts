/** The list behind a log: as if each addition copied it. */
import { expect, test } from 'vitest';
import { GrowingList } from '../../src/model/growing-list.ts';

test('a list that grows leaves those behind it as they were', () => {
  const empty = GrowingList.empty<string>();
  const one = empty.with(['a']);
  const three = one.with(['b', 'c']);
  expect([empty, one, three].map((list) => list.all())).toEqual([[], ['a'], ['a', 'b', 'c']]);
  expect([empty.length, one.length, three.length]).toEqual([0, 1, 3]);
  expect([one.at(0), one.at(1), three.at(2), three.at(3)]).toEqual([
    'a',
    undefined,
    'c',
    undefined,
  ]);
});

test('two lists that grow out of one do not see each other', () => {
  const one = GrowingList.empty<string>().with(['a']);
  const left = one.with(['b']);
  const right = one.with(['c', 'd']);
  const further = left.with(['e']);
  expect(one.all()).toEqual(['a']);
  expect(left.all()).toEqual(['a', 'b']);
  expect(right.all()).toEqual(['a', 'c', 'd']);
  expect(further.all()).toEqual(['a', 'b', 'e']);
});

test('a copy is nobody else’s', () => {
  const list = GrowingList.empty<string>().with(['a']);
  list.all().push('b');
  expect(list.with(['c']).all()).toEqual(['a', 'c']);
});
