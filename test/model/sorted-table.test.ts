import { fc, test as check } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { SortedTable } from '../../src/model/sorted-table.ts';

interface Row {
  readonly key: number;
  readonly value: number;
}

const empty = (): SortedTable<Row, number> =>
  SortedTable.empty({
    before: (row: Row, key: number) => row.key < key,
    same: (row: Row, key: number) => row.key === key,
  });

const filled = (count: number, step = 1): SortedTable<Row, number> => {
  let table = empty();
  for (let index = 0; index < count; index += 1) {
    const key = index * step;
    table = table.with(key, { key, value: index });
  }
  return table;
};

type Change = { readonly key: number; readonly value: number | null };

/** Keys from few enough that most changes hit one that is there. */
const CHANGES = (most: number, keys: number): fc.Arbitrary<Change[]> =>
  fc.array(
    fc.record({
      key: fc.nat(keys),
      value: fc.option(fc.nat(1000), { nil: null, freq: 3 }),
    }),
    { maxLength: most, size: 'max' },
  );

const applied = (table: SortedTable<Row, number>, { key, value }: Change) =>
  value === null ? table.without(key) : table.with(key, { key, value });

const rowsOf = (map: ReadonlyMap<number, number>): Row[] =>
  [...map].map(([key, value]) => ({ key, value })).toSorted((a, b) => a.key - b.key);

check.prop([CHANGES(2000, 1500)], { seed: 1, numRuns: 40 })(
  'it behaves like a map that is sorted',
  (changes) => {
    let table = empty();
    const map = new Map<number, number>();
    for (const change of changes) {
      table = applied(table, change);
      if (change.value === null) map.delete(change.key);
      else map.set(change.key, change.value);
      expect(table.size).toBe(map.size);
      expect(table.find(change.key)?.value).toBe(map.get(change.key));
    }
    const rows = rowsOf(map);
    expect(table.all()).toEqual(rows);
    expect(table.first).toEqual(rows[0]);
    for (const start of [-1, 0, 17, 700, 1499, 1501]) {
      const wanted = rows.filter(({ key }) => key >= start && key < start + 200);
      expect(table.takeFrom(start, ({ key }) => key < start + 200)).toEqual(wanted);
      expect(table.find(start + 0.5)).toBeUndefined();
    }
  },
);

check.prop([CHANGES(300, 200), CHANGES(50, 200)], { seed: 1, numRuns: 100 })(
  'no change of a table shows in another one',
  (before, after) => {
    const table = before.reduce(applied, empty());
    const rows = structuredClone(table.all());
    const { size } = table;
    const versions = after.map((change) => applied(table, change));
    expect(table.all()).toEqual(rows);
    expect(table.size).toBe(size);
    for (const [index, { key, value }] of after.entries()) {
      expect(versions[index]?.find(key)?.value).toBe(value ?? undefined);
    }
  },
);

describe('sizes around those of its chunks', () => {
  test.each([0, 1, 2, 12, 13, 24, 25, 47, 48, 49, 50, 96, 97, 2000])('%i rows', (count) => {
    const table = filled(count);
    expect(table.size).toBe(count);
    expect(table.all().map(({ key }) => key)).toEqual(Array.from({ length: count }, (_, i) => i));
    let rest = table;
    for (let key = count - 1; key >= 0; key -= 1) {
      rest = rest.without(key);
      expect(rest.find(key)).toBeUndefined();
    }
    expect(rest.size).toBe(0);
    expect(rest.all()).toEqual([]);
    expect(rest.first).toBeUndefined();
    expect(rest.with(1, { key: 1, value: 1 }).all()).toHaveLength(1);
    expect(table.size).toBe(count);
  });

  test('it does not matter in which order rows come', () => {
    const keys = Array.from({ length: 500 }, (_, index) => (index * 271) % 500);
    const table = keys.reduce((rows, key) => rows.with(key, { key, value: 0 }), empty());
    expect(table.all().map(({ key }) => key)).toEqual(keys.toSorted((a, b) => a - b));
  });
});

describe('the ends', () => {
  test('to take away what is not there gives the very same table', () => {
    const table = filled(100, 2);
    for (const key of [-1, 1, 99, 199, 1000]) expect(table.without(key)).toBe(table);
    expect(empty().without(1).size).toBe(0);
  });

  test('to replace a row keeps the size', () => {
    const table = filled(100).with(50, { key: 50, value: -1 });
    expect([table.size, table.find(50)?.value]).toEqual([100, -1]);
  });

  test('takeFrom stops at the first row that is not wanted', () => {
    const table = filled(200);
    expect(table.takeFrom(10, ({ key }) => key % 2 === 0).map(({ key }) => key)).toEqual([10]);
    expect(table.takeFrom(199, () => true)).toHaveLength(1);
    expect(table.takeFrom(200, () => true)).toEqual([]);
    expect(empty().takeFrom(0, () => true)).toEqual([]);
  });

  test('without many rows at once is as without each, and leaves the table as it was', () => {
    for (const count of [1, 24, 25, 600]) {
      const table = filled(count);
      const rows = table.all();
      for (const isGone of [
        () => true,
        () => false,
        ({ key }: Row) => key < 30,
        ({ key }: Row) => key % 3 === 0,
      ]) {
        const gone = rows.filter(isGone);
        const left = table.withoutAll(new Set(gone));
        const each = gone.reduce((current, { key }) => current.without(key), table);
        expect([left.size, left.all()]).toEqual([each.size, each.all()]);
        const row = { key: -1, value: 0 };
        expect(left.with(row.key, row).first).toBe(row);
      }
      expect(table.all()).toEqual(rows);
    }
  });

  test('one that is filled anew has those rows, whatever it had, and grows as any other', () => {
    for (const count of [0, 1, 24, 25, 600]) {
      const rows = filled(count, 2).all();
      const table = filled(50).refilled(rows);
      expect([table.size, table.all()]).toEqual([count, rows]);
      for (const { key, value } of rows) expect(table.find(key)?.value).toBe(value);
      const grown = table.with(7, { key: 7, value: 1 });
      expect([grown.size, grown.find(7)?.value, grown.without(7).all()]).toEqual([
        count + 1,
        1,
        rows,
      ]);
    }
  });
});

/** Of which version something is made, and what; mostly of the newest, and behind all others. */
const BRANCHES = fc.array(
  fc.record({
    back: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(40) }),
    key: fc.option(fc.nat(80), { nil: null, freq: 1 }),
    value: fc.option(fc.nat(1000), { nil: null, freq: 6 }),
  }),
  { maxLength: 150, size: 'max' },
);

check.prop([BRANCHES], { seed: 1, numRuns: 150 })(
  'tables that grow out of the same one have nothing to do with each other',
  (branches) => {
    const versions = [{ table: empty(), map: new Map<number, number>() }];
    for (const { back, key: wanted, value } of branches) {
      const { table, map } = versions[
        Math.max(0, versions.length - 1 - back)
      ] as (typeof versions)[0];
      const key = wanted ?? Math.max(100, ...map.keys()) + 1;
      const changed = new Map(map);
      if (value === null) changed.delete(key);
      else changed.set(key, value);
      versions.push({ table: applied(table, { key, value }), map: changed });
    }
    for (const { table, map } of versions) {
      const rows = rowsOf(map);
      expect(table.all()).toEqual(rows);
      expect(table.size).toBe(rows.length);
      expect(table.first).toEqual(rows[0]);
      expect(table.takeFrom(0, () => true)).toEqual(rows);
      for (const row of rows) expect(table.find(row.key)).toEqual(row);
      expect(table.find(Math.max(100, ...map.keys()) + 1)).toBeUndefined();
    }
  },
);

test('what is read of a table is not changed by what grows out of it', () => {
  const table = filled(3);
  const all = table.all();
  table.with(3, { key: 3, value: 3 });
  expect(all).toHaveLength(3);
});
