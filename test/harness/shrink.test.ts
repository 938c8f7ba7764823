import { describe, expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../../src/api/config.ts';
import { generate } from '../../src/harness/generate.ts';
import { parseSchedule } from '../../src/harness/parse-schedule.ts';
import type { Schedule, ScheduleStep } from '../../src/harness/schedule.ts';
import { printSteps, SCHEDULE_HEADER } from '../../src/harness/schedule-text.ts';
import { shrink } from '../../src/harness/shrink.ts';
import { Seed } from '../../src/seed.ts';

const KINDS = ['grant', 'revoke', 'keepAlive', 'put', 'range', 'txn', 'watch'] as const;

/** The first of a series that has these kinds of command in it. */
const LARGE = Array.from({ length: 50 }, (_, index) =>
  generate(Seed.of(9n).split('shrink', index), {
    config: DEFAULT_CONFIG,
    commands: 200,
    clients: 3,
    clock: 'virtual',
  }),
).find(({ steps }) =>
  KINDS.every((kind) => steps.some(({ action }) => action.kind === kind)),
) as Schedule;

const linesOf = ({ steps }: Schedule): string[] =>
  printSteps(steps).map((line) => line.replace(/ {2,}/g, ' '));

const having =
  (...kinds: readonly ScheduleStep['action']['kind'][]) =>
  async ({ steps }: Schedule): Promise<boolean> =>
    kinds.every((kind) => steps.some(({ action }) => action.kind === kind));

test('it keeps what fails, and nothing else', async () => {
  const { complete, schedule } = await shrink(LARGE, having('keepAlive', 'put'));
  expect(complete).toBe(true);
  expect(schedule.steps).toHaveLength(2);
  // An instant that hung on a lease does so no more, now that the lease is gone.
  expect(linesOf(schedule).toSorted()).toEqual([
    expect.stringMatching(/^at \+0 c1 keep-alive \S+$/),
    expect.stringMatching(/^at \+0 c1 put a/),
  ]);
});

test('an instant that hangs on a lease stays where that is what fails', async () => {
  const text = ['at 0 c1 grant A ttl=5', 'at A.deadline-1ms c1 ttl A', 'at A.turn+5ms c1 ttl A'];
  const anchored = ({ steps }: Schedule): boolean => steps.some(({ at }) => at.from === 'deadline');
  const whole = parseSchedule(`${SCHEDULE_HEADER}\n${text.join('\n')}\n`);
  const { schedule } = await shrink(whole, async (candidate) => anchored(candidate));
  expect(linesOf(schedule)).toEqual(['at A.deadline c1 ttl A']);
});

test('the same failure shrinks to the same schedule', async () => {
  const [first, second] = [
    await shrink(LARGE, having('grant', 'range')),
    await shrink(LARGE, having('grant', 'range')),
  ];
  expect(second).toEqual(first);
});

test('each schedule it settles on did fail', async () => {
  const failing = new Set<Schedule>();
  const { schedule } = await shrink(LARGE, async (candidate) => {
    const fails = await having('revoke')(candidate);
    if (fails) failing.add(candidate);
    return fails;
  });
  expect(failing.has(schedule)).toBe(true);
});

test('what does not fail any smaller stays as it is', async () => {
  const text = `${SCHEDULE_HEADER}\nat 3s c2 grant A*7 ttl=60 → A ttl=60\n`;
  const given = parseSchedule(text);
  const { complete, schedule } = await shrink(given, async () => false);
  expect(schedule).toBe(given);
  expect(complete).toBe(true);
});

describe('it ends early', () => {
  test('after as many attempts as it was given', async () => {
    const { attempts, complete } = await shrink(LARGE, having('put'), { attempts: 7 });
    expect([attempts, complete]).toEqual([7, false]);
  });

  test('when it is told to, with the best so far', async () => {
    let asked = 0;
    const stopped = () => {
      asked += 1;
      return asked > 3;
    };
    const fails = having('put');
    const { attempts, complete, schedule } = await shrink(LARGE, fails, { stopped });
    expect([attempts, complete]).toEqual([3, false]);
    expect(schedule.steps.length).toBeLessThan(LARGE.steps.length);
    expect(await fails(schedule)).toBe(true);
  });
});
