import { expect, test } from 'vitest';
import { asBytes, type Bytes, FROM_KEY } from '../../src/api/bytes.ts';
import { type Instant, instant, seconds } from '../../src/api/units.ts';
import { InvariantViolation } from '../../src/invariant.ts';
import { ExpiryQueue } from '../../src/simulator/expiry-queue.ts';
import { Fingerprint } from '../../src/simulator/fingerprint.ts';
import { KeyIndex } from '../../src/simulator/key-index.ts';
import { Lessor } from '../../src/simulator/lessor.ts';
import { isBefore, RangeTree } from '../../src/simulator/range-tree.ts';
import { NO_SLOT, type Slot, Slots } from '../../src/simulator/slots.ts';
import { Store } from '../../src/simulator/store.ts';

/** A generator with a period long enough for a test: the same numbers each time. */
const numbers = (): ((below: number) => number) => {
  let state = 0x2545f491;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
};

test('the queue agrees with a sorted list, ties included', () => {
  const next = numbers();
  const queue = new ExpiryQueue();
  const list: { slot: Slot; deadline: Instant; order: number }[] = [];
  for (let order = 0; order < 3000; order += 1) {
    const slot = next(80);
    const index = list.findIndex((entry) => entry.slot === slot);
    const deadline = instant(order + next(40));
    if (index === -1) {
      queue.insert(slot, deadline);
      list.push({ slot, deadline, order });
    } else if (next(2) === 0) {
      queue.remove(slot);
      list.splice(index, 1);
    } else if (deadline >= queue.deadlineOf(slot)) {
      queue.postpone(slot, deadline);
      list.splice(index, 1, { slot, deadline, order });
    }
    list.sort((a, b) => a.deadline - b.deadline || a.order - b.order);
    queue.scan();
    expect(queue.first).toBe(list[0]?.slot ?? NO_SLOT);
    if (order % 50 === 0) expect(queue.sorted()).toEqual(list.map((entry) => entry.slot));
  }
});

test('the queue refuses what would break it', () => {
  const queue = new ExpiryQueue();
  queue.insert(3, instant(10));
  expect(() => queue.insert(3, instant(10))).toThrow(InvariantViolation);
  expect(() => queue.postpone(3, instant(9))).toThrow(InvariantViolation);
  expect(() => queue.remove(4)).toThrow(InvariantViolation);
  expect(queue.has(1000)).toBe(false);
});

test('slots agree with a map of ids', () => {
  const next = numbers();
  const slots = new Slots();
  const map = new Map<bigint, Slot>();
  for (let step = 0; step < 3000; step += 1) {
    // Few ids, many of which differ in the high word only.
    const id = BigInt.asIntN(64, (BigInt(next(20)) << 32n) | BigInt(next(10))) - 5n;
    const slot = slots.find(id);
    expect(slot).toBe(map.get(id) ?? NO_SLOT);
    if (slot === NO_SLOT) map.set(id, slots.add(id));
    else {
      slots.remove(slot);
      map.delete(id);
    }
    if (step % 20 === 0) expect(slots.scan()).toHaveLength(map.size);
  }
  for (const [id, slot] of map) expect(slots.idOf(slot)).toBe(id);
});

test('slots are freed once, and an id has one', () => {
  const slots = new Slots();
  const slot = slots.add(-1n);
  expect(() => slots.add(-1n)).toThrow(InvariantViolation);
  slots.remove(slot);
  expect(() => slots.remove(slot)).toThrow(InvariantViolation);
});

test('a full scan finds a key that only the store or only the lessor knows as leased', () => {
  const lessor = new Lessor(new Fingerprint());
  lessor.grant(1n, seconds(5), instant(0));
  lessor.attach(lessor.find(1n), asBytes('k'));
  expect(lessor.scan((key, id) => key === 'k' && id === 1n)).toBe(1);
  expect(() => lessor.scan(() => false)).toThrow(InvariantViolation);
  const store = new Store(new Fingerprint());
  store.put(asBytes('k'), asBytes('v'), 1n, undefined);
  expect(store.scan(() => true)).toBe(1);
  expect(() => store.scan(() => false)).toThrow(InvariantViolation);
});

test('changes that make no sense are not made', () => {
  const lessor = new Lessor(new Fingerprint());
  const key = asBytes('k');
  lessor.grant(1n, seconds(5), instant(0));
  const slot = lessor.find(1n);
  lessor.attach(slot, key);
  expect(() => lessor.attach(slot, key)).toThrow(InvariantViolation);
  expect(() => lessor.detach(2n, key)).toThrow(InvariantViolation);
  expect(() => lessor.grant(1n, seconds(5), instant(0))).toThrow(InvariantViolation);
  expect(() => lessor.renew(slot, instant(5000))).toThrow(InvariantViolation);
  const store = new Store(new Fingerprint());
  expect(() => store.delete([key])).toThrow(InvariantViolation);
  store.put(key, key, 0n, undefined);
  expect(() => store.put(key, key, 0n, undefined)).toThrow(InvariantViolation);
});

test.each([20, 5000])('the key index agrees with sorting %i keys', (count) => {
  const next = numbers();
  const present = new Map<Bytes, true>();
  const index = new KeyIndex(present);
  for (let step = 0; step < 6000; step += 1) {
    const key = asBytes(`k${next(count)}`);
    if (!present.delete(key)) present.set(key, true);
    index.note(key);
    if (next(200) !== 0) continue;
    index.scan();
    const [start, end] = [asBytes(`k${next(count)}`), asBytes(`k${next(count)}`)];
    const sorted = [...present.keys()].sort();
    expect(index.range(start, end)).toEqual(sorted.filter((k) => k >= start && k < end));
    expect(index.range(start, FROM_KEY)).toEqual(sorted.filter((k) => k >= start));
  }
});

test('a fingerprint tells order, words and texts apart', () => {
  const of = (...mixed: (bigint | number | string)[]): string => {
    const fingerprint = new Fingerprint();
    for (const value of mixed) {
      if (typeof value === 'bigint') fingerprint.int64(value);
      else if (typeof value === 'number') fingerprint.number(value);
      else fingerprint.text(value);
    }
    return fingerprint.toString();
  };
  const distinct = [
    of(),
    of(0),
    of(1),
    of(2 ** 32),
    of(2 ** 32 + 1),
    of(-1),
    of(1n, 2n),
    of(2n, 1n),
    of(-(2n ** 63n)),
    of(''),
    of('ab', 'c'),
    of('a', 'bc'),
  ];
  expect(new Set(distinct).size).toBe(distinct.length);
  for (const hash of distinct) expect(hash).toMatch(/^[0-9a-f]{16}$/);
  expect(of('ab', 7, -1n)).toBe(of('ab', 7, -1n));
});

test('the tree of ranges agrees with looking at each of them', () => {
  const next = numbers();
  const tree = new RangeTree<number>();
  let ranges: { start: Bytes; end: Bytes; member: number }[] = [];
  const key = (): Bytes => asBytes(String.fromCharCode(97 + next(6), 97 + next(6)));
  for (let member = 0; member < 2000; member += 1) {
    const start = key();
    const end = next(10) === 0 ? FROM_KEY : key();
    if (ranges.length > 0 && next(5) < (ranges.length > 60 ? 3 : 1)) {
      const { start, end, member } = ranges[next(ranges.length)] as (typeof ranges)[number];
      tree.remove(start, end, member);
      ranges = ranges.filter((range) => range.member !== member);
    } else if (isBefore(start, end)) {
      tree.add(start, end, member);
      ranges.push({ start, end, member });
    }
    expect(tree.scan()).toBe(ranges.length);
    const sought = key();
    const found: number[] = [];
    tree.visit(sought, (each) => found.push(each));
    const expected = ranges.filter(({ start, end }) => start <= sought && isBefore(sought, end));
    expect(found.toSorted((a, b) => a - b)).toEqual(expected.map((range) => range.member));
    expect(tree.contains(sought)).toBe(expected.length > 0);
  }
});

test('the tree of ranges refuses what would break it', () => {
  const tree = new RangeTree<number>();
  tree.add(asBytes('a'), asBytes('b'), 1);
  expect(() => tree.remove(asBytes('a'), asBytes('b'), 2)).toThrow(InvariantViolation);
  expect(() => tree.remove(asBytes('a'), asBytes('c'), 1)).toThrow(InvariantViolation);
});

test('the tree of ranges finds few among many without looking at all', () => {
  const tree = new RangeTree<number>();
  for (let member = 0; member < 20_000; member += 1) {
    const start = asBytes(`k${String(member).padStart(5, '0')}`);
    tree.add(start, asBytes(`${start}\xff`), member);
  }
  // It would take minutes otherwise.
  for (let member = 0; member < 20_000; member += 1) {
    const found: number[] = [];
    tree.visit(asBytes(`k${String(member).padStart(5, '0')}x`), (each) => found.push(each));
    expect(found).toEqual([member]);
  }
});
