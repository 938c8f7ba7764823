/**
 * The bugs of test/mutants as a real clock shows them: each is convicted, but for those that
 * docs/CHECKER.md lists as what a real clock cannot show.
 */
import { describe, expect, test } from 'vitest';
import { DEFAULT_CONFIG, type ServerConfig } from '../../../src/api/config.ts';
import { check } from '../../../src/harness/check.ts';
import type { Schedule } from '../../../src/harness/schedule.ts';
import { tryOut } from '../../../src/harness/trial.ts';
import type { Verdict } from '../../../src/harness/verdict.ts';
import { Seed } from '../../../src/seed.ts';
import { targetWith } from '../../mutants/conviction.ts';
import type { Mutant } from '../../mutants/mutant.ts';
import { MUTANTS } from '../../mutants/planted.ts';
import { readText } from '../../structure/source-files.ts';
import { onARealClock } from './on-a-real-clock.ts';
import { tameSchedule } from './virtual-runs.ts';

/** A bug that survives so many is a hole. */
const SCHEDULES = 400;

/** Half a turn more or less, leaps, backlogs, what is never answered, and what JSON cannot say. */
const INVISIBLE: ReadonlySet<string> = new Set([
  'alarm-cleared-unraised',
  'backlog-put-off',
  'compact-future',
  'compact-twice',
  'compare-any-of-range',
  'expiry-a-turn-late',
  'expiry-exclusive',
  'held-behind-forgotten',
  'held-freed-by-any-revoke',
  'grant-without-space',
  'held-in-last-ms',
  'held-not-freed-by-revoke',
  'held-not-freed-by-turn',
  'held-streams-not-told-apart',
  'keep-alive-stale-header',
  'overdue-id-free',
  'past-compacted-itself',
  'past-compacted-readable',
  'progress-after-events',
  'progress-before-start',
  'progress-once',
  'progress-too-early',
  'progress-without-watch',
  'put-without-space',
  'revoke-needs-space',
  'ttl-negative-zero',
  'ttl-never-negative',
  'turn-every-400ms',
  'turn-every-501ms',
  'turn-keeps-old-grid',
  'turn-leaves-grid',
  'turn-lost-in-leap',
  'turn-passed-over-at-deadline',
  'turn-passed-over-in-leap',
  'turn-takes-499',
  'turn-takes-501',
  'turn-takes-all',
  'turn-takes-latest',
  'txn-puts-checked-first',
  'txn-space-of-then',
  'watch-cancel-unknown',
  'watch-cancelled-delivers',
  'watch-ended-with-header',
  'watch-start-at-compacted',
]);

/** Rules that say the same of what is seen on a real clock, where no instant is exact. */
const AS_WELL: Readonly<Record<string, readonly string[]>> = {
  'compare-create-for-mod': ['KV-10'],
  'compare-missing-lease-false': ['EXP-02'],
  'compare-missing-value-empty': ['KV-10'],
  'delete-leaves-key-in-lease': ['KV-02', 'TTL-01'],
  'delete-takes-lease': ['EXP-03'],
  'duplicate-renews': ['TTL-01', 'LIST-03'],
  'expiry-without-events': ['EXP-02', 'EXP-07', 'EXP-09'],
  'grant-header-ahead': ['KV-05'],
  'held-answers-granted-ttl': ['KA-02', 'KA-03'],
  'held-lets-others-pass': ['KA-01'],
  'keep-alive-unknown-minus-1': ['EXP-03'],
  'list-without-overdue': ['EXP-07'],
  'maximum-excluded': ['GRANT-01'],
  'negative-ids-replaced': ['KV-05'],
  'overdue-answered-at-once': ['EXP-07'],
  'past-header-of-the-past': ['EXP-07'],
  'past-off-by-one': ['EXP-07'],
  'put-again-detaches': ['EXP-07'],
  'put-attaches-nothing': ['EXP-02'],
  'put-keeps-old-lease': ['GRANT-05', 'KA-02'],
  'put-overdue-lease-refused': ['GRANT-06'],
  'put-renews': ['TTL-01', 'LIST-03'],
  'put-saves-no-overdue-key': ['EXP-03', 'KV-02'],
  'range-header-of-key': ['EXP-02'],
  'range-ties-backwards': ['KV-19'],
  'range-without-overdue': ['KV-18', 'KV-28'],
  'regrant-inherits-keys': ['KV-02', 'KA-02'],
  'renewal-from-old-deadline': ['TTL-01'],
  'renewal-late-in-life-only': ['LIST-03'],
  'renewal-raises-granted-ttl': ['GRANT-02'],
  'revision-per-key': ['REVOKE-04'],
  'revoke-header-behind': ['EXP-02', 'REVOKE-01'],
  'revoke-leaks-keys': ['REVOKE-04', 'EXP-02'],
  'revoke-overdue-refused': ['EXP-07'],
  'too-large-created': ['LIST-03', 'LIST-02', 'TTL-03', 'GRANT-05'],
  'ttl-granted-is-remaining': ['TTL-03'],
  'ttl-overdue-gone': ['EXP-07'],
  'ttl-renews': ['TTL-01', 'LIST-03'],
  'turn-takes-one': ['EXP-02', 'EXP-03'],
  'txn-header-behind': ['EXP-02'],
};

/** Restarts are on virtual clocks alone. */
const visible = MUTANTS.filter(
  ({ id, abilities = [] }) => !INVISIBLE.has(id) && abilities.length === 0,
);

describe('bugs that clients see on a real clock', () => {
  test.each(visible)('$id: $note', async (mutant) => {
    const verdict = await convicted(mutant);
    const rule = verdict?.kind === 'violation' ? verdict.rule : 'it survives';
    expect([...mutant.rules, ...(AS_WELL[mutant.id] ?? [])]).toContain(rule);
  });
});

test('docs/CHECKER.md lists those that a real clock cannot show', () => {
  const [, listed = ''] = readText('docs/CHECKER.md').split('## What a real clock cannot show');
  const [section = ''] = listed.split('\n## ');
  const ids = [...section.matchAll(/`([a-z0-9-]+)`/g)].map(([, id]) => id as string);
  expect(new Set(ids)).toEqual(INVISIBLE);
  const known = new Set(MUTANTS.map(({ id }) => id));
  expect([...INVISIBLE].filter((id) => !known.has(id))).toEqual([]);
});

/** The first verdict that is a violation; null: the bug survives. */
const convicted = async ({ id, config }: Mutant): Promise<Verdict | null> => {
  const implementation = await targetWith(id);
  const target = { ...implementation, abilities: [] };
  const settings = { ...DEFAULT_CONFIG, ...config };
  for (let index = 0; index < SCHEDULES; index += 1) {
    const seed = Seed.of(1n).split('power', index);
    const { history } = await tryOut(scheduleFor(index, seed, settings), target);
    const random = seed.random();
    const verdict = check(onARealClock([history], { random, stretch: 3, exclusive: true }));
    if (verdict.kind === 'violation') return verdict;
  }
  return null;
};

/** Each once for all bugs that are looked for under the same settings. */
const scheduleFor = (index: number, seed: Seed, config: ServerConfig): Schedule => {
  const settings = JSON.stringify(config);
  const known = made.get(settings) ?? [];
  made.set(settings, known);
  const clock = index % 4 === 0 ? 'virtual' : 'real';
  return (known[index] ??= tameSchedule(seed, config, { clock, commands: 50, clients: 3 }));
};

const made = new Map<string, Schedule[]>();
