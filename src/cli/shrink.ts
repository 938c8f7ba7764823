/**
 * `leasehold shrink FILE`: the smallest schedule that breaks the same rule, saved as a
 * counterexample.
 */
import { basename } from 'node:path';
import { shrinkFailure } from '../harness/campaign.ts';
import {
  COUNTEREXAMPLE_SCHEMA,
  type Counterexample,
  encodeCounterexample,
} from '../harness/counterexample.ts';
import { isViolation, type Trial } from '../harness/trial.ts';
import type { Arguments } from './arguments.ts';
import { type OpenCase, tryCase, withCase } from './cases.ts';
import { EXIT } from './exit-codes.ts';
import { saveOutput } from './files.ts';
import { storyText } from './story.ts';
import { Progress, type Terminal } from './terminal.ts';

export function runShrink(args: Arguments, terminal: Terminal): Promise<number> {
  const progress = new Progress(terminal);
  return withCase(args, terminal, progress, async (open) => {
    const trial = await tryCase(open);
    if (!isViolation(trial)) return nothing(open, trial, args, terminal);
    progress.note(`${open.target.name} breaks ${trial.verdict.rule}; making the schedule smaller`);
    const { trial: smallest, shrunk } = await shrinkFailure(trial, open.target, open.stop);
    const shrink = { attempts: shrunk.attempts, complete: shrunk.complete };
    const counterexample = counterexampleOf(open, smallest, shrink);
    const name = `${basename(open.path).replace(/\.[^.]*$/, '')}-shrunk.json`;
    const out = args.text('out') ?? './leasehold-out';
    const content = encodeCounterexample(counterexample);
    const path = saveOutput([out, name], content, (line) => progress.note(line));
    const text = storyText(smallest, path ?? open.path);
    const [before, after] = [open.schedule.steps.length, smallest.schedule.steps.length];
    if (args.flag('json')) {
      const { rule } = smallest.verdict;
      const value = { schema: 'leasehold-shrink/1', command: 'shrink', file: path, rule };
      terminal.out(`${JSON.stringify({ ...value, before, after, ...shrink })}\n`);
      // Else it would be nowhere.
      if (path === null) terminal.err(text);
    } else {
      const where = path === null ? '' : `, in ${path}`;
      terminal.out(text);
      terminal.out(`from ${before} to ${after} lines in ${shrunk.attempts} attempts${where}\n`);
    }
    return shrunk.complete || !open.stop.stopped() ? EXIT.violation : EXIT.inconclusive;
  });
}

const nothing = (
  { target }: OpenCase,
  { verdict }: Trial,
  args: Arguments,
  terminal: Terminal,
): number => {
  const file = null;
  const value = { schema: 'leasehold-shrink/1', command: 'shrink', file, verdict: verdict.kind };
  const said = `there is nothing to shrink: on ${target.name} the file is ${verdict.kind}\n`;
  terminal.out(args.flag('json') ? `${JSON.stringify(value)}\n` : said);
  return verdict.kind === 'conformant' ? EXIT.conformant : EXIT.inconclusive;
};

const counterexampleOf = (
  { found, schedule, target }: OpenCase,
  trial: Trial,
  shrink: Counterexample['shrink'],
): Counterexample => {
  const from = found.kind === 'counterexample' ? found.counterexample : null;
  return {
    schema: COUNTEREXAMPLE_SCHEMA,
    versions: trial.history.header.versions,
    seed: from?.seed ?? null,
    run: from?.run ?? null,
    target: { name: target.name, version: target.version },
    config: trial.history.header.config,
    schedule: trial.schedule,
    originalSteps: from?.originalSteps ?? schedule.steps.length,
    shrink,
    verdict: trial.verdict,
    history: trial.history,
  };
};
