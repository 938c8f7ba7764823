/** The JSON gateway of a simulated etcd of its own, over HTTP in memory. Its clock stands still. */
import { VirtualClock } from '../../clock/index.ts';
import type { MemoryNetwork } from '../../pace/index.ts';
import { createEtcd } from '../../wire/index.ts';
import type { HttpExchange } from '../target.ts';
import { httpTo } from './http.ts';

export interface WireGateway {
  readonly http: HttpExchange;
  close(): Promise<void>;
}

/** Starts with the first request. */
export const wireGateway = (network: MemoryNetwork): WireGateway => {
  let started: { readonly http: HttpExchange; readonly close: () => Promise<void> } | undefined;
  const start = () => {
    const etcd = createEtcd({ clock: new VirtualClock(), probeInterval: 0 });
    const endpoint = network.listen((socket) => etcd.inject(socket));
    const close = async (): Promise<void> => {
      await etcd.close();
      endpoint.close();
    };
    return { http: httpTo(endpoint.url), close };
  };
  return {
    http: (request) => (started ??= start()).http(request),
    close: async () => {
      await started?.close();
      started = undefined;
    },
  };
};
