/** A finding as a file, with all that a replay needs. */
import {
  DecodeError,
  decodePart,
  isObject,
  list,
  nullable,
  record,
  text,
  texts,
  unexpected,
  whole,
  word,
} from '../api/codec.ts';
import { seedJson, shrinkJson } from '../harness/origin-json.ts';
import { parseStory } from './parse-story.ts';
import type { ClientStory } from './story.ts';
import { printStory, STORY_HEADER } from './story-text.ts';

export const FUZZ_SCHEMA = 'leasehold-fuzz/1';

export interface FuzzFile {
  readonly schema: typeof FUZZ_SCHEMA;
  readonly versions: Readonly<Record<string, string>>;
  readonly client: { readonly name: string; readonly version: string };
  /** The etcd that the server stands for; null: the usual one. */
  readonly etcd: string | null;
  readonly contract: string;
  readonly shape: string;
  readonly what: string;
  /** Of the random numbers of the client. */
  readonly seed: bigint;
  /** The lines of the story, as far as it was made smaller. */
  readonly story: readonly string[];
  /** How many steps it had before. */
  readonly originalSteps: number;
  readonly shrink: { readonly attempts: number; readonly complete: boolean } | null;
  readonly traceHash: string;
}

export const encodeFuzzFile = (file: FuzzFile): string =>
  `${JSON.stringify(fileJson.encode(file), null, 2)}\n`;

/** Throws `DecodeError`. */
export const decodeFuzzFile = (content: string): FuzzFile => {
  let value: unknown;
  try {
    value = JSON.parse(content) as unknown;
  } catch {
    throw new DecodeError('the JSON is cut off or damaged');
  }
  if (!isObject(value)) throw unexpected(value, 'an object');
  const file = fileJson.decode(value);
  decodePart('story', () => storyOfFile(file));
  return file;
};

export const storyOfFile = ({ story }: Pick<FuzzFile, 'story'>): ClientStory =>
  parseStory(story.join('\n'));

export const linesOf = (story: ClientStory): readonly string[] =>
  printStory(story).trimEnd().split('\n');

/** Whether a file tells of clients: a finding, or the text of a story. */
export const isAboutClients = (content: string): boolean =>
  content
    .replace(/^\uFEFF/, '')
    .trimStart()
    .startsWith(STORY_HEADER.replace(/\d+$/, '')) ||
  /^\s*\{\s*"schema"\s*:\s*"leasehold-fuzz\//.test(content);

const fileJson = record<FuzzFile>({
  schema: word([FUZZ_SCHEMA]),
  versions: texts,
  client: record<FuzzFile['client']>({ name: text, version: text }),
  etcd: nullable(text),
  contract: text,
  shape: text,
  what: text,
  seed: seedJson,
  story: list(text),
  originalSteps: whole(0),
  shrink: nullable(shrinkJson),
  traceHash: text,
});
