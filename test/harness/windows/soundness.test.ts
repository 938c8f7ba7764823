/** What a correct server does is conformant, however its history is seen on a real clock. */
import { expect, test } from 'vitest';
import type { Entry, History } from '../../../src/harness/history.ts';
import { check } from '../../../src/harness/check.ts';
import { simulatorTarget } from '../../../src/harness/targets/simulator-target.ts';
import { type Random, Seed } from '../../../src/seed.ts';
import { onARealClock } from './on-a-real-clock.ts';
import { type Runs, virtualRun } from './virtual-runs.ts';

/** Histories of each shape. */
const HISTORIES = 100;

interface Shape {
  readonly sessions: number;
  readonly clients: number;
  /** How far windows stretch, in milliseconds. */
  readonly stretch: number;
  /** Whether watches show everything, end in mid-run, or are not there at all. */
  readonly watches: 'all' | 'cut' | 'none';
}

const SHAPES: readonly Shape[] = [
  { sessions: 1, clients: 1, stretch: 0, watches: 'all' },
  { sessions: 1, clients: 3, stretch: 0, watches: 'all' },
  { sessions: 4, clients: 1, stretch: 0, watches: 'all' },
  { sessions: 1, clients: 3, stretch: 3, watches: 'all' },
  { sessions: 3, clients: 3, stretch: 50, watches: 'all' },
  { sessions: 3, clients: 3, stretch: 400, watches: 'all' },
  { sessions: 2, clients: 1, stretch: 2000, watches: 'all' },
  { sessions: 2, clients: 3, stretch: 2000, watches: 'all' },
  { sessions: 2, clients: 2, stretch: 20, watches: 'cut' },
  { sessions: 1, clients: 1, stretch: 3, watches: 'none' },
];

const CASES = SHAPES.flatMap((shape) => [
  { ...shape, clock: 'real' as const },
  { ...shape, clock: 'virtual' as const },
]);

test.each(CASES)(
  '$clock schedules, $sessions sessions, $clients clients, $stretch ms, watches $watches',
  async ({ clock, sessions, clients, stretch, watches }) => {
    const base = Seed.of(1n).split(`${clock} ${sessions} ${clients} ${stretch} ${watches}`);
    for (let index = 0; index < HISTORIES; index += 1) {
      const seed = base.split('history', index);
      const random = seed.random();
      const runs = await runsOf(seed, sessions, { clock, clients, commands: 40 });
      const exclusive = index % 2 === 0 && watches === 'all';
      const seen = onARealClock(runs, { random, stretch, exclusive });
      const verdict = check(watches === 'all' ? seen : unwatched(seen, watches, random));
      expect(verdict, `history ${index}`).toEqual({ kind: 'conformant' });
    }
  },
);

// If it took more than in proportion to them, it would not end in time.
test('200 sessions of 50 commands are judged as one history', async () => {
  const options = { clock: 'real', clients: 3, commands: 50 } as const;
  const runs = await runsOf(Seed.of(2n), 200, options);
  const random = Seed.of(3n).random();
  const history = onARealClock(runs, { random, stretch: 5, exclusive: true });
  expect(check(history)).toEqual({ kind: 'conformant' });
});

const runsOf = async (seed: Seed, sessions: number, runs: Runs): Promise<readonly History[]> => {
  const histories: History[] = [];
  for (let session = 0; session < sessions; session += 1) {
    histories.push(await virtualRun(simulatorTarget(), seed.split('session', session), runs));
  }
  return histories;
};

/** The history of somebody whose watches ended in mid-run, or who did not watch at all. */
const unwatched = (history: History, how: 'cut' | 'none', random: Random): History => {
  const cut = how === 'none' ? 0 : random.below(history.entries.length);
  const isKept = (entry: Entry, index: number): boolean => entry.kind !== 'watch' || index < cut;
  return { ...history, entries: history.entries.filter(isKept) };
};
