/** KV-29: progress that watches are told by themselves. */
import { expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../../src/api/config.ts';
import { instant, milliseconds } from '../../src/api/units.ts';
import { Rig } from './rig.ts';

test('KV-29: progress comes every ten minutes of the stream, unless events did', () => {
  const rig = new Rig();
  rig.watch('j', '');
  rig.advanceTo(1000);
  rig.watch('k', '', { progressNotify: true });
  rig.put('other');
  rig.advanceTo(599_999);
  expect(rig.delivered()).toEqual([]);
  rig.advanceTo(600_000);
  expect(rig.delivered()).toEqual(['1.1 @2 ']);
  rig.put('k');
  rig.advanceTo(1_200_000);
  expect(rig.delivered()).toEqual(['1.1 @3 put k=v@3']);
  rig.advanceTo(1_800_000);
  expect(rig.delivered()).toEqual(['1.1 @3 ']);
  rig.send({ kind: 'cancelWatch', stream: 1, watch: 1n });
  rig.advanceTo(3_000_000);
  expect(rig.delivered()).toEqual([]);
});

test('KV-29: the period is what the server is told at each start', () => {
  const rig = new Rig({ progressInterval: milliseconds(5000) });
  rig.watch('k', '', { progressNotify: true });
  rig.advanceTo(4999);
  expect(rig.delivered()).toEqual([]);
  rig.advanceTo(10_000);
  expect(rig.delivered()).toEqual(['1.0 @1 ', '1.0 @1 ']);
  rig.simulator.stop();
  rig.simulator.start({ ...DEFAULT_CONFIG, progressInterval: milliseconds(100) });
  rig.watch('k', '', { progressNotify: true });
  rig.advanceTo(10_099);
  expect(rig.delivered()).toEqual([]);
  rig.advanceTo(10_100);
  expect(rig.delivered()).toEqual(['1.0 @1 ']);
});

test('KV-29: of the ticks that a leap passes over one comes where it lands', () => {
  const rig = new Rig();
  rig.watch('k', '', { progressNotify: true });
  rig.clock.jumpTo(instant(2_000_000));
  expect(rig.delivered()).toEqual(['1.0 @1 ']);
  rig.advanceTo(2_399_999);
  expect(rig.delivered()).toEqual([]);
  rig.advanceTo(2_400_000);
  expect(rig.delivered()).toEqual(['1.0 @1 ']);
});

test.each([
  ['3.4', ['1.0 @1 ']],
  ['3.5', []],
  ['3.7', []],
] as const)('KV-29: a watch that has yet to begin is told in %s: %j', (etcd, told) => {
  const rig = new Rig({ etcd });
  rig.watch('k', '', { progressNotify: true, startRevision: 9n });
  rig.advanceTo(600_000);
  expect(rig.delivered()).toEqual(told);
});
