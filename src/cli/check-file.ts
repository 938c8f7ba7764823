/** `leasehold check FILE`: the verdict of today's model on what was recorded. */
import { verdictOn } from '../harness/check.ts';
import { Coverage } from '../harness/coverage.ts';
import { type Arguments, UsageError } from './arguments.ts';
import { exitFor, scheduleIn } from './cases.ts';
import { readCaseFile } from './files.ts';
import { replayCommand, storyText } from './story.ts';
import type { Terminal } from './terminal.ts';

export function checkFile(args: Arguments, terminal: Terminal): number {
  const path = args.file();
  const found = readCaseFile(path);
  if (found.kind === 'schedule') {
    const instead = replayCommand(path);
    throw new UsageError(`${path} is a schedule, not a recorded history: ${instead}`);
  }
  const history = found.kind === 'history' ? found.history : found.counterexample.history;
  const coverage = new Coverage();
  const verdict = verdictOn(history, coverage);
  if (args.flag('json')) {
    const { rules, sometimes } = coverage;
    const value = { schema: 'leasehold-check-file/1', command: 'check', file: path, verdict };
    terminal.out(`${JSON.stringify({ ...value, rules, sometimes })}\n`);
  } else if (verdict.kind === 'violation') {
    terminal.out(storyText({ schedule: scheduleIn(found), history, verdict }, path));
  } else {
    const why = verdict.kind === 'inconclusive' ? `: ${verdict.why}` : '';
    terminal.out(`${path}: ${verdict.kind}${why}\n`);
  }
  return exitFor(verdict);
}
