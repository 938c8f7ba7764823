import { test } from 'vitest';
import { conform } from '../../src/conformance/conform.ts';
import { totals } from '../../src/conformance/verdict.ts';
import { etcdTarget } from '../../src/harness/targets/etcd-target.ts';
import { etcdVirtualTarget } from '../../src/harness/targets/etcd-virtual-target.ts';
import { resolveEtcd } from '../../src/harness/targets/etcd-binaries.ts';
import { DEFAULT_CONFIG } from '../../src/api/config.ts';
for (const [name, make] of [['real', etcdTarget], ['virtual', etcdVirtualTarget]] as const)
test(name, { timeout: 200000 }, async () => {
  const binary = await resolveEtcd({ version: '3.5.30', env: process.env, progress: () => {} });
  const target = await make({ binary: binary.path, version: binary.version, config: DEFAULT_CONFIG } as never);
  const t = performance.now();
  const card = await conform(target, { disturb: true });
  console.log(name, Math.round(performance.now() - t), 'ms');
  await target.close();
  for (const c of card.cases) if (c.verdict !== 'agrees') console.log(c.case.id, c.verdict, c.why, JSON.stringify(c.evidence));
  for (const c of card.cases) { const miss = c.case.rules.filter((r) => !c.shown.includes(r)); if (miss.length && c.verdict !== 'not-observable') console.log('MISS', c.case.id, miss); }
  console.log(totals(card.rules));
});
