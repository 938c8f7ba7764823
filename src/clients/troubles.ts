/** Carries out the faults of a story, and ends those that last. */
import { instant } from '../api/units.ts';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import type { Settler } from '../pace/index.ts';
import type { Etcd } from '../wire/index.ts';
import type { FaultGate, Hold } from './fault-gate.ts';
import type { ClientNetwork, Outage } from './network.ts';
import type { Recorder } from './recorder.ts';
import type { CallName, Fault } from './story.ts';
import type { WallClock } from './wall-clock.ts';

export interface TroublesOptions {
  readonly clock: VirtualClock;
  readonly etcd: Etcd;
  readonly gate: FaultGate;
  /** What stands still while the process of the clients does. */
  readonly clients: readonly Sleeper[];
  readonly network: ClientNetwork;
  readonly recorder: Recorder;
  readonly settler: Pick<Settler, 'stir'>;
  readonly wall: Pick<WallClock, 'jump' | 'drift'>;
  /** The lease that a name in the story stands for. */
  readonly leaseOf: (name: string) => bigint | undefined;
  /** The clients' process goes on. */
  readonly onAwake: () => void;
}

export interface Sleeper {
  freeze(): void;
  thaw(): void;
}

/** A fault that lasts, and how it ends. */
interface Trouble {
  readonly fault: Fault;
  readonly end: () => void;
}

/** How long a server without a leader tries: 5 s and two election timeouts of 1 s. */
const REQUEST_TIMEOUT = 7000;

export class Troubles {
  readonly #options: TroublesOptions;
  readonly #lasting = new Set<Trouble>();
  /** How many faults keep the server from revoking what is overdue. */
  #suspensions = 0;
  #naps = 0;
  #outages = 0;
  /** How many keep it from applying what it commits. */
  #stalls = 0;

  constructor(options: TroublesOptions) {
    this.#options = options;
  }

  get clientsSleep(): boolean {
    return this.#naps > 0;
  }

  strike(fault: Fault): void {
    const { gate, network, recorder, wall } = this.#options;
    recorder.add({ kind: 'fault', fault });
    switch (fault.kind) {
      case 'lose':
      case 'delay':
      case 'duplicate':
      case 'overtake':
      case 'refuse':
      case 'ttl zero':
        return gate.expect(fault);
      case 'end':
      case 'reset':
      case 'abandon':
        return gate.strike(fault);
      case 'disconnect':
        return network.disconnect(fault.client);
      case 'goaway':
        return network.sayGoodbye(fault.client);
      case 'new leader':
        return this.#promote();
      case 'revoke by another':
        return this.#revoke(fault.name);
      case 'wall clock':
        return wall.jump(fault.by);
      case 'drift':
        return wall.drift(fault.perMille);
      case 'unreachable':
      case 'black-hole':
      case 'restart':
      case 'pause server':
      case 'no leader':
      case 'slow apply':
      case 'pause client':
        return this.#last(fault, this.#begin(fault), durationOf(fault));
    }
  }

  /** All that goes wrong ends. */
  endAll(): void {
    // What ends takes itself off the set, which its iterator allows.
    for (const trouble of this.#lasting) this.#end(trouble);
    this.#options.gate.forgive();
    this.#options.wall.drift(0);
  }

  #begin(fault: LastingFault): () => void {
    switch (fault.kind) {
      case 'unreachable':
        return this.#outage({ client: fault.client, reception: fault.how, isDeaf: false });
      case 'black-hole':
        return this.#blackHole(fault);
      case 'restart':
        return this.#restart();
      case 'pause server':
        return all([
          this.#suspend(),
          this.#hold({ side: 'request', holds: () => true }),
          this.#hold({ side: 'reply', holds: () => true }),
          this.#outage({ client: null, reception: 'accepted', isDeaf: true }),
        ]);
      case 'no leader': {
        const resume = this.#suspend();
        const release = this.#hold({
          side: 'request',
          holds: (call) => call !== 'watch',
          patience: { for: REQUEST_TIMEOUT, refusalOf: noLeader },
        });
        return () => {
          resume();
          this.#promote();
          release();
        };
      }
      case 'slow apply':
        return this.#stall();
      case 'pause client':
        return this.#putToSleep();
    }
  }

  #last(fault: LastingFault, end: () => void, duration: number): void {
    const { clock, settler } = this.#options;
    const trouble = { fault, end };
    this.#lasting.add(trouble);
    clock.schedule(instant(clock.now + duration), () => {
      settler.stir();
      this.#end(trouble);
    });
  }

  #end(trouble: Trouble): void {
    if (!this.#lasting.delete(trouble)) return;
    this.#options.recorder.add({ kind: 'healed', fault: trouble.fault });
    trouble.end();
  }

  #outage(outage: Outage): () => void {
    const { network } = this.#options;
    network.begin(outage);
    return () => network.end(outage);
  }

  #hold(hold: Hold): () => void {
    const { gate } = this.#options;
    gate.hold(hold);
    return () => gate.release(hold);
  }

  #blackHole({ client, direction }: FaultOf<'black-hole'>): () => void {
    const isDeaf = direction !== 'out';
    const ends = [this.#outage({ client, reception: 'unanswered', isDeaf })];
    const holds = (_: unknown, of: number): boolean => client === null || client === of;
    if (direction !== 'in') ends.push(this.#hold({ side: 'request', holds }));
    if (direction !== 'out') ends.push(this.#hold({ side: 'reply', holds }));
    return all(ends);
  }

  /** What was not done when it ended is never done; what it comes back with is on disk. */
  #restart(): () => void {
    const { etcd, gate, network } = this.#options;
    this.#outages += 1;
    gate.startAnew();
    network.disconnect(null);
    etcd.process.stop();
    const end = this.#outage({ client: null, reception: 'refused', isDeaf: false });
    return () => {
      this.#outages -= 1;
      if (this.#outages === 0) {
        etcd.process.start();
        this.#tellDeadlines();
      }
      end();
    };
  }

  /** CONST-10 */
  #stall(): () => void {
    const { apply } = this.#options.etcd;
    this.#stalls += 1;
    apply.stall();
    return () => {
      this.#stalls -= 1;
      if (this.#stalls === 0) apply.catchUp();
    };
  }

  #suspend(): () => void {
    const { simulator } = this.#options.etcd;
    this.#suspensions += 1;
    simulator.suspend();
    return () => {
      this.#suspensions -= 1;
      if (this.#suspensions === 0) simulator.resume();
    };
  }

  #promote(): void {
    const { etcd } = this.#options;
    // A process that is down leads once it is up.
    if (!etcd.process.isUp) return;
    etcd.apply.catchUp();
    etcd.simulator.promote();
    this.#tellDeadlines();
  }

  #tellDeadlines(): void {
    const { etcd, recorder } = this.#options;
    for (const { id, deadline, ttl } of etcd.simulator.deadlines) {
      recorder.promoted(id, deadline, ttl);
    }
  }

  #revoke(name: string): void {
    const { etcd, leaseOf } = this.#options;
    const id = leaseOf(name);
    if (id === undefined || this.#outages > 0) return;
    let isThere = false;
    etcd.ask({ kind: 'timeToLive', id, keys: false }, (response) => {
      isThere = response.kind === 'remainingTtl' && response.grantedTtl > 0;
    });
    // Nobody is told while the server is slow to apply.
    if (!isThere && !etcd.apply.isSlow) return;
    etcd.ask({ kind: 'revoke', id }, () => {});
  }

  /** None of their timers runs, and nothing that is sent to them is read. */
  #putToSleep(): () => void {
    const { clients, clock, onAwake, settler } = this.#options;
    this.#naps += 1;
    for (const client of clients) client.freeze();
    const ends = [
      this.#hold({ side: 'reply', holds: () => true }),
      this.#outage({ client: null, reception: 'accepted', isDeaf: true }),
    ];
    return () => {
      all(ends)();
      // What has arrived is read first; then timers run that are overdue.
      clock.schedule(clock.now, () => {
        this.#naps -= 1;
        if (this.#naps > 0) return;
        settler.stir();
        for (const client of clients) client.thaw();
        onAwake();
      });
    };
  }
}

type FaultOf<Kind extends Fault['kind']> = Extract<Fault, { readonly kind: Kind }>;

type LastingFault = Extract<Fault, { readonly for: number } | { readonly down: number }>;

const durationOf = (fault: LastingFault): number =>
  fault.kind === 'restart' ? fault.down : fault.for;

const all =
  (ends: readonly (() => void)[]): (() => void) =>
  () => {
    for (const end of ends) end();
  };

const noLeader = (call: CallName | 'other'): { code: number; message: string } => ({
  code: 14,
  message: call === 'keep-alive' ? 'etcdserver: no leader' : 'etcdserver: request timed out',
});
