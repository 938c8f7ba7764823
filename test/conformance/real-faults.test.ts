/**
 * The suite on trial on the real clock: planted faults that a client of one can see are flagged by
 * a right rule; the server without a fault is not, however busy the machine.
 */
import { expect, test } from 'vitest';
import { conform } from '../../src/conformance/conform.ts';
import { Simulator } from '../../src/simulator/index.ts';
import { implementationWith } from '../mutants/conviction.ts';
import { MUTANTS } from '../mutants/planted.ts';
import { HIDDEN_ON_REAL, ON_REAL } from './on-trial.ts';
import { realTimeTarget } from './real-time.ts';

test('no fault, none is flagged', async () => {
  const versions = ['3.4', '3.5', '3.6', '3.7'] as const;
  const differing = versions.map(async (etcd) => {
    const card = await conform(realTimeTarget(Simulator, etcd));
    return card.rules.filter(({ verdict }) => verdict === 'differs').map(({ id }) => id);
  });
  expect(await Promise.all(differing)).toEqual([[], [], [], []]);
}, 240_000);

test('faults, all at once: seventy and more are flagged by a right rule', async () => {
  const flagged = ON_REAL.map(async ({ id, rules }) => {
    const isRight = (rule: string): boolean => (rules as readonly string[]).includes(rule);
    const target = realTimeTarget(await implementationWith(id), '3.5');
    const card = await conform(target, { wanted: (of) => of.rules.some(isRight) });
    return card.rules.some((rule) => rule.verdict === 'differs' && isRight(rule.id)) ? id : null;
  });
  const ids = new Set(await Promise.all(flagged));
  const missed = ON_REAL.filter(({ id }) => !ids.has(id)).map(({ id }) => id);
  const right = ON_REAL.length - missed.length;
  expect(right, `missed: ${missed.join(', ')}`).toBeGreaterThanOrEqual(70);
}, 300_000);

test('what is said to be hidden is planted', () => {
  const known = new Set(MUTANTS.map(({ id }) => id));
  const hidden = Object.values(HIDDEN_ON_REAL).flat();
  expect(hidden.filter((id) => !known.has(id))).toEqual([]);
});
