/** `replay` and `report` of a story of clients with a command, on the real clock. */
import { beliefPicture } from '../clients/belief-picture.ts';
import { beliefTimeline } from '../clients/belief-timeline.ts';
import { CONTRACTS } from '../clients/contracts/contracts.ts';
import { decodeFuzzFile, linesOf, storyOfFile } from '../clients/fuzz-file.ts';
import { contractNamed } from '../clients/known.ts';
import { LagMeter } from '../clients/live/lag.ts';
import { type LiveTrial, tryLiveStory } from '../clients/live/live-campaign.ts';
import { endStragglers } from '../clients/live/stragglers.ts';
import { parseStory } from '../clients/parse-story.ts';
import type { ClientStory } from '../clients/story.ts';
import { beliefHtml } from '../report/belief-html.ts';
import { type Arguments, UsageError } from './arguments.ts';
import { EXIT } from './exit-codes.ts';
import { decodeFile, writeFile } from './files.ts';
import { usable } from './fuzz-command.ts';
import type { Terminal } from './terminal.ts';

/** How often a story is played, at once: on a real clock no two runs are the same. */
const TRIES = 3;

interface Played {
  readonly path: string;
  readonly story: ClientStory;
  readonly name: string;
  readonly trials: readonly LiveTrial[];
}

const play = async (
  args: Arguments,
  command: readonly string[],
  terminal: Terminal,
): Promise<Played> => {
  const path = args.file();
  const { file, story } = decodeFile(path, (content) => {
    if (!content.trimStart().startsWith('{')) return { file: null, story: parseStory(content) };
    const decoded = decodeFuzzFile(content);
    return { file: decoded, story: storyOfFile(decoded) };
  });
  const contract = file === null ? undefined : contractNamed(file.contract);
  if (file !== null && contract === undefined) {
    throw new UsageError(`${path}: there is no contract ${file.contract}`);
  }
  const version = file?.etcd ?? args.text('etcd');
  const { adapter } = await usable(command);
  let interrupted = false;
  terminal.onInterrupt(() => {
    interrupted = true;
  });
  const options = {
    command,
    adapter,
    contracts: contract === undefined ? CONTRACTS : [contract],
    meter: new LagMeter(),
    stopped: () => interrupted,
    ...(version === undefined ? {} : { version }),
  };
  const tries = Array.from({ length: TRIES }, () => tryLiveStory(story, options));
  const trials = await Promise.all(tries);
  endStragglers();
  return { path, story, name: adapter.name, trials };
};

export const replayCommand = async (
  args: Arguments,
  command: readonly string[],
  terminal: Terminal,
): Promise<number> => {
  const { name, path, trials } = await play(args, command, terminal);
  if (args.flag('json')) {
    const value = {
      schema: 'leasehold-replay/1',
      command: 'replay',
      file: path,
      client: { name, version: 'as given' },
      clock: 'real',
      tries: trials.map(({ breaches, broken, slack }) => ({
        breaches: breaches.map(({ contract, shape, what }) => ({
          contract: contract.id,
          shape,
          what,
        })),
        broken,
        slackMilliseconds: slack,
      })),
    };
    terminal.out(`${JSON.stringify(value)}\n`);
    return exitFor(trials);
  }
  terminal.out(`${name}, on the real clock\n`);
  for (const [index, { breaches, broken, slack }] of trials.entries()) {
    const lines = breaches.map(({ contract, what }) => `${contract.id}: ${what}`);
    if (broken !== null) lines.push(`cannot be judged: ${broken}`);
    if (lines.length === 0) lines.push('no contract is broken');
    terminal.out(`try ${index + 1}, ${slack} ms of slack\n`);
    for (const line of lines) terminal.out(`  ${line}\n`);
  }
  return exitFor(trials);
};

/** Of a try that shows it, if one does. */
export const reportCommand = async (
  args: Arguments,
  command: readonly string[],
  terminal: Terminal,
): Promise<number> => {
  const { name, path, story, trials } = await play(args, command, terminal);
  const [trial] = trials.toSorted((one, other) => other.breaches.length - one.breaches.length);
  if (trial === undefined) return EXIT.inconclusive;
  const [breach = null] = trial.breaches;
  const head = `npx leasehold replay ${path} -- ${command.join(' ')}\n`;
  const seen =
    breach === null
      ? 'no contract is broken\n'
      : `${breach.contract.id}: ${breach.contract.title}\n  seen: ${breach.what}\n`;
  const text = [head + seen, ...linesOf(story), '', beliefTimeline(trial.trace, breach)].join('\n');
  const page = args.text('html');
  if (page !== undefined) {
    const title = breach === null ? path : `${breach.contract.id}: ${breach.contract.title}`;
    const lead = [name, breach === null ? 'No contract is broken.' : breach.what];
    const picture = beliefPicture(trial.trace, breach);
    writeFile(page, beliefHtml({ title, lead, story: linesOf(story), picture }));
  }
  if (args.flag('json')) {
    const value = { schema: 'leasehold-report/1', command: 'report', file: path, text };
    terminal.out(`${JSON.stringify({ ...value, contract: breach?.contract.id ?? null })}\n`);
  } else terminal.out(text);
  return exitFor(trials);
};

const exitFor = (trials: readonly LiveTrial[]): number => {
  if (trials.some(({ breaches }) => breaches.length > 0)) return EXIT.violation;
  const isJudged = trials.some(({ broken }) => broken === null);
  return isJudged ? EXIT.conformant : EXIT.inconclusive;
};
