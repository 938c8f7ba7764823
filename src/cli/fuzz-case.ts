/** `replay`, `shrink` and `report` of files about clients. */
import { beliefPicture } from '../clients/belief-picture.ts';
import { beliefTimeline } from '../clients/belief-timeline.ts';
import { shrinkStory } from '../clients/campaign.ts';
import { linesOf } from '../clients/fuzz-file.ts';
import { hashOfTrace } from '../clients/trace-text.ts';
import type { ClientTrial } from '../clients/trial.ts';
import type { ClientStory } from '../clients/story.ts';
import { beliefHtml } from '../report/belief-html.ts';
import { type Arguments, UsageError } from './arguments.ts';
import { etcdVersionOf } from './clients.ts';
import { EXIT } from './exit-codes.ts';
import { writeFile } from './files.ts';
import { type NamedStory, readStory } from './named-story.ts';
import { tellNothingToShrink, tellShrunk } from './shrunk-story.ts';
import { Stage } from './stage.ts';
import { Interrupted, Stopper } from './stopper.ts';
import { replayCommand } from './story.ts';
import type { Terminal } from './terminal.ts';

type Run = (args: Arguments, terminal: Terminal) => Promise<number>;

interface OpenStory extends NamedStory {
  readonly client: Stage['facts'];
  /** The story, played; throws `Interrupted` when the user does not wait for its end. */
  readonly first: () => Promise<ClientTrial>;
  readonly play: (story: ClientStory) => Promise<ClientTrial>;
  readonly stopped: () => boolean;
}

const withStory =
  (run: (open: OpenStory, args: Arguments, terminal: Terminal) => Promise<number>): Run =>
  async (args, terminal) => {
    const named = readStory(args.file());
    const { path, file, contracts } = named;
    const client = args.text('client') ?? file?.client.name;
    if (client === undefined) throw new UsageError(`${path} names no client: --client etcd3`);
    const stop = new Stopper(terminal);
    const stage = await Stage.open({ client, ...etcdVersionOf(args, file?.etcd) }, stop);
    stop.onStop(() => void stage.close());
    const judged = { contracts, seed: file?.seed ?? 0n };
    const play = (one: ClientStory): Promise<ClientTrial> => stage.play(one, judged);
    const first = async (): Promise<ClientTrial> => {
      const trial = await stop.unlessStopped(play(named.story));
      if (stop.stopped()) throw new Interrupted();
      return trial;
    };
    const { stopped } = stop;
    try {
      return await run({ ...named, client: stage.facts, first, play, stopped }, args, terminal);
    } finally {
      await stage.close();
    }
  };

const replay = withStory(async ({ path, file, client, first }, args, terminal) => {
  const { name, version } = client;
  const trial = await first();
  const hash = hashOfTrace(trial.trace);
  const isSame = file !== null && file.traceHash === hash;
  if (args.flag('json')) {
    const value = {
      schema: 'leasehold-replay/1',
      command: 'replay',
      file: path,
      client: { name, version },
      breaches: trial.breaches.map(({ contract, shape, what }) => ({
        contract: contract.id,
        shape,
        what,
      })),
      broken: trial.broken,
      traceHash: hash,
      asRecorded: file === null ? null : isSame,
    };
    terminal.out(`${JSON.stringify(value)}\n`);
    return exitFor(trial);
  }
  const lines = trial.breaches.map(({ contract, what }) => `${contract.id}: ${what}`);
  if (trial.broken !== null) lines.push(`cannot be judged: ${trial.broken}`);
  if (lines.length === 0) lines.push('no contract is broken');
  const recorded = file === null ? '' : ` (${isSame ? 'as recorded' : 'not as recorded'})`;
  terminal.out(`${name} ${version}${recorded}\n${lines.map((line) => `  ${line}\n`).join('')}`);
  return exitFor(trial);
});

const report = withStory(async ({ path, file, story, client, first }, args, terminal) => {
  const trial = await first();
  const [breach = null] = trial.breaches;
  const text = [
    headOf(path, trial),
    ...linesOf(story),
    '',
    beliefTimeline(trial.trace, breach),
  ].join('\n');
  const page = args.text('html');
  if (page !== undefined) {
    const { name, version } = client;
    const picture = beliefPicture(trial.trace, breach);
    const title = breach === null ? path : `${breach.contract.id}: ${breach.contract.title}`;
    const none = trial.broken ?? 'No contract is broken.';
    const lead = [`${name} ${version}`, breach === null ? none : breach.what];
    writeFile(page, beliefHtml({ title, lead, story: linesOf(story), picture }));
  }
  if (args.flag('json')) {
    const value = { schema: 'leasehold-report/1', command: 'report', file: path, text };
    const { broken } = trial;
    terminal.out(`${JSON.stringify({ ...value, contract: file?.contract ?? null, broken })}\n`);
  } else terminal.out(text);
  return exitFor(trial);
});

const headOf = (path: string, { breaches: [breach], broken }: ClientTrial): string => {
  const first = `${replayCommand(path)}\n`;
  if (broken !== null) return `${first}cannot be judged: ${broken}\n`;
  if (breach === undefined) return `${first}no contract is broken\n`;
  const { id, source, title, weight } = breach.contract;
  return `${first}${id} (${weight}): ${title}\n  source: ${source}\n  seen: ${breach.what}\n`;
};

const shrink = withStory(async ({ path, file, first, play, stopped }, args, terminal) => {
  const recorded = await first();
  const [breach] = recorded.breaches;
  if (file === null || breach === undefined) {
    tellNothingToShrink(path, recorded.broken, args, terminal);
    return exitFor(recorded);
  }
  const finding = { contract: breach.contract.id, shape: breach.shape };
  const smallest = await shrinkStory(recorded, finding, play, stopped);
  if (smallest === null) return EXIT.inconclusive;
  const { attempts, isComplete, trial } = smallest;
  const { shape, what } = smallest.breach;
  const traceHash = hashOfTrace(trial.trace);
  const shrunk = { story: trial.story, attempts, isComplete, shape, what, traceHash };
  return tellShrunk({ path, file }, shrunk, args, terminal);
});

const exitFor = ({ breaches, broken }: ClientTrial): number => {
  if (breaches.length > 0) return EXIT.violation;
  return broken === null ? EXIT.conformant : EXIT.inconclusive;
};

export const ON_FUZZ_FILE: Readonly<Record<'replay' | 'shrink' | 'report', Run>> = {
  replay,
  shrink,
  report,
};
