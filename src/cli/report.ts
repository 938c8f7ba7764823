/** `leasehold report FILE`: the story of a file. A schedule is run on the simulator first. */
import { verdictOn } from '../harness/check.ts';
import type { Case } from '../harness/counterexample.ts';
import { simulatorTarget } from '../harness/targets/simulator-target.ts';
import { type Pauses, tryOut } from '../harness/trial.ts';
import type { Story } from '../report/story.ts';
import { type Arguments, UsageError } from './arguments.ts';
import { exitFor, scheduleIn } from './cases.ts';
import { readCaseFile } from './files.ts';
import { Stopper } from './stopper.ts';
import { storyText } from './story.ts';
import type { Terminal } from './terminal.ts';

export async function runReport(args: Arguments, terminal: Terminal): Promise<number> {
  const path = args.file();
  if (args.text('html') !== undefined) {
    throw new UsageError(`--html draws stories of clients, and ${path} is none`);
  }
  if (args.text('etcd') !== undefined) {
    throw new UsageError(`--etcd is for stories of clients, and ${path} is none: it says itself`);
  }
  const stop = new Stopper(terminal);
  const story = await storyOf(readCaseFile(path), stop);
  const { verdict } = story;
  const text = storyText(story, path);
  if (!args.flag('json')) terminal.out(text);
  else {
    const value = { schema: 'leasehold-report/1', command: 'report', file: path, verdict, text };
    terminal.out(`${JSON.stringify(value)}\n`);
  }
  return exitFor(verdict);
}

/** A counterexample tells what was recorded; the verdict on a history is found anew. */
const storyOf = async (found: Case, stop: Pauses = {}): Promise<Story> => {
  switch (found.kind) {
    case 'schedule':
      return tryOut(found.schedule, simulatorTarget(), undefined, stop);
    case 'counterexample':
      return found.counterexample;
    case 'history': {
      const { history } = found;
      return { schedule: scheduleIn(found), history, verdict: verdictOn(history) };
    }
  }
};
