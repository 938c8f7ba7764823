import { expect, test } from 'vitest';
import type { Command } from '../../src/api/command.ts';
import { campaign } from '../../src/harness/campaign.ts';
import { compare, shrinkDivergence } from '../../src/harness/compare.ts';
import { generate } from '../../src/harness/generate.ts';
import { simulatorTarget } from '../../src/harness/targets/simulator-target.ts';
import { DEFAULT_CONFIG } from '../../src/api/config.ts';
import { Seed } from '../../src/seed.ts';
import { Simulator } from '../../src/simulator/index.ts';

const options = { config: DEFAULT_CONFIG, commands: 50, clients: 3, clock: 'virtual' } as const;
const scheduleAt = (run: number) => generate(Seed.of(5n).split('run', run), options);

/** Grants a second more than it is asked for. */
class Generous extends Simulator {
  override submit(command: Command): void {
    super.submit(command.kind === 'grant' ? { ...command, ttl: command.ttl + 1n } : command);
  }
}

test('a target does not differ from itself', async () => {
  for (let run = 0; run < 50; run += 1) {
    expect(await compare(scheduleAt(run), simulatorTarget(), simulatorTarget())).toBeNull();
  }
});

test('where two targets differ is found, and made small', async () => {
  const [honest, generous] = [simulatorTarget(), simulatorTarget({ implementation: Generous })];
  const found = await compare(scheduleAt(0), honest, generous);
  if (found === null) throw new Error('nothing was found');
  const { divergence } = await shrinkDivergence(found, honest, generous);
  expect(divergence.schedule.steps).toHaveLength(1);
  expect(divergence.left).toMatch(/^R0 1 1 auto1 2$/);
  expect(divergence.right).toMatch(/^R0 1 1 auto1 3$/);
});

test('a campaign against another target stops at the first failure of either', async () => {
  const runs = [0, 1, 2];
  const against = simulatorTarget({ implementation: Generous });
  const settings = { seed: 5n, config: DEFAULT_CONFIG, commands: 50, clients: 3, runs, against };
  const { failure, tally } = await campaign(simulatorTarget(), settings);
  expect(tally.runs).toBe(1);
  expect(failure?.trial.verdict).toMatchObject({ kind: 'violation', rule: 'CONST-02' });
});
