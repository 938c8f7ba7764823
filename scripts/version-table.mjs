/**
 * Writes the table of docs/SEMANTICS.md that says which etcd confirmed which rule: each version
 * answers random schedules and stories on a virtual clock, and the model counts the branches it
 * took to explain what came. With one disagreement nothing is written.
 *
 *   npm run build && node scripts/version-table.mjs [SCHEDULES]
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { DEFAULT_CONFIG } from '../dist/api/config.js';
import { scheduleOf } from '../dist/harness/campaign.js';
import { Coverage } from '../dist/harness/coverage.js';
import { parseSchedule } from '../dist/harness/parse-schedule.js';
import { resolveEtcd } from '../dist/harness/targets/etcd-binaries.js';
import { GO_RELEASES } from '../dist/harness/targets/etcd-modules.js';
import { RELEASES } from '../dist/harness/targets/etcd-releases.js';
import { etcdVirtualTarget } from '../dist/harness/targets/etcd-virtual-target.js';
import { tryOut } from '../dist/harness/trial.js';
import { RULE_IDS } from '../dist/model/index.js';
import { textReport } from '../dist/report/text.js';

const SCHEDULES = Number(process.argv[2] ?? 300);
const DOCUMENT = new URL('../docs/SEMANTICS.md', import.meta.url);
const FOLDERS = ['../examples/', '../examples/virtual-clock/'];
/**
 * CONST-03 is about flags with which no server starts: schedules do not show it. The others are
 * about losing the leader, which one member does not, and about being slow to apply, which none is
 * on demand.
 */
const LEFT_OUT = new Set([
  'CONST-03',
  'CONST-09',
  'KA-12',
  'TTL-08',
  'LIST-05',
  'RESTART-05',
  'RESTART-07',
  'CONST-06',
  'CONST-08',
  'CONST-10',
  'KA-15',
]);

const stories = FOLDERS.map((folder) => new URL(folder, import.meta.url)).flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.leasehold'))
    .map((name) => parseSchedule(readFileSync(new URL(name, folder), 'utf8'))),
);

/** Such as `check` makes for it. */
const schedulesFor = function* (target) {
  const options = { seed: 2027n, config: target.config, commands: 60, clients: 3, runs: [] };
  for (let run = 0; run < SCHEDULES; run += 1) yield scheduleOf(run, target, options);
};

const confirmedOn = async (version) => {
  const { path: binary } = await resolveEtcd({
    version,
    env: process.env,
    progress: console.error,
  });
  const coverage = new Coverage();
  const judge = async (config, schedules) => {
    const target = await etcdVirtualTarget({ binary, version, config });
    try {
      for (const schedule of schedules(target)) {
        const trial = await tryOut(schedule, target, coverage);
        if (trial.verdict.kind !== 'conformant') throw new Error(textReport(trial, version));
      }
    } finally {
      await target.close();
    }
  };
  for (const story of stories) await judge(story.config, () => [story]);
  await judge({ ...DEFAULT_CONFIG, etcd: version.slice(0, 3) }, schedulesFor);
  return coverage.rules;
};

const versions = [...RELEASES, ...GO_RELEASES].map((release) => release.version);
const counts = [];
for (const version of versions) {
  counts.push(await confirmedOn(version));
  console.error(`etcd ${version} agrees`);
}

const row = (cells) => `| ${cells.join(' | ')} |\n`;
const rows = RULE_IDS.filter((id) => !LEFT_OUT.has(id)).map((id) =>
  row([id, ...counts.map((rules) => (rules[id] === 0 ? '–' : rules[id]))]),
);
const table =
  row(['rule', ...versions]) + row(['---', ...versions.map(() => '--:')]) + rows.join('');
const [before, after] = ['<!-- confirmed -->', '<!-- /confirmed -->'];
const text = readFileSync(DOCUMENT, 'utf8');
const shown = `${before}\n${SCHEDULES} schedules each:\n\n${table}${after}`;
writeFileSync(
  DOCUMENT,
  text.replace(new RegExp(`${before}[^]*${after}`), () => shown),
);
