import { expect, test } from 'vitest';
import type { RangeView } from '../../src/api/command.ts';
import { Rig } from './rig.ts';

/** As etcd 3.4.23 to 3.7.3 answer: a to e put at 2 to 6, a again at 7, c at 8. */
const withKeys = (etcd: '3.6' | '3.7' = '3.6'): Rig => {
  const rig = new Rig({ etcd });
  for (const put of ['a2', 'b1', 'c2', 'd1', 'e2', 'a2', 'c2']) {
    rig.put(put.charAt(0), put.charAt(1));
  }
  return rig;
};

test.each<[Partial<RangeView>, string]>([
  [{ sortTarget: 'key', sortOrder: 'none' }, 'a b c'],
  [{ sortTarget: 'key', sortOrder: 'ascend' }, 'a b c'],
  [{ sortTarget: 'key', sortOrder: 'descend' }, 'e d c'],
  [{ sortTarget: 'version', sortOrder: 'none' }, 'b d a'],
  [{ sortTarget: 'version', sortOrder: 'ascend' }, 'b d e'],
  [{ sortTarget: 'version', sortOrder: 'descend' }, 'a c b'],
  [{ sortTarget: 'create', sortOrder: 'ascend' }, 'a b c'],
  [{ sortTarget: 'create', sortOrder: 'descend' }, 'e d c'],
  [{ sortTarget: 'mod', sortOrder: 'none' }, 'b d a'],
  [{ sortTarget: 'mod', sortOrder: 'ascend' }, 'b d e'],
  [{ sortTarget: 'mod', sortOrder: 'descend' }, 'c a e'],
  [{ sortTarget: 'value', sortOrder: 'none' }, 'b d a'],
  [{ sortTarget: 'value', sortOrder: 'descend' }, 'a c e'],
])('KV-12: three of five keys by %o', (view, keys) => {
  expect(withKeys().view('a', 'z', { ...view, limit: 3n })).toBe(`${keys} of 5 and more`);
});

test.each<[Partial<RangeView>, string]>([
  [{ limit: 4n }, 'a b c d of 5 and more'],
  [{ limit: 5n }, 'a b c d e of 5'],
  [{ limit: -1n }, 'a b c d e of 5'],
  [{ limit: 2n ** 63n - 1n }, 'a b c d e of 5'],
  [{ minModRevision: 5n }, 'a c d e of 5'],
  [{ minModRevision: 5n, limit: 2n }, 'a c of 5 and more'],
  [{ maxModRevision: 5n }, 'b d of 5'],
  [{ minCreateRevision: 4n, maxCreateRevision: 5n }, 'c d of 5'],
  [{ minModRevision: -1n, limit: 1n }, 'a of 5 and more'],
  [{ countOnly: true, limit: 1n }, ' of 5'],
  [{ countOnly: true, minModRevision: 99n }, ' of 5'],
  [{ revision: 4n }, 'a b c of 3'],
  [{ revision: 4n, limit: 2n }, 'a b of 3 and more'],
  [{ revision: 4n, countOnly: true }, ' of 3'],
  [{ serializable: true }, 'a b c d e of 5'],
])('KV-12: the view %o', (view, expected) => {
  expect(withKeys().view('a', 'z', view)).toBe(expected);
});

test.each([
  ['3.6', 'key', 'a=/7/2/9/3'],
  ['3.7', 'key', 'a=/0/2/9/3'],
  ['3.7', 'value', 'a=/7/2/9/3'],
] as const)('KV-12: keys only, %s, by %s', (etcd, sortTarget, expected) => {
  const rig = withKeys(etcd);
  rig.grant(7n, 60);
  rig.put('a', 'x', 7n);
  expect(rig.range('a', '', { keysOnly: true, sortTarget })).toBe(expected);
  expect(rig.range('a', '')).toBe('a=x/7/2/9/3');
});

test('KV-05: the key is looked at before the revision', () => {
  const rig = new Rig();
  expect(rig.range('', '', { revision: 9n })).toBe('key-empty');
});
