/** Saves what a story of clients was made to, and tells of it. */
import { basename } from 'node:path';
import { encodeFuzzFile, type FuzzFile, linesOf } from '../clients/fuzz-file.ts';
import type { ClientStory } from '../clients/story.ts';
import type { Arguments } from './arguments.ts';
import { EXIT } from './exit-codes.ts';
import { saveOutput } from './files.ts';
import type { Terminal } from './terminal.ts';

export interface ShrunkStory {
  readonly story: ClientStory;
  readonly attempts: number;
  /** Whether nothing smaller shows it. */
  readonly isComplete: boolean;
  readonly shape: string;
  readonly what: string;
  readonly traceHash: string;
}

export const tellShrunk = (
  { path, file }: { readonly path: string; readonly file: FuzzFile },
  { attempts, isComplete, story, ...seen }: ShrunkStory,
  args: Arguments,
  terminal: Terminal,
): number => {
  const shrink = { attempts, complete: isComplete };
  const smaller: FuzzFile = { ...file, ...seen, story: linesOf(story), shrink };
  const name = `${basename(path).replace(/\.[^.]*$/, '')}-shrunk.json`;
  const place = [args.text('out') ?? './leasehold-out', name] as const;
  const written = saveOutput(place, encodeFuzzFile(smaller), (line) => terminal.err(`${line}\n`));
  const [before, after] = [stepsIn(file), story.steps.length];
  const head = { schema: 'leasehold-shrink/1', command: 'shrink', file: written, before, after };
  const { contract } = file;
  const where = written === null ? '' : `, in ${written}`;
  const asJson = args.flag('json');
  // What has no file is told: in JSON there is no place for it.
  const tell = asJson ? terminal.err : terminal.out;
  if (written === null) tell(`${linesOf(story).join('\n')}\n`);
  terminal.out(
    asJson
      ? `${JSON.stringify({ ...head, contract, ...shrink })}\n`
      : `from ${before} to ${after} steps in ${attempts} attempts${where}\n`,
  );
  return isComplete ? EXIT.violation : EXIT.inconclusive;
};

export const tellNothingToShrink = (
  path: string,
  broken: string | null,
  args: Arguments,
  terminal: Terminal,
): void => {
  const why = broken ?? 'it shows no breach of a contract it names';
  const value = { schema: 'leasehold-shrink/1', command: 'shrink', file: null, why };
  const line = `there is nothing to shrink in ${path}: ${why}\n`;
  terminal.out(args.flag('json') ? `${JSON.stringify(value)}\n` : line);
};

const stepsIn = ({ story }: FuzzFile): number =>
  story.filter((line) => line.startsWith('at ')).length;
