/** Generated schedules reach the cases without which a green run would mean nothing. */
import { expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../../src/api/config.ts';
import { campaign } from '../../src/harness/campaign.ts';
import { SOMETIMES, type Sometimes } from '../../src/harness/sometimes.ts';
import { simulatorTarget } from '../../src/harness/targets/simulator-target.ts';

const RUNS = 2_000;

/** Cases that may take longer; within 10,000 runs all occur. */
const RARE: ReadonlySet<Sometimes> = new Set(['time-to-live answered a negative TTL']);

test(`every case that is not rare occurs within ${RUNS} schedules`, async () => {
  const { tally, failure } = await campaign(simulatorTarget(), {
    seed: 1n,
    config: DEFAULT_CONFIG,
    commands: 50,
    clients: 3,
    runs: Array.from({ length: RUNS }, (_, run) => run),
  });
  expect(failure).toBeNull();
  const { sometimes } = tally.coverage;
  expect(SOMETIMES.filter((name) => !RARE.has(name) && sometimes[name] === 0)).toEqual([]);
});
