/** An etcd for each test, whose time the test moves: for any test runner. */
export { TestClock } from './test-clock.ts';
export {
  type ClientOptions,
  startEtcd,
  type TestEtcd,
  type TestEtcdOptions,
  type TestNetwork,
} from './test-etcd.ts';
export type { ServerFlags } from '../wire/server-flags.ts';
