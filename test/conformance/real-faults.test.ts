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

test.each(['3.4', '3.5', '3.6', '3.7'] as const)(
  'no fault, none is flagged: %s',
  async (etcd) => {
    const card = await conform(realTimeTarget(Simulator, etcd));
    expect(card.rules.filter(({ verdict }) => verdict === 'differs')).toEqual([]);
  },
  120_000,
);

test('all faults at once', async () => {
  const verdicts = await Promise.all(
    MUTANTS.filter(({ config }) => config === undefined).map(async ({ id, rules }) => {
      const card = await conform(realTimeTarget(await implementationWith(id), '3.5'));
      const differing = card.rules.filter(({ verdict }) => verdict === 'differs');
      const names = differing.map((rule) => rule.id);
      return {
        id,
        right: names.some((name) => (rules as readonly string[]).includes(name)),
        names,
        rules,
      };
    }),
  );
  for (const v of verdicts)
    if (!v.right)
      process.stdout.write(`${v.id}: ${v.names.slice(0, 5).join()} wanted ${v.rules.join()}\n`);
  process.stdout.write(`${verdicts.filter(({ right }) => right).length} of ${verdicts.length}\n`);
}, 300_000);
