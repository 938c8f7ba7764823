/** Real etcds on a virtual clock: what they answer, to the millisecond, is what the model says. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../../src/api/config.ts';
import { generate } from '../../src/harness/generate.ts';
import { parseSchedule } from '../../src/harness/parse-schedule.ts';
import { etcdVirtualTarget } from '../../src/harness/targets/etcd-virtual-target.ts';
import { simulatorTarget } from '../../src/harness/targets/simulator-target.ts';
import { trace } from '../../src/harness/trace.ts';
import { tryOut } from '../../src/harness/trial.ts';
import { unmetExpectations } from '../../src/harness/unmet-expectations.ts';
import { textReport } from '../../src/report/text.ts';
import { Seed } from '../../src/seed.ts';
import { testEtcd } from '../harness/targets/etcd-under-test.ts';

const FOLDER = fileURLToPath(new URL('../../examples/', import.meta.url));

const storiesIn = (folder: string): readonly string[] =>
  readdirSync(FOLDER + folder)
    .filter((name) => name.endsWith('.leasehold'))
    .map((name) => folder + name);

const start = async (version: string, config = DEFAULT_CONFIG) => {
  const { path: binary } = await testEtcd(version);
  return etcdVirtualTarget({ binary, version, config });
};

describe.each(['3.4.23', '3.5.16', '3.5.30'])('etcd %s', { timeout: 120_000 }, (version) => {
  test('model, simulator and etcd agree on random schedules', async () => {
    const target = await start(version);
    const config = target.config ?? DEFAULT_CONFIG;
    try {
      for (let run = 0; run < 40; run += 1) {
        const seed = Seed.of(2026n).split(version, run);
        const options = { config, commands: 50, clients: 3, clock: 'virtual' } as const;
        const schedule = generate(seed, options);
        const trial = await tryOut(schedule, target);
        expect(trial.verdict, textReport(trial, `run ${run}`)).toEqual({ kind: 'conformant' });
        const simulated = await tryOut(schedule, simulatorTarget());
        expect(trace(trial.history.entries)).toBe(trace(simulated.history.entries));
      }
    } finally {
      await target.close();
    }
  });

  const stories = [...storiesIn(''), ...storiesIn('virtual-clock/')].filter((name) => {
    const { config } = parseSchedule(readFileSync(FOLDER + name, 'utf8'));
    return version.startsWith(`${config.etcd}.`) || config.etcd === DEFAULT_CONFIG.etcd;
  });

  test.each(stories)('%s, exactly', async (name) => {
    const schedule = parseSchedule(readFileSync(FOLDER + name, 'utf8'));
    const target = await start(version, schedule.config);
    try {
      const trial = await tryOut(schedule, target);
      expect(trial.verdict).toEqual({ kind: 'conformant' });
      expect(unmetExpectations(trial)).toEqual([]);
    } finally {
      await target.close();
    }
  });
});
