/** The simulated etcd as a server that clients of etcd connect to. */
export {
  createEtcd,
  DEFAULT_VERSION,
  type Etcd,
  type EtcdOptions,
  isKnownVersion,
  type LeaderSwitch,
  type ProcessSwitch,
} from './etcd.ts';
export type { ApplySwitch } from './apply-switch.ts';
export type { CallGate, GatedCall, Message } from './call-gate.ts';
export type { Address } from './port.ts';
export type { ServerFlags } from './server-flags.ts';
export { type ServedEtcd, serveEtcd, type ServeOptions } from './serve-etcd.ts';
export type { Status } from './status.ts';
