/** A finding played again: the file that pins it, and the timeline that is shown of it. */
import { beliefTimeline } from '../../../src/clients/belief-timeline.ts';
import {
  FUZZ_SCHEMA,
  type FuzzFile,
  linesOf,
  storyOfFile,
} from '../../../src/clients/fuzz-file.ts';
import { contractNamed, knownClient } from '../../../src/clients/known.ts';
import { parseStory } from '../../../src/clients/parse-story.ts';
import { hashOfTrace } from '../../../src/clients/trace-text.ts';
import { tryStory } from '../../../src/clients/trial.ts';
import { VERSION } from '../../../src/version.ts';
import type { ClientFinding } from './client-finding.ts';

export interface Pinned {
  readonly finding: ClientFinding;
  readonly file: FuzzFile;
  readonly timeline: string;
}

/** Throws when the story does not show it. */
export const pin = async (finding: ClientFinding): Promise<Pinned> => {
  const { client, contract: id, etcd, lasts, slug } = finding;
  const adapter = await knownClient(client, etcd);
  const contract = contractNamed(id);
  if (adapter === undefined || contract === undefined) throw new Error(`${slug}: ${client}, ${id}`);
  const story = parseStory(`leasehold clients 1\nlasts ${lasts}\n${finding.story.trim()}\n`);
  const version = etcd === undefined ? {} : { version: etcd };
  const trial = await tryStory(story, { adapter, contracts: [contract], seed: 0n, ...version });
  const [breach] = trial.breaches;
  if (breach === undefined) throw new Error(`${slug}: ${trial.broken ?? `${id} is kept`}`);
  const file: FuzzFile = {
    schema: FUZZ_SCHEMA,
    versions: { leasehold: VERSION },
    client: { name: client, version: adapter.version },
    etcd: etcd ?? null,
    contract: id,
    shape: breach.shape,
    what: breach.what,
    seed: 0n,
    story: linesOf(story),
    originalSteps: story.steps.length,
    shrink: null,
    traceHash: hashOfTrace(trial.trace),
  };
  return { finding, file, timeline: beliefTimeline(trial.trace, breach) };
};

/** What the file says, run again. */
export const replay = async (file: FuzzFile): Promise<{ what: string; traceHash: string }> => {
  const version = file.etcd === null ? {} : { version: file.etcd };
  const adapter = await knownClient(file.client.name, version.version);
  const contract = contractNamed(file.contract);
  if (adapter === undefined || contract === undefined) throw new Error('unknown');
  const options = { adapter, contracts: [contract], seed: file.seed, ...version };
  const { breaches, trace } = await tryStory(storyOfFile(file), options);
  return { what: breaches[0]?.what ?? 'kept', traceHash: hashOfTrace(trace) };
};
