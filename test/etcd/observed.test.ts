/** Rules that the model does not carry, shown by every version that is at hand. */
import { describe } from 'vitest';
import { GO_RELEASES } from '../../src/harness/targets/etcd-modules.ts';
import { whyMissing } from './go-at-hand.ts';
import { testObserved } from './observed-of.ts';

const OPTIONS = { timeout: 120_000 };

describe.each(['3.4.23', '3.5.16', '3.5.30'])('etcd %s', OPTIONS, testObserved);

for (const release of GO_RELEASES) {
  const missing = await whyMissing(release);
  const isThere = missing === null;
  const name = isThere
    ? `etcd ${release.version}`
    : `etcd ${release.version}, not at hand: ${missing}`;
  describe.skipIf(!isThere)(name, OPTIONS, () => testObserved(release.version));
}
