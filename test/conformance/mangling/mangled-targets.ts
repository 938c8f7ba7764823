/** Real etcds behind the mangling proxy, as targets on both clocks. */
import { DEFAULT_CONFIG } from '../../../src/api/config.ts';
import { asBytes } from '../../../src/api/bytes.ts';
import type { Session, Sink, Target } from '../../../src/harness/target.ts';
import {
  type EndpointTarget,
  endpointTarget,
} from '../../../src/harness/targets/endpoint-target.ts';
import { Connections } from '../../../src/harness/targets/grpc-connections.ts';
import { httpTo } from '../../../src/harness/targets/http.ts';
import { LeanConnection } from '../../../src/harness/targets/lean-connection.ts';
import { ANSWER_MS, VirtualEtcd } from '../../../src/harness/targets/virtual-etcd.ts';
import { virtualSessions } from '../../../src/harness/targets/virtual-sessions.ts';
import type { ProxyFault } from './fault.ts';
import { manglingProxy } from './proxy.ts';

/** The server at `url`, on its own clock, as somebody sees it who does not know of the fault. */
export const mangledEndpoint = async (
  url: string,
  fault: ProxyFault | null,
): Promise<EndpointTarget> => {
  const proxy = await manglingProxy(url);
  proxy.plant(fault);
  try {
    const target = await endpointTarget(proxy.url);
    return {
      ...target,
      close: async () => {
        await target.close();
        await proxy.close();
      },
    };
  } catch (error) {
    await proxy.close();
    throw error;
  }
};

export interface MangledVirtual {
  /** The server as it is with the fault; null: without any. */
  with(fault: ProxyFault | null): Promise<Target>;
  close(): Promise<void>;
}

/** One server on a virtual clock. Each target has connections and a watch of its own to it. */
export const mangledVirtual = async (binary: string, version: string): Promise<MangledVirtual> => {
  const config = DEFAULT_CONFIG;
  const server = await VirtualEtcd.start({ binary, version, config });
  const proxies: (() => Promise<void>)[] = [];
  return {
    with: async (fault) => {
      const proxy = await manglingProxy(server.url);
      const connections = new Connections([proxy.url]);
      const lean = new LeanConnection(proxy.url, ANSWER_MS);
      const sessions = await virtualSessions(through(server, connections, lean), config);
      await learnRevision(await sessions.open(NOBODY));
      // From now on: what the target needs for itself it has.
      proxy.plant(fault);
      const close = async (): Promise<void> => {
        connections.close();
        lean.close();
        await proxy.close();
      };
      proxies.push(close);
      return {
        name: 'etcd-virtual',
        version,
        clock: 'virtual',
        config,
        minimumTtl: null,
        exclusive: true,
        http: httpTo(proxy.url),
        open: (_options, sink) => sessions.open(sink),
        close,
      };
    },
    close: async () => {
      for (const close of proxies) await close().catch(() => {});
      await server.close();
    },
  };
};

/** The watch begins now: a target that is new to an old server does not know its revision. */
const learnRevision = async (session: Session): Promise<void> => {
  const put = { key: asBytes('k'), value: asBytes(''), lease: 0n, prevKv: false } as const;
  const flags = { ignoreValue: false, ignoreLease: false };
  await session.call(0, { kind: 'put', token: 0, ...put, ...flags });
  await session.close();
};

const NOBODY: Sink = {
  answered: () => {},
  turned: () => {},
  watched: () => {},
  delivered: () => {},
  lost: () => {},
};

/** The server, but for the way to it. */
const through = (server: VirtualEtcd, connections: Connections, lean: LeanConnection) =>
  new Proxy(server, {
    get: (of, name) => {
      if (name === 'etcd') return connections.of(0, 0);
      if (name === 'lean') return lean;
      const value: unknown = Reflect.get(of, name, of);
      return typeof value === 'function' ? (value.bind(of) as unknown) : value;
    },
  });
