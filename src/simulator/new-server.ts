/** A server as it is after its first start, and after others. */
import type { ServerConfig } from '../api/config.ts';
import { Checkpoints } from './checkpoints.ts';
import type { Fingerprint } from './fingerprint.ts';
import { minTtl, progressPeriod } from './flags.ts';
import { DEFAULT_MEMBER_ID, DEFAULT_STARTED_AT, RequestIds } from './ids.ts';
import { KeepAlives } from './keep-alives.ts';
import { Lessor } from './lessor.ts';
import type { SimulatorOptions } from './options.ts';
import type { Server } from './server.ts';
import type { Slot } from './slots.ts';
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
  const { etcd } = config;
  const store = new Store(fingerprint);
  const lessor = new Lessor(fingerprint);
  return {
    clock,
    lessor,
    store,
    ids: newIds(options),
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

export const newKeepAlives = (
  server: Server,
  fingerprint: Fingerprint,
  answer: SimulatorOptions['onAnswer'],
): KeepAlives => {
  const { clock, lessor, store } = server;
  const beforeRenewal = (slot: Slot): void => server.checkpoints.clear(slot, clock.now);
  return new KeepAlives({ clock, lessor, store, fingerprint, answer, beforeRenewal });
};

/** RESTART-01: a new process comes up on its data, and does not lead yet. */
export const restart = (server: Server, config: ServerConfig, options: SimulatorOptions): void => {
  server.ids = newIds(options, server.clock.now, server.ids.taken);
  server.minTtl = minTtl(config);
  server.watches.progressPeriod = progressPeriod(config);
  server.lessor.load(server.minTtl);
};

/** `passed`: milliseconds since its first start. */
const newIds = (
  { memberId = DEFAULT_MEMBER_ID, startedAt = DEFAULT_STARTED_AT }: SimulatorOptions,
  passed = 0,
  taken = 0,
): RequestIds => new RequestIds(memberId, startedAt + passed, taken);
