/** The etcds that Go builds, where there is a Go: everything that is asked of the others. */
import { beforeAll, describe, expect, test } from 'vitest';
import { GO_RELEASES } from '../../src/harness/targets/etcd-modules.ts';
import { leasehold } from '../cli/leasehold.ts';
import { testEtcd } from '../harness/targets/etcd-under-test.ts';
import { testDifferences } from './differences-of.ts';
import { testFlags } from './flags-of.ts';
import { whyMissing } from './go-at-hand.ts';
import { testOnVirtualClock } from './on-a-virtual-clock.ts';
import { onVirtualClock } from './virtual-clock-at-hand.ts';

const BUILD_MS = 900_000;

/** The tests of the releases of one minor version. */
export const testReleases = async (minor: string): Promise<void> => {
  for (const release of GO_RELEASES.filter(({ version }) => version.startsWith(`${minor}.`))) {
    const { version } = release;
    const missing = await whyMissing(release);
    const name = missing === null ? `etcd ${version}` : `etcd ${version}, not at hand: ${missing}`;
    const describeIf = missing === null ? describe.concurrent : describe.skip;
    describeIf(name, { timeout: 120_000 }, () => {
      // The first time it takes a minute or two.
      beforeAll(() => testEtcd(version), BUILD_MS);

      onVirtualClock('on a virtual clock', () => testOnVirtualClock(version));

      describe('its flags', () => testFlags(version));

      describe('what tells it from others', () => testDifferences(version));

      test('random schedules on a real clock are conformant', async () => {
        const options = ['--target', 'etcd', '--etcd', version, '--runs', '40', '--json'];
        const { code, out, err } = await leasehold(['check', ...options]);
        const { violation, why, target } = JSON.parse(out) as Record<string, unknown>;
        expect({ code, violation, why }, err).toEqual({ code: 0 });
        expect(target).toEqual({ name: 'etcd', version });
      });
    });
  }
};
