/** A simulated etcd on a port of loopback, on a clock that stands still until a test moves it. */
import { milliseconds, after } from '../../src/api/units.ts';
import { VirtualClock } from '../../src/clock/virtual-clock.ts';
import { createEtcd, type Etcd, type EtcdOptions } from '../../src/wire/index.ts';

export interface Served {
  readonly etcd: Etcd;
  readonly clock: VirtualClock;
  /** `host:port` */
  readonly address: string;
  /** Lets time pass, and gives what that causes the chance to reach the client. */
  readonly advance: (milliseconds: number) => Promise<void>;
}

const running: Etcd[] = [];

export const serve = async (options: Partial<EtcdOptions> = {}): Promise<Served> => {
  const clock = options.clock ?? new VirtualClock();
  const etcd = createEtcd({ ...options, clock });
  running.push(etcd);
  const { host, port } = await etcd.listen({ host: '127.0.0.1', port: 0 });
  return {
    etcd,
    clock,
    address: `${host}:${port}`,
    advance: async (length) => {
      clock.advanceTo(after(clock.now, milliseconds(length)));
      for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
    },
  };
};

/** To be called after each test. */
export const stopServing = async (): Promise<void> => {
  for (const etcd of running.splice(0)) await etcd.close();
};
