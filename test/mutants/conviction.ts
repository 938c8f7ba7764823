/** Lets the harness loose on the simulator with a planted bug. */
import { type ServerConfig, DEFAULT_CONFIG } from '../../src/api/config.ts';
import { InvariantViolation } from '../../src/invariant.ts';
import {
  campaign,
  inRun,
  RunFailed,
  scheduleOf,
  shrinkFailure,
} from '../../src/harness/campaign.ts';
import type { Schedule } from '../../src/harness/schedule.ts';
import type { Simulator } from '../../src/simulator/index.ts';
import type { Target } from '../../src/harness/target.ts';
import { simulatorTarget } from '../../src/harness/targets/simulator-target.ts';
import { type FailedTrial, isViolation, tryOut } from '../../src/harness/trial.ts';
import type { Mutant } from './mutant.ts';

export interface Conviction {
  /** Schedules it took, the failing one included. */
  readonly schedules: number;
  readonly found: FailedTrial;
  readonly shrunk: FailedTrial;
}

/** A bug that survives so many schedules is a hole. */
const SCHEDULES = 3_000;

/** Finds the bug and shrinks what shows it; null: it survives. */
export async function convict(mutant: Mutant): Promise<Conviction | null> {
  // Restarts only where the bug needs them: they take room from all else.
  const target = { ...(await targetWith(mutant.id)), abilities: mutant.abilities ?? [] };
  const config = { ...DEFAULT_CONFIG, ...mutant.config };
  for (let run = 0; run < SCHEDULES; run += 1) {
    const trial = await inRun(SEED, run, () => tryOut(scheduleFor(run, config, target), target));
    if (trial.verdict.kind === 'conformant') continue;
    if (!isViolation(trial)) return null;
    const { trial: shrunk } = await shrinkFailure(trial, target);
    return { schedules: run + 1, found: trial, shrunk };
  }
  return null;
}

const SEED = 1n;

/** As `check` makes it; each once for all bugs that are looked for under the same settings. */
const scheduleFor = (run: number, config: ServerConfig, target: Target): Schedule => {
  const settings = JSON.stringify([config, target.abilities]);
  const known = made.get(settings) ?? [];
  made.set(settings, known);
  return (known[run] ??= scheduleOf(run, target, campaignOf(config, 0)));
};

const made = new Map<string, Schedule[]>();

/** The simulator with a bug, as a target. Its own scans are off: the harness has to see it. */
export async function targetWith(id: string): Promise<Target> {
  return simulatorTarget({ implementation: await implementationWith(id) });
}

/** The simulator with a bug, without its own scans. */
export async function implementationWith(id: string): Promise<typeof Simulator> {
  const { Simulator } = await load(id);
  return class extends Simulator {
    override scan(): void {
      // Nothing is checked.
    }
  };
}

/** How many schedules run until an invariant of the simulator breaks, and which. */
export async function provoke(
  id: string,
): Promise<{ readonly schedules: number; readonly message: string } | null> {
  const { Simulator } = await load(id);
  const simulator = simulatorTarget({ implementation: Simulator, scanEvery: 1 });
  const target = { ...simulator, abilities: [] };
  let schedules = 1;
  const progress = (): undefined => void (schedules += 1);
  try {
    await campaign(target, { ...campaignOf(DEFAULT_CONFIG, SCHEDULES), progress });
  } catch (error) {
    const thrown = error instanceof RunFailed ? error.cause : error;
    if (thrown instanceof InvariantViolation) return { schedules, message: thrown.message };
    throw error;
  }
  return null;
}

const campaignOf = (config: ServerConfig, runs: number) => ({
  seed: SEED,
  config,
  commands: 50,
  clients: 3,
  runs: Array.from({ length: runs }, (_, run) => run),
});

const load = async (id: string): Promise<{ readonly Simulator: typeof Simulator }> => {
  const path = `../../src/simulator/index.ts?mutant=${id}`;
  return (await import(/* @vite-ignore */ path)) as { readonly Simulator: typeof Simulator };
};
