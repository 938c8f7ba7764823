/** What a thread has to be told so that it can start a target of its own. */
import type { ServerConfig } from '../api/config.ts';
import type { Target } from '../harness/target.ts';
import { simulatorTarget } from '../harness/targets/simulator-target.ts';

export type TargetSpec =
  | { readonly name: 'simulator' }
  | { readonly name: 'wire' }
  | {
      readonly name: 'etcd-virtual';
      readonly binary: string;
      readonly version: string;
      readonly config: ServerConfig;
    };

/** The modules of real servers are loaded only when one is asked for. */
export const startFrom = async (spec: TargetSpec): Promise<Target> => {
  if (spec.name === 'simulator') return simulatorTarget();
  if (spec.name === 'wire') {
    const { wireTarget } = await import('../harness/targets/wire-target.ts');
    return wireTarget();
  }
  const { etcdVirtualTarget } = await import('../harness/targets/etcd-virtual-target.ts');
  return etcdVirtualTarget(spec);
};
