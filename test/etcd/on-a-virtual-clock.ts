/** What an etcd on a virtual clock answers, to the millisecond, is what the model says. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { DEFAULT_CONFIG, MINOR_VERSIONS, type ServerConfig } from '../../src/api/config.ts';
import { generate, type GenerateOptions } from '../../src/harness/generate.ts';
import { needs, type Schedule } from '../../src/harness/schedule.ts';
import { parseSchedule } from '../../src/harness/parse-schedule.ts';
import type { Target } from '../../src/harness/target.ts';
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
  const servers = new Servers(version);
  afterAll(() => servers.close());

  /** Runs it and has the model judge it. */
  const conformant = async (run: number, schedule: Schedule): Promise<Trial> => {
    const trial = await servers.tryOut(schedule);
    expect(trial.verdict, textReport(trial, `run ${run}`)).toEqual({ kind: 'conformant' });
    return trial;
  };

  test('model, simulator and etcd agree on random schedules', async () => {
    for (let run = 0; run < RUNS; run += 1) {
      const seed = Seed.of(2026n).split(version, run);
      const schedule = generate(seed, optionsFor(version));
      const seen = trace((await conformant(run, schedule)).history.entries);
      const simulated = await tryOut(schedule, simulatorTarget());
      expect(seen).toBe(trace(simulated.history.entries));
      const predicted = await tryOut(schedule, modelTarget());
      expect(seen).toBe(trace(predicted.history.entries));
    }
  });

  test('they agree on restarts as well', async () => {
    for (let run = 0; run < RUNS; run += 1) {
      const seed = Seed.of(2029n).split(version, run);
      const schedule = generate(seed, { ...optionsFor(version), abilities: ['restart'] });
      if (!needs(schedule).has('restart')) continue;
      const trial = await conformant(run, schedule);
      const simulated = await tryOut(schedule, simulatorTarget());
      expect(trace(trial.history.entries)).toBe(trace(simulated.history.entries));
    }
  });

  test.each(storiesOf(version, 'its own'))('%s, exactly', async (name) => {
    const trial = await servers.tryOut(storyOf(name));
    expect(trial.verdict).toEqual({ kind: 'conformant' });
    expect(unmetExpectations(trial)).toEqual([]);
  });

  test.each(storiesOf(version, 'of others'))('%s does not hold', async (name) => {
    const trial = await servers.tryOut(storyOf(name));
    expect(trial.verdict).toEqual({ kind: 'conformant' });
    expect(unmetExpectations(trial)).not.toEqual([]);
  });
};

const optionsFor = (version: string): GenerateOptions => ({
  config: { ...DEFAULT_CONFIG, etcd: minorOf(version) ?? DEFAULT_CONFIG.etcd },
  commands: 50,
  clients: 3,
  clock: 'virtual',
  timeIsDear: true,
  alarmsForbidRestarts: version.startsWith('3.4.'),
});

/** A server for each configuration; its schedules follow each other, whoever asks for them. */
class Servers {
  readonly #version: string;
  readonly #started = new Map<string, Promise<Target>>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(version: string) {
    this.#version = version;
  }

  tryOut(schedule: Schedule): Promise<Trial> {
    const next = this.#last.then(async () => tryOut(schedule, await this.#serverFor(schedule)));
    this.#last = next.catch(() => {});
    return next;
  }

  async close(): Promise<void> {
    for (const started of this.#started.values()) await (await started).close();
  }

  #serverFor({ config }: Schedule): Promise<Target> {
    const { heartbeat, election, leaseCheckpoint = false, leaseCheckpointPersist = false } = config;
    const { progressInterval } = config;
    const checkpoints = [leaseCheckpoint, leaseCheckpointPersist];
    const name = [heartbeat, election, ...checkpoints, progressInterval].join();
    const started = this.#started.get(name) ?? this.#start(config);
    this.#started.set(name, started);
    return started;
  }

  async #start(config: ServerConfig): Promise<Target> {
    const { path: binary } = await testEtcd(this.#version);
    return etcdVirtualTarget({ binary, version: this.#version, config });
  }
}

const storyOf = (name: string): Schedule => parseSchedule(readFileSync(FOLDER + name, 'utf8'));

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
