/**
 * What the commands that take a file have in common: its schedule, its target, and a trial of it.
 */
import type { Case, Counterexample } from '../harness/counterexample.ts';
import { scheduleOfHistory } from '../harness/recorded.ts';
import type { Schedule } from '../harness/schedule.ts';
import { type Target, TargetError } from '../harness/target.ts';
import { type Trial, tryOut } from '../harness/trial.ts';
import type { Verdict } from '../harness/verdict.ts';
import type { Arguments } from './arguments.ts';
import { EXIT } from './exit-codes.ts';
import { readCaseFile } from './files.ts';
import { planTarget } from './targets.ts';
import { Interrupted, Stopper } from './stopper.ts';
import type { Progress, Terminal } from './terminal.ts';

export interface OpenCase {
  readonly path: string;
  readonly found: Case;
  readonly schedule: Schedule;
  readonly target: Target;
  readonly stop: Stopper;
}

/**
 * Reads the file, starts the target that is asked for, or that the file names, and closes it in the
 * end.
 */
export async function withCase(
  args: Arguments,
  terminal: Terminal,
  progress: Progress,
  use: (open: OpenCase) => Promise<number>,
): Promise<number> {
  const path = args.file();
  const stop = new Stopper(terminal);
  const found = readCaseFile(path);
  const schedule = scheduleIn(found);
  const name = args.text('target') ?? targetIn(found) ?? 'simulator';
  const request = { name, etcd: args.text('etcd'), config: schedule.config };
  const note = (line: string): void => progress.note(line);
  const plan = await stop.unlessStopped(planTarget(request, terminal, note, stop.signal));
  const target = await stop.unlessStopped(plan.start());
  stop.onStop(() => void target.close());
  try {
    return await use({ path, found, schedule, target, stop });
  } catch (error) {
    throw error instanceof TargetError && stop.stopped() ? new Interrupted() : error;
  } finally {
    await target.close();
  }
}

export const scheduleIn = (found: Case): Schedule => {
  switch (found.kind) {
    case 'schedule':
      return found.schedule;
    case 'counterexample':
      return found.counterexample.schedule;
    case 'history':
      return scheduleOfHistory(found.history);
  }
};

/** The target of a recorded file, as far as it can be had again. */
const targetIn = (found: Case): string | undefined => {
  if (found.kind === 'schedule') return undefined;
  const name =
    found.kind === 'history' ? found.history.header.target : found.counterexample.target.name;
  return name.startsWith('etcd') || name.startsWith('http://') ? name : 'simulator';
};

/** Runs a case once. */
export const tryCase = ({ schedule, target, stop }: OpenCase): Promise<Trial> =>
  tryOut(schedule, target, undefined, stop);

export const recordedVerdict = (found: Case): Counterexample['verdict'] | null =>
  found.kind === 'counterexample' ? found.counterexample.verdict : null;

export const exitFor = (verdict: Verdict): number => {
  switch (verdict.kind) {
    case 'conformant':
      return EXIT.conformant;
    case 'violation':
      return EXIT.violation;
    case 'inconclusive':
      return EXIT.inconclusive;
  }
};
