/** An etcd for each test of Vitest, whose time the test moves. */
export { type EtcdFixtures, etcdFixtures, test } from './fixture.ts';
export {
  type ClientOptions,
  startEtcd,
  type TestEtcd,
  type TestEtcdOptions,
  type TestNetwork,
} from './test-etcd.ts';
export { TestClock } from './test-clock.ts';
export type { ServerFlags } from '../wire/server-flags.ts';
