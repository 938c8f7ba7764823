import { expect, test } from 'vitest';
import { Rig } from './rig.ts';

const without = (): Rig => {
  const rig = new Rig();
  rig.grant(1n, 5);
  rig.put('k', 'v', 1n);
  rig.alarm('raise');
  return rig;
};

test('GRANT-09, KV-05: without space nothing is granted or put, whatever else is wrong', () => {
  const rig = without();
  expect(rig.grant(2n, 5)).toBe('no-space');
  expect(rig.grant(1n, 5)).toBe('no-space');
  expect(rig.grant(2n, 9_000_000_001n)).toBe('no-space');
  expect(rig.put('k')).toBe('no-space');
  expect(rig.put('k', 'v', 9n)).toBe('no-space');
  expect(rig.put('x', '', 0n, { ignoreValue: true })).toBe('no-space');
  expect(rig.put('')).toBe('key-empty');
  expect(rig.put('k', 'v', 0n, { ignoreValue: true })).toBe('value-provided');
  expect(rig.put('k', 'v', 1n, { ignoreLease: true })).toBe('lease-provided');
  expect(rig.simulator.revision).toBe(2);
});

test('EXP-12, REVOKE-08: without space leases are renewed, revoked and expire', () => {
  const rig = without();
  expect(rig.keepAlive(1n)).toBe('ttl=5 @2');
  rig.advanceTo(6000);
  expect(rig.range('k')).toBe('');
  expect(rig.alarm('clear')).toBe('true @3');
  rig.grant(2n, 5);
  rig.put('k', 'v', 2n);
  rig.alarm('raise');
  expect(rig.revoke(2n)).toBe('revoked @5');
  expect(rig.delete('k')).toBe('deleted 0 @5');
  expect(rig.compact(5)).toBe('compacted @5');
});

test('GRANT-09: the alarm is raised until it is cleared', () => {
  const rig = new Rig();
  expect(rig.alarm('list')).toBe('false @1');
  expect(rig.alarm('clear')).toBe('false @1');
  const before = rig.simulator.stateHash;
  expect(rig.alarm('raise')).toBe('true @1');
  const raised = rig.simulator.stateHash;
  expect(raised).not.toBe(before);
  expect(rig.alarm('raise')).toBe('true @1');
  expect(rig.alarm('list')).toBe('true @1');
  expect(rig.simulator.stateHash).toBe(raised);
  expect(rig.alarm('clear')).toBe('true @1');
  expect(rig.alarm('list')).toBe('false @1');
  expect(rig.put('k')).toBe('putDone @2');
});

test('GRANT-09: etcd 3.4 answers about alarms without a header', () => {
  const rig = new Rig({ etcd: '3.4' });
  rig.put('k');
  expect(rig.alarm('raise')).toBe('true @0');
});
