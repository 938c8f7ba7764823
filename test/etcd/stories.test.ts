/** The stories of examples/ on real etcds: one server each, all at the same time. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parseSchedule } from '../../src/harness/parse-schedule.ts';
import { etcdTarget } from '../../src/harness/targets/etcd-target.ts';
import { tryOut } from '../../src/harness/trial.ts';
import { unmetExpectations } from '../../src/harness/unmet-expectations.ts';
import { testEtcd } from '../harness/targets/etcd-under-test.ts';

const FOLDER = fileURLToPath(new URL('../../examples/', import.meta.url));
const STORIES = readdirSync(FOLDER).filter((name) => name.endsWith('.leasehold'));

describe.concurrent('on etcd 3.5.30', { timeout: 90_000 }, () => {
  test.each(STORIES)('%s', async (name) => {
    const { path, version } = await testEtcd();
    const schedule = parseSchedule(readFileSync(FOLDER + name, 'utf8'));
    const target = await etcdTarget({ binary: path, version, config: schedule.config });
    try {
      const trial = await tryOut(schedule, target);
      expect(trial.verdict).toEqual({ kind: 'conformant' });
      expect(unmetExpectations(trial)).toEqual([]);
    } finally {
      await target.close();
    }
  });
});
