/** What a version shows of the rules that the model does not carry. */
import { test } from 'vitest';
import { DEFAULT_CONFIG } from '../../src/api/config.ts';
import { Connections } from '../../src/harness/targets/grpc-connections.ts';
import { VirtualEtcd } from '../../src/harness/targets/virtual-etcd.ts';
import { testEtcd } from '../harness/targets/etcd-under-test.ts';
import { OBSERVATIONS } from './observations.ts';

/** The tests of one version. */
export const testObserved = (version: string): void => {
  test.each(OBSERVATIONS)('$rule: $title', async ({ show }) => {
    const { path: binary } = await testEtcd(version);
    const server = await VirtualEtcd.start({ binary, version, config: DEFAULT_CONFIG });
    const library = new Connections([server.url]);
    try {
      await show(Object.assign(server, { etcd: library.of(0, 0) }), version);
    } finally {
      library.close();
      await server.close();
    }
  });
};
