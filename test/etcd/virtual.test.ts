/** Real etcds on a virtual clock. */
import { testOnVirtualClock } from './on-a-virtual-clock.ts';
import { onVirtualClock } from './virtual-clock-at-hand.ts';

for (const version of ['3.4.23', '3.5.16', '3.5.30']) {
  onVirtualClock(`etcd ${version}`, () => testOnVirtualClock(version));
}
