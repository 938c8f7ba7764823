/** `leasehold replay FILE`: the same schedule again, judged anew, its expectations compared. */
import { unmetExpectations } from '../harness/unmet-expectations.ts';
import type { Trial } from '../harness/trial.ts';
import type { Verdict } from '../harness/verdict.ts';
import type { Arguments } from './arguments.ts';
import { exitFor, type OpenCase, recordedVerdict, tryCase, withCase } from './cases.ts';
import { EXIT } from './exit-codes.ts';
import { storyText } from './story.ts';
import { Progress, type Terminal } from './terminal.ts';

export function runReplay(args: Arguments, terminal: Terminal): Promise<number> {
  const progress = new Progress(terminal);
  return withCase(args, terminal, progress, async (open) => {
    const trial = await tryCase(open);
    const unmet = open.found.kind === 'schedule' ? unmetExpectations(trial) : [];
    const { verdict } = trial;
    if (args.flag('json')) terminal.out(replayJson(open, trial, unmet));
    else {
      terminal.out(storyText(trial, open.path));
      for (const { line, expected, observed } of unmet) {
        terminal.out(
          `expectation not met: ${line}\n  expected ${expected}\n  observed ${observed}\n`,
        );
      }
      terminal.out(outcome(recordedVerdict(open.found), verdict, unmet.length, open));
    }
    if (verdict.kind === 'conformant' && unmet.length > 0) return EXIT.violation;
    return exitFor(verdict);
  });
}

const outcome = (
  recorded: Verdict | null,
  now: Verdict,
  unmet: number,
  { target }: OpenCase,
): string => {
  const said = `${wordVerdict(now)}${wordUnmet(now, unmet)}`;
  if (recorded === null) return `${target.name}: ${said}\n`;
  const same =
    recorded.kind === now.kind &&
    (recorded.kind !== 'violation' || now.kind !== 'violation' || recorded.rule === now.rule);
  const compared = same ? 'as recorded' : `recorded was ${wordVerdict(recorded)}`;
  return `${target.name}: ${said} (${compared})\n`;
};

/** Rules may be kept where somebody expected something else. */
const wordUnmet = ({ kind }: Verdict, count: number): string => {
  if (count === 0) return '';
  const not = count === 1 ? '1 expectation is not met' : `${count} expectations are not met`;
  return `${kind === 'conformant' ? ', but' : '; and'} ${not}`;
};

const wordVerdict = (verdict: Verdict): string => {
  switch (verdict.kind) {
    case 'conformant':
      return 'conformant';
    case 'violation':
      return `violation of ${verdict.rule}`;
    case 'inconclusive':
      return `inconclusive: ${verdict.why}`;
  }
};

const replayJson = (
  { path, target }: OpenCase,
  { verdict }: Trial,
  unmet: readonly object[],
): string => {
  const { name, version } = target;
  const value = {
    schema: 'leasehold-replay/1',
    command: 'replay',
    file: path,
    target: { name, version },
    verdict: verdict.kind,
    ...(verdict.kind === 'violation' ? { violation: verdict } : {}),
    ...(verdict.kind === 'inconclusive' ? { why: verdict.why } : {}),
    unmet,
  };
  return `${JSON.stringify(value)}\n`;
};
