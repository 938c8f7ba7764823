/** Rules that the model does not carry, shown by every version that is at hand. */
import { describe } from 'vitest';
import { GO_RELEASES } from '../../src/harness/targets/etcd-modules.ts';
import { whyMissing } from './go-at-hand.ts';
import { testObserved } from './observed-of.ts';
import { onVirtualClock } from './virtual-clock-at-hand.ts';

for (const version of ['3.4.23', '3.5.16', '3.5.30']) {
  onVirtualClock(`etcd ${version}`, () => testObserved(version));
}

for (const release of GO_RELEASES) {
  const { version } = release;
  const missing = await whyMissing(release);
  const name = missing === null ? `etcd ${version}` : `etcd ${version}, not at hand: ${missing}`;
  const describeIf = missing === null ? onVirtualClock : describe.skip;
  describeIf(name, () => testObserved(version));
}
