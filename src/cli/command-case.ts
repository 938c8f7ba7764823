/** `replay`, `shrink` and `report` of a story of clients with a command, on the real clock. */
import { beliefPicture } from '../clients/belief-picture.ts';
import { beliefTimeline } from '../clients/belief-timeline.ts';
import { linesOf } from '../clients/fuzz-file.ts';
import { LagMeter } from '../clients/live/lag.ts';
import { type LiveTrial, tryLiveStory } from '../clients/live/live-campaign.ts';
import { shrinkLive } from '../clients/live/live-shrink.ts';
import { endStragglers } from '../clients/live/stragglers.ts';
import type { ClientStory } from '../clients/story.ts';
import { beliefHtml } from '../report/belief-html.ts';
import type { Arguments } from './arguments.ts';
import { etcdVersionOf } from './clients.ts';
import { EXIT } from './exit-codes.ts';
import { writeFile } from './files.ts';
import { usable } from './fuzz-command.ts';
import { type NamedStory, readStory } from './named-story.ts';
import { tellNothingToShrink, tellShrunk } from './shrunk-story.ts';
import { Stopper } from './stopper.ts';
import { replayCommand } from './story.ts';
import { Progress, type Terminal } from './terminal.ts';

/** How often a story is played, at once: on a real clock no two runs are the same. */
const TRIES = 3;

/** Of stories that may be smaller. */
const SIDE_BY_SIDE = 10;

interface OpenCommand extends NamedStory {
  readonly name: string;
  readonly command: readonly string[];
  readonly play: (story: ClientStory) => Promise<LiveTrial>;
  readonly stopped: () => boolean;
  /** Of the story of the file. */
  readonly trials: readonly LiveTrial[];
}

type Run = (args: Arguments, command: readonly string[], terminal: Terminal) => Promise<number>;

const withCommand =
  (run: (open: OpenCommand, args: Arguments, terminal: Terminal) => Promise<number>): Run =>
  async (args, command, terminal) => {
    const named = readStory(args.file());
    const version = etcdVersionOf(args, named.file?.etcd);
    try {
      const stop = new Stopper(terminal);
      const { adapter } = await stop.unlessStopped(usable(command));
      const { stopped } = stop;
      const { contracts, story } = named;
      const around = { ...version, command, adapter, contracts, stopped, meter: new LagMeter() };
      const play = (one: ClientStory): Promise<LiveTrial> => tryLiveStory(one, around);
      const trials = await Promise.all(Array.from({ length: TRIES }, () => play(story)));
      const { name } = adapter;
      return await run({ ...named, name, command, play, stopped, trials }, args, terminal);
    } finally {
      endStragglers();
    }
  };

const replay = withCommand(async ({ name, path, trials }, args, terminal) => {
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
});

/** Of a try that shows it, if one does. */
const report = withCommand(async ({ command, name, path, story, trials }, args, terminal) => {
  const [trial] = trials.toSorted((one, other) => other.breaches.length - one.breaches.length);
  if (trial === undefined) return EXIT.inconclusive;
  const [breach = null] = trial.breaches;
  const head = `${replayCommand(path, command)}\n`;
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
});

const shrink = withCommand(async ({ path, file, play, stopped, trials }, args, terminal) => {
  const first = trials.find(({ breaches }) => breaches.length > 0);
  const breach = first?.breaches[0];
  if (file === null || first === undefined || breach === undefined) {
    tellNothingToShrink(path, trials[0]?.broken ?? null, args, terminal);
    return exitFor(trials);
  }
  const progress = new Progress(terminal);
  const shrunk = await shrinkLive(
    { story: first.story, breach },
    {
      play,
      stopped,
      sideBySide: SIDE_BY_SIDE,
      progress: (attempts, steps) =>
        progress.show(performance.now(), () => `${attempts} attempts, ${steps} steps`),
    },
  );
  progress.clear();
  const { shape, what } = shrunk.breach;
  return tellShrunk({ path, file }, { ...shrunk, shape, what, traceHash: '' }, args, terminal);
});

const exitFor = (trials: readonly LiveTrial[]): number => {
  if (trials.some(({ breaches }) => breaches.length > 0)) return EXIT.violation;
  const isJudged = trials.some(({ broken }) => broken === null);
  return isJudged ? EXIT.conformant : EXIT.inconclusive;
};

export const ON_COMMAND: Readonly<Record<'replay' | 'shrink' | 'report', Run>> = {
  replay,
  shrink,
  report,
};
