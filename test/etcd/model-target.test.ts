/** The transcripts of model and simulator are equal; `virtual.test.ts` has that of real etcds. */
import { expect, test } from 'vitest';
import { DEFAULT_CONFIG, MINOR_VERSIONS } from '../../src/api/config.ts';
import { generate } from '../../src/harness/generate.ts';
import { simulatorTarget } from '../../src/harness/targets/simulator-target.ts';
import { trace } from '../../src/harness/trace.ts';
import { tryOut } from '../../src/harness/trial.ts';
import { Seed } from '../../src/seed.ts';
import { modelTarget } from './model-target.ts';

test.each(MINOR_VERSIONS)('model and simulator of %s say the same, 500 times', async (etcd) => {
  const config = { ...DEFAULT_CONFIG, etcd };
  for (let run = 0; run < 500; run += 1) {
    const seed = Seed.of(2028n).split(etcd, run);
    const schedule = generate(seed, { config, commands: 50, clients: 3, clock: 'virtual' });
    const [model, simulator] = [modelTarget(), simulatorTarget()];
    const predicted = trace((await tryOut(schedule, model)).history.entries);
    expect(trace((await tryOut(schedule, simulator)).history.entries)).toBe(predicted);
  }
});
