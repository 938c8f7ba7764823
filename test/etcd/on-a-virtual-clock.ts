/** What an etcd on a virtual clock answers, to the millisecond, is what the model says. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { DEFAULT_CONFIG, MINOR_VERSIONS } from '../../src/api/config.ts';
import { generate } from '../../src/harness/generate.ts';
import { needs } from '../../src/harness/schedule.ts';
import { parseSchedule } from '../../src/harness/parse-schedule.ts';
import { minorOf } from '../../src/harness/targets/etcd-releases.ts';
import { etcdVirtualTarget } from '../../src/harness/targets/etcd-virtual-target.ts';
import { simulatorTarget } from '../../src/harness/targets/simulator-target.ts';
import { trace } from '../../src/harness/trace.ts';
import { type Trial, tryOut } from '../../src/harness/trial.ts';
import { unmetExpectations } from '../../src/harness/unmet-expectations.ts';
import { PROFILES } from '../../src/model/index.ts';
import { textReport } from '../../src/report/text.ts';
import { Seed } from '../../src/seed.ts';
import { testEtcd } from '../harness/targets/etcd-under-test.ts';
import { modelTarget } from './model-target.ts';

/** Of each version. */
const RUNS = 60;

/** The tests of one version. */
export const testOnVirtualClock = (version: string): void => {
  test('model, simulator and etcd agree on random schedules', async () => {
    const target = await start(version);
    const config = target.config ?? DEFAULT_CONFIG;
    try {
      for (let run = 0; run < RUNS; run += 1) {
        const seed = Seed.of(2026n).split(version, run);
        const options = { config, commands: 50, clients: 3, clock: 'virtual' } as const;
        const schedule = generate(seed, options);
        const trial = await tryOut(schedule, target);
        expect(trial.verdict, textReport(trial, `run ${run}`)).toEqual({ kind: 'conformant' });
        const simulated = await tryOut(schedule, simulatorTarget());
        expect(trace(trial.history.entries)).toBe(trace(simulated.history.entries));
        const predicted = await tryOut(schedule, modelTarget());
        expect(trace(trial.history.entries)).toBe(trace(predicted.history.entries));
      }
    } finally {
      await target.close();
    }
  });

  test('they agree on restarts as well', async () => {
    const target = await start(version);
    const config = target.config ?? DEFAULT_CONFIG;
    try {
      for (let run = 0; run < 60; run += 1) {
        const seed = Seed.of(2029n).split(version, run);
        const options = { config, commands: 50, clients: 3, clock: 'virtual' } as const;
        const schedule = generate(seed, { ...options, abilities: ['restart'] });
        if (!needs(schedule).has('restart')) continue;
        const trial = await tryOut(schedule, target);
        expect(trial.verdict, textReport(trial, `run ${run}`)).toEqual({ kind: 'conformant' });
        const simulated = await tryOut(schedule, simulatorTarget());
        expect(trace(trial.history.entries)).toBe(trace(simulated.history.entries));
      }
    } finally {
      await target.close();
    }
  });

  test.each(storiesOf(version, 'its own'))('%s, exactly', async (name) => {
    const trial = await tell(name, version);
    expect(trial.verdict).toEqual({ kind: 'conformant' });
    expect(unmetExpectations(trial)).toEqual([]);
  });

  test.each(storiesOf(version, 'of others'))('%s does not hold', async (name) => {
    const trial = await tell(name, version);
    expect(trial.verdict).toEqual({ kind: 'conformant' });
    expect(unmetExpectations(trial)).not.toEqual([]);
  });
};

const tell = async (name: string, version: string): Promise<Trial> => {
  const schedule = parseSchedule(readFileSync(FOLDER + name, 'utf8'));
  const target = await start(version, schedule.config);
  try {
    return await tryOut(schedule, target);
  } finally {
    await target.close();
  }
};

const FOLDER = fileURLToPath(new URL('../../examples/', import.meta.url));

/**
 * A story holds for every version, or, as `leap-3.6.leasehold`, for those that are in this
 * like the one in its name.
 */
const storiesOf = (version: string, which: 'its own' | 'of others'): readonly string[] => {
  const minor = minorOf(version) ?? DEFAULT_CONFIG.etcd;
  return ['', 'virtual-clock/'].flatMap(storiesIn).filter((name) => {
    const named = MINOR_VERSIONS.find((each) => name.endsWith(`-${each}.leasehold`));
    const holds =
      named === undefined || TOLD.every((each) => PROFILES[named][each] === PROFILES[minor][each]);
    return holds === (which === 'its own');
  });
};

/** The differences that stories tell of. */
const TOLD = ['afterLateTurn', 'checkpointsPersist'] as const;

const storiesIn = (folder: string): readonly string[] =>
  readdirSync(FOLDER + folder)
    .filter((name) => name.endsWith('.leasehold'))
    .map((name) => folder + name);

const start = async (version: string, config = DEFAULT_CONFIG) => {
  const { path: binary } = await testEtcd(version);
  return etcdVirtualTarget({ binary, version, config });
};
