/** Opens the target that an option names. */
import type { ServerConfig } from '../api/config.ts';
import type { Target } from '../harness/target.ts';
import type { Security } from '../harness/targets/security.ts';
import { shown, UsageError } from './arguments.ts';
import { startFrom, type TargetSpec } from './target-spec.ts';
import type { Terminal } from './terminal.ts';
import { silence } from './warnings.ts';

export interface TargetRequest {
  readonly name: string;
  /** The version asked for, of an etcd that is started. */
  readonly etcd: string | undefined;
  readonly config: ServerConfig;
  /** What an endpoint is shown. */
  readonly security?: Security;
}

/**
 * A way to a target: what it will be, and how to start one. A real server may be started several
 * times.
 */
export interface TargetPlan {
  readonly name: string;
  readonly clock: 'virtual' | 'real';
  readonly start: () => Promise<Target>;
  /** How another thread starts the same; null when it cannot. */
  readonly spec: TargetSpec | null;
}

/**
 * Throws `UsageError` when the name is none, `TargetError` when an etcd cannot be had. The modules
 * of real servers are loaded only when one is asked for: they bring gRPC along.
 */
export async function planTarget(
  request: TargetRequest,
  terminal: Terminal,
  note: (line: string) => void,
  signal?: AbortSignal,
): Promise<TargetPlan> {
  const { name, etcd, config } = request;
  const isEtcd = name === 'etcd' || name === 'etcd-virtual';
  if (etcd !== undefined && !isEtcd) {
    throw new UsageError(
      `--etcd ${shown(etcd)} goes with --target etcd or etcd-virtual, not with --target ${name}`,
    );
  }
  if (name === 'simulator' || name === 'wire') {
    const spec = { name } as const;
    return { name, clock: 'virtual', start: () => startFrom(spec), spec };
  }
  if (isEtcd) {
    const { resolveEtcd } = await import('../harness/targets/etcd-binaries.ts');
    const version = etcd === undefined ? {} : { version: etcd };
    const binary = await resolveEtcd({ ...version, env: terminal.env, progress: note, signal });
    note(binary.how);
    const options = { binary: binary.path, version: binary.version, config };
    if (name === 'etcd-virtual') {
      const spec = { name, ...options } as const;
      return { name, clock: 'virtual', start: () => startFrom(spec), spec };
    }
    const { etcdTarget } = await import('../harness/targets/etcd-target.ts');
    return { name, clock: 'real', start: () => etcdTarget(options), spec: null };
  }
  if (/^https?:\/\//.test(name)) {
    // gRPC's library asks a server for its address as if that were a name.
    if (name.includes('https://')) silence('DEP0123');
    const { endpointTarget } = await import('../harness/targets/endpoint-target.ts');
    const start = (): Promise<Target> => endpointTarget(name, request.security);
    return { name, clock: 'real', start, spec: null };
  }
  throw new UsageError(
    `--target ${shown(name)}: simulator, wire, etcd, etcd-virtual or http(s)://host:port is needed`,
  );
}
