// npm's etcd3 in twenty lines: npx leasehold fuzz ./adapter.mjs
import { Etcd3 } from 'etcd3';

export const adapter = {
  name: 'my-etcd3',
  version: '1.1.2',
  abilities: ['lease'],
  start({ url, grpcOptions, report }) {
    const etcd = new Etcd3({ hosts: url, grpcOptions });
    const leases = new Map();
    return {
      async grant(name, ttl) {
        const lease = etcd.lease(ttl);
        leases.set(name, lease);
        lease.on('lost', (error) => report({ kind: 'lost', lease: name, why: error.message }));
        report({ kind: 'granted', lease: name, id: BigInt(await lease.grant()), ttl });
      },
      revoke: async (name) => leases.get(name)?.revoke(),
      release: async (name) => leases.get(name)?.release(),
      close: async () => etcd.close(),
    };
  },
};
