/** A server as it is after its first start. */
import { Checkpoints } from './checkpoints.ts';
import type { Fingerprint } from './fingerprint.ts';
import { minTtl, progressPeriod } from './flags.ts';
import { DEFAULT_MEMBER_ID, DEFAULT_STARTED_AT, RequestIds } from './ids.ts';
import { Lessor } from './lessor.ts';
import type { SimulatorOptions } from './options.ts';
import type { Server } from './server.ts';
import { Space } from './space.ts';
import { Store } from './store.ts';
import { Watches } from './watches.ts';

/** `alone` does what comes of time passing, with nothing else under way. */
export const newServer = (
  options: SimulatorOptions,
  fingerprint: Fingerprint,
  alone: (act: () => void) => void,
): Server => {
  const { clock, config, onAnswer, onDelivery, onWatch } = options;
  const { memberId = DEFAULT_MEMBER_ID, startedAt = DEFAULT_STARTED_AT } = options;
  const { etcd } = config;
  const store = new Store(fingerprint);
  const lessor = new Lessor(fingerprint);
  return {
    clock,
    lessor,
    store,
    ids: new RequestIds(memberId, startedAt),
    checkpoints: new Checkpoints(lessor, config),
    minTtl: minTtl(config),
    etcd,
    space: new Space(fingerprint),
    watches: new Watches({
      etcd,
      progressPeriod: progressPeriod(config),
      clock,
      store,
      fingerprint,
      alone,
      answer: onAnswer,
      deliver: onDelivery,
    }),
    watch: onWatch,
  };
};
