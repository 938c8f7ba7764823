/** The clients that come along, and the contracts. */
import type { Adapter } from './adapter.ts';
import type { Contract } from './contract.ts';
import { CONTRACTS } from './contracts/contracts.ts';

export const contractNamed = (id: string): Contract | undefined =>
  CONTRACTS.find((contract) => contract.id === id);

/** Loaded when they are asked for: they bring gRPC along. */
const CLIENTS: Readonly<Record<string, () => Promise<Adapter>>> = {
  reference: async () => (await import('./reference/adapter.ts')).referenceAdapter(),
  etcd3: async () => (await import('./etcd3-adapter.ts')).etcd3Adapter,
};

export const CLIENT_NAMES: readonly string[] = Object.keys(CLIENTS);

export const knownClient = async (name: string): Promise<Adapter | undefined> =>
  Object.hasOwn(CLIENTS, name) ? CLIENTS[name]?.() : undefined;
