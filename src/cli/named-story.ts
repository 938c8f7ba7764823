/** Reads a story of clients that a command names: a finding, or the text of a story. */
import type { Contract } from '../clients/contract.ts';
import { CONTRACTS } from '../clients/contracts/contracts.ts';
import { decodeFuzzFile, type FuzzFile, storyOfFile } from '../clients/fuzz-file.ts';
import { parseStory } from '../clients/parse-story.ts';
import type { ClientStory } from '../clients/story.ts';
import { decodeFile } from './files.ts';
import { contractCalled } from './fuzz-options.ts';

export interface NamedStory {
  readonly path: string;
  /** Null: the text of a story, of which nobody says what it breaks. */
  readonly file: FuzzFile | null;
  readonly story: ClientStory;
  /** What it is judged by: that which it is said to break, or all. */
  readonly contracts: readonly Contract[];
}

export const readStory = (path: string): NamedStory => {
  const { file, story } = decodeFile(path, (content) => {
    if (!content.trimStart().startsWith('{')) return { file: null, story: parseStory(content) };
    const decoded = decodeFuzzFile(content);
    return { file: decoded, story: storyOfFile(decoded) };
  });
  if (file === null) return { path, file, story, contracts: CONTRACTS };
  const contract = contractCalled(file.contract, `${path}: contract`);
  return { path, file, story, contracts: [contract] };
};
