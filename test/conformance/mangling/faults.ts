/** All faults that a proxy fakes, in the order of the table. */
import type { ProxyFault } from './fault.ts';
import { GATEWAY } from './faults/gateway.ts';
import { GRANTS } from './faults/grants.ts';
import { KEEP_ALIVES } from './faults/keep-alives.ts';
import { READS } from './faults/reads.ts';
import { WATCHES } from './faults/watches.ts';

export const PROXY_FAULTS: readonly ProxyFault[] = [
  ...GRANTS,
  ...KEEP_ALIVES,
  ...READS,
  ...WATCHES,
  ...GATEWAY,
];
