/**
 * The suite on trial on the real clock: planted faults that a client of one can see are flagged by
 * a right rule; the server without a fault is not, however busy the machine.
 */
import { expect, test } from 'vitest';
import { conform } from '../../src/conformance/conform.ts';
import { Simulator } from '../../src/simulator/index.ts';
import { implementationWith } from '../mutants/conviction.ts';
import { MUTANTS } from '../mutants/planted.ts';
import { realTimeTarget } from './real-time.ts';

test('no fault, none is flagged', async () => {
  const versions = ['3.4', '3.5', '3.6', '3.7'] as const;
  const differing = versions.map(async (etcd) => {
    const card = await conform(realTimeTarget(Simulator, etcd));
    return card.rules.filter(({ verdict }) => verdict === 'differs').map(({ id }) => id);
  });
  expect(await Promise.all(differing)).toEqual([[], [], [], []]);
}, 240_000);

/** What the real clock hides, or no story tells; all of it is on trial on a virtual clock. */
const UNSEEN: Readonly<Record<string, readonly string[]>> = {
  'half a turn more or less, and milliseconds': [
    'expiry-exclusive',
    'expiry-1ms-early',
    'expiry-a-turn-late',
    'turn-every-400ms',
    'turn-every-501ms',
    'turn-keeps-old-grid',
    'turn-takes-latest',
    'renewal-1ms-short',
    'renewal-rounded-to-seconds',
    'keep-alive-stale-header',
  ],
  'what is overdue is so for half a second, and whoever asks may come too late': [
    'overdue-id-free',
    'revoke-overdue-refused',
    'overdue-resurrected',
    'overdue-answered-at-once',
    'held-in-last-ms',
    'held-answers-granted-ttl',
    'held-streams-not-told-apart',
    'held-lets-others-pass',
    'held-not-freed-by-revoke',
    'held-not-freed-by-turn',
    'held-behind-forgotten',
    'held-behind-last-first',
    'ttl-never-negative',
    'ttl-overdue-gone',
    'list-without-overdue',
    'range-without-overdue',
    'put-overdue-lease-refused',
    'put-saves-no-overdue-key',
  ],
  'more leases than a turn takes, on a server of their own': [
    'turn-takes-501',
    'turn-takes-499',
    'turn-takes-all',
    'turn-takes-one',
    'backlog-put-off',
  ],
  'JSON and gRPC do not say it': ['ttl-negative-zero'],
};

const HIDDEN = new Set(Object.values(UNSEEN).flat());

/** Cases run under default flags, and no process is restarted. */
const FAULTS = MUTANTS.filter(
  ({ abilities = [], config, id }) =>
    abilities.length === 0 && config === undefined && !HIDDEN.has(id),
);

test('faults, all at once: fifty and more are flagged by a right rule', async () => {
  const flagged = FAULTS.map(async ({ id, rules }) => {
    const isRight = (rule: string): boolean => (rules as readonly string[]).includes(rule);
    const target = realTimeTarget(await implementationWith(id), '3.5');
    const card = await conform(target, { wanted: (of) => of.rules.some(isRight) });
    return card.rules.some((rule) => rule.verdict === 'differs' && isRight(rule.id)) ? id : null;
  });
  const ids = new Set(await Promise.all(flagged));
  const missed = FAULTS.filter(({ id }) => !ids.has(id)).map(({ id }) => id);
  const right = FAULTS.length - missed.length;
  expect(right, `missed: ${missed.join(', ')}`).toBeGreaterThanOrEqual(50);
}, 300_000);

test('what is said to be hidden is planted', () => {
  const known = new Set(MUTANTS.map(({ id }) => id));
  expect([...HIDDEN].filter((id) => !known.has(id))).toEqual([]);
});
