/**
 * The suite on trial before a real etcd: what a proxy makes of its answers is flagged by a right
 * rule, on the virtual clock and on the real one; the same etcd behind an honest proxy is not.
 */
import { expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../../src/api/config.ts';
import type { Case } from '../../src/conformance/case.ts';
import { conform } from '../../src/conformance/conform.ts';
import type { Target } from '../../src/harness/target.ts';
import { etcdTarget } from '../../src/harness/targets/etcd-target.ts';
import { onVirtualClock } from '../etcd/virtual-clock-at-hand.ts';
import { testEtcd } from '../harness/targets/etcd-under-test.ts';
import type { ProxyFault } from './mangling/fault.ts';
import { PROXY_FAULTS } from './mangling/faults.ts';
import { mangledEndpoint, mangledVirtual } from './mangling/mangled-targets.ts';

/** The rules that the cases about `rules` find broken. */
const found = async (target: Target, rules: readonly string[]): Promise<readonly string[]> => {
  const wanted = (of: Case): boolean =>
    of.rules.some((rule) => rules.includes(rule)) && !of.needs.includes('disturbance');
  const card = await conform(target, { wanted });
  return card.rules.filter(({ verdict }) => verdict === 'differs').map(({ id }) => id);
};

const isFlagged = async (target: Target, { rules }: ProxyFault): Promise<boolean> => {
  const isRight = (rule: string): boolean => rules.includes(rule);
  // Most show in a case that is about their first rule.
  if ((await found(target, rules.slice(0, 1))).some(isRight)) return true;
  return rules.length > 1 && (await found(target, rules)).some(isRight);
};

/** What nearly every fault would show in. */
const CONTROL = [
  'GRANT-04',
  'REVOKE-02',
  'KA-01',
  'KA-02',
  'TTL-04',
  'LIST-02',
  'KV-22',
  'WIRE-04',
];

onVirtualClock('an etcd behind a proxy that changes what passes, on a virtual clock', () => {
  test('each fault is flagged by a right rule, an honest proxy by none', async () => {
    const { path, version } = await testEtcd();
    const etcd = await mangledVirtual(path, version);
    const missed: string[] = [];
    try {
      expect(await found(await etcd.with(null), CONTROL)).toEqual([]);
      for (const fault of PROXY_FAULTS) {
        if (fault.hidden?.virtual !== undefined) continue;
        const target = await etcd.with(fault);
        if (!(await isFlagged(target, fault))) missed.push(fault.id);
        await target.close();
      }
    } finally {
      await etcd.close();
    }
    expect(missed).toEqual([]);
  });
});

/** More at once would keep the machine too busy to tell. */
const AT_ONCE = 12;

test('behind a proxy on the real clock: each fault by a right rule, honesty by none', async () => {
  const { path, version } = await testEtcd();
  const etcd = await etcdTarget({ binary: path, version, config: DEFAULT_CONFIG });
  const left: (ProxyFault | null)[] = [
    null,
    ...PROXY_FAULTS.filter(({ hidden }) => hidden?.real === undefined),
  ];
  const missed: string[] = [];
  const tryNext = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const target = await mangledEndpoint(etcd.process.url, next);
      if (next === null) expect(await found(target, CONTROL)).toEqual([]);
      else if (!(await isFlagged(target, next))) missed.push(next.id);
      await target.close();
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, tryNext));
  } finally {
    await etcd.close();
  }
  // A busy machine may be too slow to tell, of a few.
  expect(missed.length, `missed: ${missed.join(', ')}`).toBeLessThanOrEqual(5);
}, 240_000);

test('there are enough of them, on both clocks', () => {
  expect(PROXY_FAULTS.filter(({ hidden }) => hidden === undefined).length).toBeGreaterThan(40);
});
