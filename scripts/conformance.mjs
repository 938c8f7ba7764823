/**
 * Writes docs/CONFORMANCE.md: the verdict of the conformance suite on each rule, for the simulator
 * as each version, for the simulator behind its own wire, for every etcd at hand on a virtual clock,
 * and for one on the real clock: that takes a machine which is not busy. With a verdict `differs` it
 * says so and exits 1.
 *
 *   npm run build && node scripts/conformance.mjs
 */
import { writeFileSync } from 'node:fs';
import { DEFAULT_CONFIG, MINOR_VERSIONS } from '../dist/api/config.js';
import { conform } from '../dist/conformance/index.js';
import { resolveEtcd } from '../dist/harness/targets/etcd-binaries.js';
import { GO_RELEASES } from '../dist/harness/targets/etcd-modules.js';
import { RELEASES } from '../dist/harness/targets/etcd-releases.js';
import { etcdTarget } from '../dist/harness/targets/etcd-target.js';
import { etcdVirtualTarget } from '../dist/harness/targets/etcd-virtual-target.js';
import { simulatorTarget } from '../dist/harness/targets/simulator-target.js';
import { wireTarget } from '../dist/harness/targets/wire-target.js';
import { conformanceDocument } from '../dist/report/conformance-document.js';

const DOCUMENT = new URL('../docs/CONFORMANCE.md', import.meta.url);

const cards = [];

const add = async (name, target, semantics) => {
  const began = performance.now();
  try {
    cards.push({
      name,
      card: await conform(target, {
        ...(semantics && { semantics }),
        disturb: true,
        patienceMs: 600_000,
      }),
    });
  } finally {
    await target.close();
  }
  console.error(`${name}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
};

for (const version of MINOR_VERSIONS) {
  await add(`simulator ${version}`, simulatorTarget(), version);
}
await add('wire 3.5', wireTarget(), '3.5');
const etcd = async (version) => {
  const binary = await resolveEtcd({ version, env: process.env, progress: console.error });
  return { binary: binary.path, version: binary.version, config: DEFAULT_CONFIG };
};
for (const { version } of [...RELEASES, ...GO_RELEASES]) {
  await add(`etcd ${version}`, await etcdVirtualTarget(await etcd(version)), undefined);
}
await add('3.5.30, real clock', await etcdTarget(await etcd('3.5.30')), undefined);

writeFileSync(DOCUMENT, conformanceDocument(cards));
const differing = cards.filter(({ card }) => card.rules.some((rule) => rule.verdict === 'differs'));
for (const { name } of differing) console.error(`${name} differs`);
process.exitCode = differing.length === 0 ? 0 : 1;
