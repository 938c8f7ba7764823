import { describe, expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../../src/api/config.ts';
import { generate, type GenerateOptions } from '../../src/harness/generate.ts';
import { clientCount } from '../../src/harness/schedule.ts';
import { printSchedule } from '../../src/harness/schedule-text.ts';
import { simulatorTarget } from '../../src/harness/targets/simulator-target.ts';
import { tryOut } from '../../src/harness/trial.ts';
import { Seed } from '../../src/seed.ts';

const OPTIONS: GenerateOptions = {
  config: DEFAULT_CONFIG,
  commands: 50,
  clients: 3,
  clock: 'virtual',
};

const textOf = (index: number, options: Partial<GenerateOptions> = {}): string =>
  printSchedule(generate(Seed.of(1n).split('run', index), { ...OPTIONS, ...options }));

const SERIES = Array.from({ length: 200 }, (_, index) => index);

test('the same seed and options give the same schedule', () => {
  for (const index of SERIES) expect(textOf(index)).toBe(textOf(index));
});

test('other seeds give other schedules', () => {
  expect(new Set(SERIES.map((index) => textOf(index))).size).toBe(SERIES.length);
});

test('it has as many commands as asked for, and at most one more that waits for the end', () => {
  for (const commands of [1, 2, 50, 200]) {
    const { steps } = generate(Seed.of(1n), { ...OPTIONS, commands });
    expect(steps.length).toBeGreaterThanOrEqual(commands);
    expect(steps.length).toBeLessThanOrEqual(commands + 1);
  }
});

test('it has no more clients than asked for, and uses them all', () => {
  for (const clients of [1, 2, 7]) {
    const counts = SERIES.map((index) => {
      return clientCount(generate(Seed.of(1n).split('run', index), { ...OPTIONS, clients }));
    });
    expect(Math.max(...counts)).toBe(clients);
  }
});

test('it carries the settings it was made for', () => {
  const config = { ...DEFAULT_CONFIG, etcd: '3.7' } as const;
  expect(generate(Seed.of(1n), { ...OPTIONS, config }).config).toEqual(config);
});

describe('for a real clock', () => {
  const schedules = SERIES.map((index) =>
    generate(Seed.of(2n).split('run', index), { ...OPTIONS, clock: 'real' }),
  );

  test('it neither leaps nor makes a crowd', () => {
    const actions = schedules.flatMap(({ steps }) => steps.map(({ action }) => action));
    expect(actions.some(({ kind }) => kind === 'jump')).toBe(false);
    expect(actions.some((action) => 'count' in action && action.count > 100)).toBe(false);
  });
});

test('on a virtual clock it does both now and then', () => {
  const actions = SERIES.flatMap((index) =>
    generate(Seed.of(2n).split('run', index), OPTIONS).steps.map(({ action }) => action),
  );
  expect(actions.some(({ kind }) => kind === 'jump')).toBe(true);
  expect(actions.some((action) => action.kind === 'grant' && action.count > 500)).toBe(true);
});

test('where time is dear, nine of ten take half a minute at most, and some much more', async () => {
  const target = { ...simulatorTarget(), abilities: ['restart'] } as const;
  const options = { ...OPTIONS, abilities: target.abilities, timeIsDear: true };
  const ends: number[] = [];
  for (const index of SERIES) {
    const schedule = generate(Seed.of(3n).split('run', index), options);
    ends.push((await tryOut(schedule, target)).result.now);
  }
  expect(ends.filter((end) => end <= 30_000).length).toBeGreaterThan(0.9 * ends.length);
  expect(Math.max(...ends)).toBeGreaterThan(100_000);
});

test('where alarms forbid restarts, no schedule has both, and each there is', () => {
  const options = { ...OPTIONS, abilities: ['restart'], alarmsForbidRestarts: true } as const;
  const seen = { alarm: 0, restart: 0, both: 0 };
  for (const index of SERIES) {
    const { steps } = generate(Seed.of(4n).split('run', index), options);
    const kinds = new Set(steps.map(({ action }) => action.kind));
    if (kinds.has('alarm')) seen.alarm += 1;
    if (kinds.has('restart')) seen.restart += 1;
    if (kinds.has('alarm') && kinds.has('restart')) seen.both += 1;
  }
  expect(seen.both).toBe(0);
  expect(seen.alarm).toBeGreaterThan(0);
  expect(seen.restart).toBeGreaterThan(0);
});

test('however long a schedule is, the watches that are open at once are few', () => {
  const { steps } = generate(Seed.of(2n).split('run', 0), { ...OPTIONS, commands: 5000 });
  const open = new Set<string>();
  let [most, all] = [0, 0];
  for (const { action } of steps) {
    if (action.kind === 'watch') open.add(action.name);
    if (action.kind === 'watch') all += 1;
    if (action.kind === 'cancelWatch') open.delete(action.watch);
    most = Math.max(most, open.size);
  }
  expect(all).toBeGreaterThan(50);
  expect(most).toBe(16);
});

// A lease that lives for ages and one that expires soon had one id: the generator's server chose
// ids that schedules name, and clients do not hear of a grant that came too late.
test.each([
  [1012n, 756],
  [1020n, 956],
])(
  'no step is an hour ahead, whatever clients take a lease for: seed %i, run %i',
  async (seed, run) => {
    const abilities = ['restart', 'leader', 'apply'] as const;
    const schedule = generate(Seed.of(seed).split('run', run), { ...OPTIONS, abilities });
    const { result, verdict } = await tryOut(schedule, simulatorTarget());
    expect(verdict.kind).toBe('conformant');
    const instants = [0, ...result.steps.map(({ at }) => at)];
    const ahead = instants.slice(1).map((at, index) => at - (instants[index] ?? 0));
    expect(Math.max(...ahead)).toBeLessThanOrEqual(3_600_000);
  },
);
