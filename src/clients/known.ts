/** The clients that come along, and the contracts. */
import type { Adapter } from './adapter.ts';
import type { Contract } from './contract.ts';
import { CONTRACTS } from './contracts/contracts.ts';

export const contractNamed = (id: string): Contract | undefined =>
  CONTRACTS.find((contract) => contract.id === id);

/** Loaded when they are asked for: they bring gRPC along. */
const CLIENTS: Readonly<Record<string, (version?: string) => Promise<Adapter>>> = {
  reference: async () => (await import('./reference/adapter.ts')).referenceAdapter(),
  etcd3: async () => (await import('./etcd3-adapter.ts')).etcd3Adapter,
  etcdctl: async (version) => {
    const { findEtcdctl } = await import('./outside/find-etcdctl.ts');
    const { etcdctlAdapter } = await import('./outside/etcdctl.ts');
    const found = await findEtcdctl(version, process.env);
    return etcdctlAdapter(found.path, found.version);
  },
  clientv3: async () => {
    const { findClientv3 } = await import('./outside/find-clientv3.ts');
    const { clientv3Adapter } = await import('./outside/clientv3.ts');
    const found = await findClientv3(process.env);
    return clientv3Adapter(found.path, found.version);
  },
};

export const CLIENT_NAMES: readonly string[] = Object.keys(CLIENTS);

/** `version`: of the etcd that it talks to, and of a client that comes with etcd. */
export const knownClient = async (name: string, version?: string): Promise<Adapter | undefined> =>
  Object.hasOwn(CLIENTS, name) ? CLIENTS[name]?.(version) : undefined;
