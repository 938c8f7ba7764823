/**
 * The JSON gateways of simulated etcds of their own, one a version, over HTTP in memory. Their
 * clocks stand still.
 */
import { DEFAULT_CONFIG, type MinorVersion } from '../../api/config.ts';
import { VirtualClock } from '../../clock/index.ts';
import type { MemoryNetwork } from '../../pace/index.ts';
import { createEtcd } from '../../wire/index.ts';
import type { HttpExchange } from '../target.ts';
import { httpTo } from './http.ts';

export interface WireGateway {
  readonly http: HttpExchange;
  close(): Promise<void>;
}

/** Each starts with the first request to it. */
export const wireGateway = (network: MemoryNetwork): WireGateway => {
  const started = new Map<MinorVersion, WireGateway>();
  const startedAs = (version: MinorVersion): WireGateway => {
    const known = started.get(version);
    if (known !== undefined) return known;
    const etcd = createEtcd({ clock: new VirtualClock(), version, probeInterval: 0 });
    const endpoint = network.listen((socket) => etcd.inject(socket));
    const close = async (): Promise<void> => {
      await etcd.close();
      endpoint.close();
    };
    const gateway = { http: httpTo(endpoint.url), close };
    started.set(version, gateway);
    return gateway;
  };
  return {
    http: (request) => startedAs(request.etcd ?? DEFAULT_CONFIG.etcd).http(request),
    close: async () => {
      for (const gateway of started.values()) await gateway.close();
      started.clear();
    },
  };
};
