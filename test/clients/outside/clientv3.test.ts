/** Go's clientv3 in stories of faults: a small program on it, whose clock is in hand. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Adapter } from '../../../src/clients/adapter.ts';
import { CONTRACTS } from '../../../src/clients/contracts/contracts.ts';
import { knownClient } from '../../../src/clients/known.ts';
import { findClientv3 } from '../../../src/clients/outside/find-clientv3.ts';
import { parseStory } from '../../../src/clients/parse-story.ts';
import type { Trace } from '../../../src/clients/trace.ts';
import { traceText } from '../../../src/clients/trace-text.ts';
import { tryStory } from '../../../src/clients/trial.ts';
import { whyNoClientv3 } from './clientv3-at-hand.ts';

const runOf = async (...lines: string[]) => {
  const adapter = (await knownClient('clientv3')) as Adapter;
  const story = parseStory(['leasehold clients 1', 'lasts 30s', ...lines].join('\n'));
  const { broken, breaches, trace } = await tryStory(story, {
    adapter,
    contracts: CONTRACTS,
    seed: 1n,
  });
  expect(broken).toBeNull();
  return { breaches: breaches.map(({ contract, what }) => `${contract.id} ${what}`), trace };
};

const said = (trace: Trace, kind: string): number[] =>
  trace.flatMap((one) => (one.kind === 'said' && one.event.kind === kind ? [one.at] : []));

const errors = (trace: Trace): (string | null)[] =>
  trace.flatMap((one) => (one.kind === 'settled' ? [one.error] : []));

/** Our children that are programs of it. */
const left = (): string[] => {
  const listed = execFileSync('ps', ['-o', 'comm=', '--ppid', String(process.pid)]);
  const names = listed.toString().split('\n');
  return names.filter((name) => name.startsWith('clientv3'));
};

afterEach(() => {
  expect(left()).toEqual([]);
});

const why = whyNoClientv3 === null ? '' : ` (skipped: ${whyNoClientv3})`;

describe.skipIf(whyNoClientv3 !== null)(`clientv3${why}`, { timeout: 60_000 }, () => {
  test('keeps leases alive at each third of their TTL, and all contracts', async () => {
    const { breaches, trace } = await runOf(
      'at 0s c1  grant A ttl=9',
      'at 1s c1  put k with A',
      'at 2s c1  grant B ttl=30',
      'at 16s c1  release A',
      'at 17s c1  revoke B',
    );
    expect(breaches).toEqual([]);
    expect(said(trace, 'granted')).toEqual([0, 2000]);
    // It looks every half second, for the first time half a second after the first lease.
    const renewed = [500, 2500, 3500, 6500, 9500, 12_500, 12_500, 15_500];
    expect(said(trace, 'renewed')).toEqual(renewed);
    expect(errors(trace)).toEqual(Array.from({ length: 6 }, () => null));
    const last = { kind: 'end', timers: 0, connections: 0, streams: 0 };
    expect(trace.at(-1)).toEqual({ at: 60_000, ...last });
  });

  test('locks and leads until it is told to give back; the next one has its turn', async () => {
    const { breaches, trace } = await runOf(
      'at 1s c1  lock L ttl=9',
      'at 1s c1  campaign E ttl=9',
      'at 2s c2  lock L ttl=9',
      'at 3s c2  campaign E ttl=9',
      'at 4s c2  resign E',
      'at 10s c1  unlock L',
      'at 15s c1  resign E',
    );
    expect(breaches).toEqual([]);
    expect(said(trace, 'acquired')).toEqual([1000, 1000, 10_000]);
    expect(errors(trace).filter((error) => error !== null)).toEqual(['Error: context canceled']);
  });

  test('comes over a lost connection, a restart, a lost leader', async () => {
    const { breaches, trace } = await runOf(
      'at 0 c1  grant A ttl=9',
      'at 4s disconnect c1',
      'at 10s restart for 2s',
      'at 16s no leader for 2s',
    );
    expect(breaches).toEqual([]);
    expect(said(trace, 'lost')).toEqual([]);
  });

  test('two lead at once where the first hears late of its loss (FUZZ-25)', async () => {
    const { breaches, trace } = await runOf(
      'at 400ms c1  campaign E ttl=3',
      'at 1s    c2  campaign E ttl=9',
      'at 4s    lose 100 keep-alive requests of c1',
    );
    expect(breaches.map((what) => what.slice(0, 7))).toContain('FUZZ-25');
    expect(said(trace, 'yielded')).toHaveLength(1);
  });

  test('the same story gives the same trace, in whatever order Go does it', async () => {
    const lines = [
      // All are due together.
      ...['A', 'B', 'C', 'D', 'E'].map((name) => `at 0 c1  grant ${name} ttl=9`),
      'at 1s c2  lock L ttl=2',
      'at 3s disconnect c1',
      'at 4s pause client for 5s',
      'at 12s black hole both for 4s',
      'at 20s goaway c2',
      // It is refused repeatedly.
      'at 22s restart for 7s',
    ];
    const first = await runOf(...lines);
    for (let again = 0; again < 3; again += 1) {
      expect(traceText((await runOf(...lines)).trace)).toBe(traceText(first.trace));
    }
    expect(first.trace.filter(({ kind }) => kind === 'refused').length).toBeGreaterThan(3);
    expect(said(first.trace, 'renewed').length).toBeGreaterThan(5);
  });
});

test('without Go one line says what it needs', async () => {
  const cache = mkdtempSync(join(tmpdir(), 'leasehold-test-'));
  onTestFinished(() => rmSync(cache, { recursive: true }));
  const env = { XDG_CACHE_HOME: cache, PATH: '/nowhere' };
  await expect(findClientv3(env)).rejects.toMatchObject({
    name: 'TargetError',
    message: expect.stringMatching(/^clientv3 (is built with Go|needs its clock in hand)/),
  });
});
