import { expect, test } from 'vitest';
import type { Command } from '../../src/api/command.ts';
import { DEFAULT_CONFIG } from '../../src/api/config.ts';
import { instant, milliseconds } from '../../src/api/units.ts';
import { VirtualClock } from '../../src/clock/virtual-clock.ts';
import { InvariantViolation } from '../../src/invariant.ts';
import { Simulator } from '../../src/simulator/index.ts';
import { Rig } from './rig.ts';

const story = (rig: Rig): string[] => {
  const hashes: string[] = [];
  const steps = [
    () => rig.grant(1n, 5),
    () => rig.put('k', 'v', 1n),
    () => rig.keepAlive(1n),
    () => rig.put('k', 'w', 1n),
    () => rig.delete('k'),
    () => rig.advanceTo(4999),
    () => rig.advanceTo(5100),
    () => rig.keepAlive(1n),
    () => rig.advanceTo(6000),
  ];
  for (const step of steps) {
    step();
    hashes.push(rig.simulator.stateHash);
  }
  return hashes;
};

test('the state hash is the same for the same commands, and moves with each change', () => {
  const first = story(new Rig());
  expect(story(new Rig())).toEqual(first);
  // The sixth and the last two change nothing: time passes, and a lease that is gone is not
  // renewed.
  expect(new Set(first).size).toBe(first.length - 3);
});

test('the state hash stays with questions and refusals', () => {
  const rig = new Rig();
  rig.grant(1n, 5);
  const before = rig.simulator.stateHash;
  rig.grant(1n, 5);
  rig.ttl(1n);
  rig.leases();
  rig.range('k');
  rig.put('k', 'v', 9n);
  rig.delete('k');
  rig.revoke(9n);
  rig.advanceTo(4000);
  expect(rig.simulator.stateHash).toBe(before);
});

test('a command from within a callback is carried out after the one under way', () => {
  const clock = new VirtualClock();
  const log: string[] = [];
  const list = (token: number): Command => ({ kind: 'leases', token });
  const simulator: Simulator = new Simulator({
    clock,
    config: DEFAULT_CONFIG,
    onAnswer: (token) => {
      log.push(`answer ${token} begins`);
      if (token < 3) simulator.submit(list(token + 1));
      log.push(`answer ${token} ends`);
    },
    onTurn: () => {
      simulator.submit(list(10));
      log.push('turn');
    },
  });
  simulator.submit(list(1));
  clock.advanceTo(instant(500));
  const answers = [1, 2, 3].flatMap((token) => [`answer ${token} begins`, `answer ${token} ends`]);
  expect(log).toEqual([...answers, 'turn', 'answer 10 begins', 'answer 10 ends']);
});

test('callbacks do not move the clock', () => {
  const rig: Rig = new Rig({}, { onAnswer: () => rig.advanceTo(1000) });
  expect(() => rig.leases()).toThrow(InvariantViolation);
});

test('a closed simulator leaves its clock alone and takes no commands', () => {
  const rig = new Rig();
  rig.grant(1n, 2);
  rig.simulator.close();
  rig.simulator.close();
  expect(rig.clock.next).toBeUndefined();
  rig.advanceTo(9000);
  expect(rig.log).toEqual(['answer 1']);
  expect(() => rig.leases()).toThrow(InvariantViolation);
});

test('a simulator may be closed by one of its callbacks', () => {
  const rig: Rig = new Rig({}, { onTurn: () => rig.simulator.close() });
  rig.advanceTo(5000);
  expect(rig.clock.next).toBeUndefined();
});

test('settings that etcd does not accept are refused', () => {
  expect(() => new Rig({ election: milliseconds(499) })).toThrow(InvariantViolation);
  expect(() => new Rig({ election: milliseconds(50_001) })).toThrow(InvariantViolation);
  expect(() => new Rig({ heartbeat: milliseconds(0) })).toThrow(InvariantViolation);
});

test('nobody needs to watch or to see the turns', () => {
  const clock = new VirtualClock();
  const simulator = new Simulator({ clock, config: DEFAULT_CONFIG, onAnswer: () => {} });
  simulator.submit({ kind: 'grant', token: 1, id: 1n, ttl: 2n });
  clock.advanceTo(instant(2000));
  simulator.scan();
  expect(clock.now).toBe(2000);
});
