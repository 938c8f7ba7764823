/** etcdctl, unmodified, in stories of faults: a program whose clock is in hand. */
import { execFileSync } from 'node:child_process';
import { afterEach, describe, expect, test } from 'vitest';
import { breachOf } from '../../../src/clients/breach-of.ts';
import { CONTRACTS } from '../../../src/clients/contracts/contracts.ts';
import { knownClient } from '../../../src/clients/known.ts';
import { parseStory } from '../../../src/clients/parse-story.ts';
import { traceText } from '../../../src/clients/trace-text.ts';
import type { Trace } from '../../../src/clients/trace.ts';
import { tryStory } from '../../../src/clients/trial.ts';
import type { Adapter } from '../../../src/clients/adapter.ts';

const story = (...lines: string[]): string =>
  ['leasehold clients 1', 'lasts 30s', 'at 0 c1  grant A ttl=9', ...lines].join('\n');

const runOf = async (version: string, ...lines: string[]) => {
  const adapter = (await knownClient('etcdctl', version)) as Adapter;
  const options = { adapter, contracts: CONTRACTS, seed: 1n, version };
  const { broken, breaches, trace } = await tryStory(parseStory(story(...lines)), options);
  expect(broken).toBeNull();
  return { broken: breaches.map(({ contract }) => contract.id), trace };
};

const said = (trace: Trace, kind: string): number[] =>
  trace.flatMap((one) => (one.kind === 'said' && one.event.kind === kind ? [one.at] : []));

/** Our children that are etcdctl. */
const left = (): string[] => {
  const listed = execFileSync('ps', ['-o', 'comm=', '--ppid', String(process.pid)]);
  return listed
    .toString()
    .split('\n')
    .filter((name) => name.startsWith('etcdctl'));
};

afterEach(() => {
  expect(left()).toEqual([]);
});

describe.each(['3.4.23', '3.5.30'])('etcdctl %s', { timeout: 60_000 }, (version) => {
  test('keeps a lease alive at each third of its TTL, and all contracts', async () => {
    const { broken, trace } = await runOf(version, 'at 20s c1  revoke A');
    expect(broken).toEqual([]);
    expect(said(trace, 'granted')).toEqual([0]);
    expect(said(trace, 'renewed')).toEqual([0, 3000, 6000, 9000, 12_000, 15_000, 18_000]);
    const last = { kind: 'end', timers: 0, connections: 0, streams: 0 };
    expect(trace.at(-1)).toEqual({ at: 60_000, ...last });
  });

  test('tells of the loss when no answer comes, and comes over a lost connection', async () => {
    const lost = await runOf(version, 'at 4s lose 100 keep-alive replies of c1');
    expect(lost.broken).toEqual([]);
    expect(said(lost.trace, 'lost')).toEqual([12_000]);
    const cut = await runOf(version, 'at 4s disconnect c1', 'at 10s refuse connections for 2s');
    expect(cut.broken).toEqual([]);
    expect(said(cut.trace, 'lost')).toEqual([]);
  });

  test('believes in a lease that has expired when answers are late (FUZZ-01)', async () => {
    const late = story(
      'at 4s     delay 1 keep-alive reply of c1 by 5s',
      'at 6200ms lose 100 keep-alive requests of c1',
    );
    const breach = (contract: string) =>
      breachOf(late, { client: 'etcdctl', contract, etcd: version });
    expect(await breach('FUZZ-01')).toBe(
      'c1, A expired at 15000 ms and was believed alive 5000 ms on',
    );
  });

  test('locks and leads until it is told to give back; the next one has its turn', async () => {
    const { broken, trace } = await runOf(
      version,
      'at 1s c1  lock L ttl=9',
      'at 1s c1  campaign E ttl=9',
      'at 2s c2  lock L ttl=9',
      'at 2s c1  put k with A',
      'at 10s c1  unlock L',
      'at 15s c1  resign E',
    );
    expect(broken).toEqual([]);
    expect(said(trace, 'acquired')).toEqual([1000, 1000, 10_000]);
    const errors = trace.flatMap((one) => (one.kind === 'settled' ? [one.error] : []));
    expect(new Set(errors)).toEqual(new Set([null]));
  });

  test('the same story gives the same trace, where nobody is refused twice', async () => {
    const lines = [
      'at 0 c2  grant B ttl=3',
      'at 1s c2  lock L ttl=2',
      'at 1s c1  lock L ttl=2',
      'at 3s disconnect c1',
      'at 4s pause client for 5s',
      'at 12s black hole both for 4s',
      'at 20s goaway c2',
    ];
    const [first, second] = [await runOf(version, ...lines), await runOf(version, ...lines)];
    expect(traceText(second.trace)).toBe(traceText(first.trace));
    expect(said(first.trace, 'renewed').length).toBeGreaterThan(5);
  });

  test('a lock that is lost is told of when the program ends', async () => {
    const lost = ['at 1s c1  lock L ttl=9', 'at 4s lose 1000 keep-alive requests of c1'];
    const { trace } = await runOf(version, ...lost);
    expect(said(trace, 'acquired')).toEqual([1000]);
    // It looks every half second.
    expect(said(trace, 'yielded')).toEqual([11_000]);
  });

  test('a process that stands still finds out when it goes on', async () => {
    const { trace } = await runOf(version, 'at 4s pause client for 20s');
    expect(said(trace, 'lost')).toHaveLength(1);
    expect(said(trace, 'lost')[0]).toBeGreaterThanOrEqual(24_000);
  });
});
