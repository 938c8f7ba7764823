/** Vitest's `test`, with an etcd of its own for each test that asks for one. */
import { test as base } from 'vitest';
import { startEtcd, type TestEtcd, type TestEtcdOptions } from './test-etcd.ts';

export interface EtcdFixtures {
  /** Change it for a file or a block with `test.override('etcdOptions', …)` or `test.extend`. */
  readonly etcdOptions: TestEtcdOptions;
  /** Is there for the time of one test. */
  readonly etcd: TestEtcd;
}

type Use<T> = (value: T) => Promise<void>;

/** For `test.extend(etcdFixtures)` of a `test` of your own. */
export const etcdFixtures = {
  // Vitest wants to see by the pattern which other fixtures one needs.
  // oxlint-disable-next-line eslint/no-empty-pattern
  etcdOptions: async ({}, use: Use<TestEtcdOptions>): Promise<void> => {
    await use({});
  },
  etcd: async (
    { etcdOptions }: { readonly etcdOptions: TestEtcdOptions },
    use: Use<TestEtcd>,
  ): Promise<void> => {
    const etcd = await startEtcd(etcdOptions);
    try {
      await use(etcd);
    } finally {
      await etcd.close();
    }
  },
};

export const test = base.extend<EtcdFixtures>(etcdFixtures);
