/**
 * Many stories: the same each time, findings told once, stories that shrink, files that read back.
 */
import { describe, expect, test } from 'vitest';
import { beliefTimeline } from '../../src/clients/belief-timeline.ts';
import { fuzz, type FuzzOptions, shrinkStory, trialOptions } from '../../src/clients/campaign.ts';
import { CONTRACTS } from '../../src/clients/contracts/contracts.ts';
import { etcd3Adapter } from '../../src/clients/etcd3-adapter.ts';
import { Findings, isCoveredBy, stemOf } from '../../src/clients/findings.ts';
import {
  decodeFuzzFile,
  encodeFuzzFile,
  type FuzzFile,
  isAboutClients,
  linesOf,
} from '../../src/clients/fuzz-file.ts';
import { parseStory } from '../../src/clients/parse-story.ts';
import { regressionTest } from '../../src/clients/regression-test.ts';
import type { ClientStory } from '../../src/clients/story.ts';
import { type TrialOptions, tryStory } from '../../src/clients/trial.ts';

const OPTIONS: FuzzOptions = {
  adapter: etcd3Adapter,
  contracts: CONTRACTS,
  seed: 1n,
  lasts: 60_000,
  leases: 8,
};

/** Renewals are lost from 4 s on; two steps have nothing to do with it. */
const LOST = `leasehold clients 1
lasts 60s
at 0   c1  grant A ttl=9
at 1s  c1  grant B ttl=30
at 2s  wall clock +1s
at 4s  lose 100 keep-alive requests of all
`;

const playing = (options: TrialOptions) => (story: ClientStory) => tryStory(story, options);

describe('a campaign', () => {
  test('two runs of the same stories have one hash, whatever ran between', async () => {
    const hash = async (runs: readonly number[]) =>
      Buffer.from((await fuzz(runs, OPTIONS)).digest).toString('hex');
    const first = await hash([3, 4, 5]);
    expect(await hash([9])).not.toBe(first);
    expect(await hash([3, 4, 5])).toBe(first);
  });

  test('a story shrinks to what shows the same breach, and by no less than a second', async () => {
    const options = trialOptions(0, { ...OPTIONS, seed: 2n });
    const trial = await tryStory(parseStory(LOST), options);
    const finding = { contract: 'FUZZ-01', shape: 'expired, lose' };
    const smallest = await shrinkStory(trial, finding, playing(options), () => false);
    expect(smallest?.isComplete).toBe(true);
    expect(smallest?.trial.story.steps.map(({ act }) => act.kind)).toEqual(['grant', 'lose']);
    expect(smallest?.breach.excess).toBeGreaterThanOrEqual(1000);
  });

  test('nothing is made of a story that does not show the finding', async () => {
    const options = trialOptions(0, OPTIONS);
    const trial = await tryStory(parseStory('leasehold clients 1\nlasts 10s\n'), options);
    const finding = { contract: 'FUZZ-01', shape: 'expired, lose' };
    expect(await shrinkStory(trial, finding, playing(options), () => false)).toBeNull();
  });
});

describe('findings', () => {
  test('the same in other stories is counted, and its shortest story kept', () => {
    const findings = new Findings();
    const [contract] = CONTRACTS;
    if (contract === undefined) throw new Error('there are contracts');
    const breach = { contract, entry: 0, what: '', shape: 'expired, lose' };
    findings.add(7, 5, breach);
    findings.add(8, 3, breach);
    findings.add(9, 3, breach);
    expect(findings.all).toEqual([
      { contract: contract.id, shape: 'expired, lose', stories: 3, run: 8, steps: 3 },
    ]);
  });

  test('what shows with fewer faults about covers what shows with more', () => {
    const of = (shape: string) => ({ contract: 'FUZZ-24', shape });
    expect(stemOf('key gone, delay, pause client')).toBe('key gone');
    expect(isCoveredBy(of('key gone, delay, lose'), of('key gone, lose'))).toBe(true);
    expect(isCoveredBy(of('key gone, lose'), of('key gone, delay, lose'))).toBe(false);
    expect(isCoveredBy(of('no key, lose'), of('key gone, lose'))).toBe(false);
    expect(isCoveredBy(of('no key, lose'), of('no key, no fault'))).toBe(false);
    expect(isCoveredBy({ contract: 'FUZZ-01', shape: 'lose' }, of('lose'))).toBe(false);
  });
});

describe('a file', () => {
  const file: FuzzFile = {
    schema: 'leasehold-fuzz/1',
    versions: { node: 'v20' },
    client: { name: 'etcd3', version: '1.1.2' },
    etcd: null,
    contract: 'FUZZ-01',
    shape: 'expired, lose',
    what: 'it was believed alive',
    seed: 5n,
    story: linesOf(parseStory(LOST)),
    originalSteps: 9,
    shrink: { attempts: 3, complete: true },
    traceHash: 'abc',
  };

  test('reads back; what is wrong in it is named', () => {
    const text = encodeFuzzFile(file);
    expect(decodeFuzzFile(text)).toEqual(file);
    expect(isAboutClients(text) && isAboutClients(LOST)).toBe(true);
    expect(isAboutClients('leasehold schedule 1\n')).toBe(false);
    expect(() => decodeFuzzFile(text.slice(0, 99))).toThrow('cut off or damaged');
    expect(() => decodeFuzzFile(text.replace('at 4s', 'at soon'))).toThrow(/story: line 6: .*soon/);
    expect(() => decodeFuzzFile(text.replace('"5"', '5'))).toThrow(/seed/);
  });

  test('becomes a test for vitest', () => {
    const test = regressionTest(file, null);
    expect(test).toContain("import { breachOf } from 'leasehold/fuzz';");
    expect(test).toContain('at 4s  lose 100 keep-alive requests of all');
    expect(test).toContain('client: "etcd3",\n    contract: \'FUZZ-01\',\n    seed: 5n,');
    const own = regressionTest(file, { path: '../mine.mjs', exported: 'adapter' });
    expect(own).toContain('import { adapter } from "../mine.mjs";');
    expect(own).toContain('client: adapter,');
    const other = regressionTest(file, { path: '../mine.mjs', exported: 'default' });
    expect(other).toContain('import adapter from "../mine.mjs";');
  });
});

test('a timeline draws what a client believes beside what is true', async () => {
  const trial = await tryStory(parseStory(LOST), trialOptions(0, OPTIONS));
  const [breach = null] = trial.breaches;
  const lines = beliefTimeline(trial.trace, breach).split('\n');
  expect(lines.find((line) => line.includes('server: expiry of A'))).toMatch(
    />?\s*12\.000s {2}█· /,
  );
  expect(lines.filter((line) => line.startsWith('>'))).toHaveLength(1);
});
