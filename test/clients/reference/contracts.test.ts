/** The reference client keeps all contracts, in stories in which much goes wrong. */
import { expect, test } from 'vitest';
import { referenceAdapter } from '../../../src/clients/reference/adapter.ts';
import { tryRun } from '../trial/try-stories.ts';

/** `npx leasehold fuzz reference --runs 10000 --seed 1` runs ten times as many. */
const STORIES = 1_000;

test(`no contract is broken in ${STORIES} stories`, { timeout: 300_000 }, async () => {
  const adapter = referenceAdapter();
  let losses = 0;
  let acquired = 0;
  for (let run = 0; run < STORIES; run += 1) {
    const { trace, breaches, broken } = await tryRun(adapter, run);
    const findings = breaches.map(({ contract, what }) => `run ${run}: ${contract.id}: ${what}`);
    expect([...findings, broken].filter((found) => found !== null)).toEqual([]);
    for (const one of trace) {
      if (one.kind !== 'said') continue;
      if (one.event.kind === 'lost') losses += 1;
      else if (one.event.kind === 'acquired') acquired += 1;
    }
  }
  // Leases were lost, and locks taken: there was something to judge.
  expect(losses).toBeGreaterThan(STORIES / 10);
  expect(acquired).toBeGreaterThan(STORIES / 10);
});
