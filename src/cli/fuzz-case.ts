/** `replay`, `shrink` and `report` of files about clients. */
import { basename } from 'node:path';
import { beliefPicture } from '../clients/belief-picture.ts';
import { beliefTimeline } from '../clients/belief-timeline.ts';
import { shrinkStory } from '../clients/campaign.ts';
import {
  decodeFuzzFile,
  encodeFuzzFile,
  type FuzzFile,
  linesOf,
  storyOfFile,
} from '../clients/fuzz-file.ts';
import { CONTRACTS } from '../clients/contracts/contracts.ts';
import { contractNamed } from '../clients/known.ts';
import { parseStory } from '../clients/parse-story.ts';
import { hashOfTrace } from '../clients/trace-text.ts';
import type { ClientTrial } from '../clients/trial.ts';
import type { ClientStory } from '../clients/story.ts';
import { beliefHtml } from '../report/belief-html.ts';
import { type Arguments, UsageError } from './arguments.ts';
import { etcdVersionOf } from './clients.ts';
import { EXIT } from './exit-codes.ts';
import { decodeFile, writeFile, writeOutput } from './files.ts';
import { Stage } from './stage.ts';
import type { Terminal } from './terminal.ts';

type Run = (args: Arguments, terminal: Terminal) => Promise<number>;

interface OpenStory {
  readonly path: string;
  /** Null: the text of a story, of which nobody says what it breaks. */
  readonly file: FuzzFile | null;
  readonly story: ClientStory;
  readonly client: Stage['facts'];
  readonly play: (story: ClientStory) => Promise<ClientTrial>;
  /** Ends what is played, if it can be ended. */
  readonly interrupt: () => void;
}

const withStory =
  (run: (open: OpenStory, args: Arguments, terminal: Terminal) => Promise<number>): Run =>
  async (args, terminal) => {
    const path = args.file();
    const { file, story } = decodeFile(path, (content) => {
      if (!content.trimStart().startsWith('{')) return { file: null, story: parseStory(content) };
      const decoded = decodeFuzzFile(content);
      return { file: decoded, story: storyOfFile(decoded) };
    });
    const client = args.text('client') ?? file?.client.name;
    if (client === undefined) throw new UsageError(`${path} names no client: --client etcd3`);
    const contract = file === null ? undefined : contractNamed(file.contract);
    if (file !== null && contract === undefined) {
      throw new UsageError(`${path}: there is no contract ${file.contract}`);
    }
    const stage = await Stage.open({ client, ...etcdVersionOf(args, file?.etcd) });
    const judged = {
      contracts: contract === undefined ? CONTRACTS : [contract],
      seed: file?.seed ?? 0n,
    };
    const play = (one: ClientStory): Promise<ClientTrial> => stage.play(one, judged);
    try {
      const interrupt = (): void => void stage.close();
      return await run({ path, file, story, client: stage.facts, play, interrupt }, args, terminal);
    } finally {
      await stage.close();
    }
  };

const replay = withStory(async ({ path, file, story, client, play }, args, terminal) => {
  const { name, version } = client;
  const trial = await play(story);
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

const report = withStory(async ({ path, file, story, client, play }, args, terminal) => {
  const trial = await play(story);
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
  const first = `npx leasehold replay ${path}\n`;
  if (broken !== null) return `${first}cannot be judged: ${broken}\n`;
  if (breach === undefined) return `${first}no contract is broken\n`;
  const { id, source, title, weight } = breach.contract;
  return `${first}${id} (${weight}): ${title}\n  source: ${source}\n  seen: ${breach.what}\n`;
};

const shrink = withStory(async ({ path, file, story, play, interrupt }, args, terminal) => {
  const first = await play(story);
  const [breach] = first.breaches;
  if (file === null || breach === undefined) {
    const why = first.broken ?? 'it shows no breach of a contract it names';
    const value = { schema: 'leasehold-shrink/1', command: 'shrink', file: null, why };
    const line = `there is nothing to shrink in ${path}: ${why}\n`;
    terminal.out(args.flag('json') ? `${JSON.stringify(value)}\n` : line);
    return exitFor(first);
  }
  let interrupted = false;
  terminal.onInterrupt(() => {
    interrupted = true;
    interrupt();
  });
  const finding = { contract: breach.contract.id, shape: breach.shape };
  const smallest = await shrinkStory(first, finding, play, () => interrupted);
  if (smallest === null) return EXIT.inconclusive;
  const smaller: FuzzFile = {
    ...file,
    shape: breach.shape,
    what: smallest.breach.what,
    story: linesOf(smallest.trial.story),
    shrink: { attempts: smallest.attempts, complete: smallest.isComplete },
    traceHash: hashOfTrace(smallest.trial.trace),
  };
  const name = `${basename(path).replace(/\.[^.]*$/, '')}-shrunk.json`;
  const written = writeOutput(args.text('out') ?? './leasehold-out', name, encodeFuzzFile(smaller));
  const [before, after] = [story.steps.length, smallest.trial.story.steps.length];
  if (args.flag('json')) {
    const value = { schema: 'leasehold-shrink/1', command: 'shrink', file: written, before, after };
    terminal.out(
      `${JSON.stringify({ ...value, contract: finding.contract, ...smaller.shrink })}\n`,
    );
  } else {
    terminal.out(
      `from ${before} to ${after} steps in ${smallest.attempts} attempts, in ${written}\n`,
    );
  }
  return smallest.isComplete ? EXIT.violation : EXIT.inconclusive;
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
