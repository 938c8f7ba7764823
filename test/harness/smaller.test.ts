import { expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../../src/api/config.ts';
import { generate } from '../../src/harness/generate.ts';
import { parseSchedule } from '../../src/harness/parse-schedule.ts';
import { requestCount, type Schedule } from '../../src/harness/schedule.ts';
import { printSchedule, SCHEDULE_HEADER } from '../../src/harness/schedule-text.ts';
import { smaller } from '../../src/harness/smaller.ts';
import { simulatorTarget } from '../../src/harness/targets/simulator-target.ts';
import { tryOut } from '../../src/harness/trial.ts';
import { Seed } from '../../src/seed.ts';

const generated = (index: number, commands = 20): Schedule =>
  generate(Seed.of(5n).split('smaller', index), {
    config: DEFAULT_CONFIG,
    commands,
    clients: 3,
    clock: 'virtual',
  });

const schedule = (...lines: readonly string[]): Schedule =>
  parseSchedule([SCHEDULE_HEADER, ...lines].join('\n'));

const linesOf = (given: Schedule): string =>
  printSchedule(given).split('\n').slice(2, -1).join('; ').replace(/ {2,}/g, ' ');

test('each candidate is a schedule: it is read as it is printed, and runs', async () => {
  const target = simulatorTarget();
  for (let index = 0; index < 20; index += 1) {
    for (const candidate of smaller(generated(index))) {
      expect(parseSchedule(printSchedule(candidate))).toEqual(candidate);
      const { verdict } = await tryOut(candidate, target);
      expect(verdict).toEqual({ kind: 'conformant' });
    }
  }
});

test('no candidate is the schedule itself, and none has more to do', () => {
  const requests = ({ steps }: Schedule): number =>
    steps.reduce((sum, step) => sum + requestCount(step), steps.length);
  for (let index = 0; index < 100; index += 1) {
    const whole = generated(index);
    const text = printSchedule(whole);
    for (const candidate of smaller(whole)) {
      expect(printSchedule(candidate)).not.toBe(text);
      expect(requests(candidate)).toBeLessThanOrEqual(requests(whole));
    }
  }
});

test('the given schedule stays as it was', () => {
  const whole = generated(1);
  const text = printSchedule(whole);
  for (const candidate of smaller(whole)) void candidate;
  expect(printSchedule(whole)).toBe(text);
});

test('always taking a candidate comes to an end, whichever it is', () => {
  for (let index = 0; index < 60; index += 1) {
    const random = Seed.of(6n).split('walk', index).random();
    let current = generated(index);
    let taken = 0;
    for (;;) {
      const candidates = [...smaller(current)];
      if (candidates.length === 0) break;
      // The last ones are the smallest steps, so a walk along them is the longest.
      current = random.chance(1, 2) ? (candidates.at(-1) as Schedule) : random.pick(candidates);
      taken += 1;
      expect(taken, printSchedule(current)).toBeLessThan(5000);
    }
    // The last step stays: without any there is nothing to fail.
    expect(current.steps.length).toBeLessThanOrEqual(1);
  }
});

test('the empty schedule has nothing smaller', () => {
  expect([...smaller(schedule())]).toEqual([]);
});

test.each([
  ['drops halves first', ['at 0 c1 leases', 'at 0 c1 ttl A'], 'at 0 c1 leases'],
  ['drops turns that were recorded', ['at 0 c1 leases', 'at 1s turn A'], 'at 0 c1 leases'],
  ['makes one client of several', ['at 0 c2 leases'], 'at 0 c1 leases'],
  ['drops what was expected', ['at 0 c1 leases → none'], 'at 0 c1 leases'],
  ['drops offsets', ['at A.deadline-1ms c1 leases'], 'at A.deadline c1 leases'],
  ['rounds offsets', ['at +2500ms c1 leases'], 'at +1s c1 leases'],
  ['makes groups smaller', ['at 0 c1 grant B*501 ttl=5'], 'at 0 c1 grant B*251 ttl=5'],
  ['shortens TTLs', ['at 0 c1 grant A ttl=60'], 'at 0 c1 grant A ttl=2'],
  ['drops ids', ['at 0 c1 grant A ttl=2 id=-1'], 'at 0 c1 grant A ttl=2'],
  ['drops flags', ['at 0 c1 put a prev-kv'], 'at 0 c1 put a'],
  ['drops values', ['at 0 c1 put a value=v'], 'at 0 c1 put a'],
  ['makes keys plain', ['at 0 c1 put "\\u0000" lease=A'], 'at 0 c1 put a lease=A'],
  ['makes leaps shorter', ['at 0 jump 10s'], 'at 0 jump 5s'],
])('it %s', (_what, lines, candidate) => {
  expect([...smaller(schedule(...lines))].map(linesOf)).toContain(candidate);
});
