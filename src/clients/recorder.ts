/** Writes the trace of a run, each entry at the instant of the clock. */
import type { Command, LeaseId } from '../api/command.ts';
import type { Response, WatchEvent } from '../api/response.ts';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import type { TraceEntry } from './trace.ts';

type Timeless<T> = T extends unknown ? Omit<T, 'at'> : never;

/** So many entries are a flood. */
const MOST_ENTRIES = 200_000;

export class Recorder {
  readonly trace: TraceEntry[] = [];
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  add(entry: Timeless<TraceEntry>): void {
    if (this.trace.length < MOST_ENTRIES) this.trace.push({ at: this.#clock.now, ...entry });
  }

  get isFull(): boolean {
    return this.trace.length >= MOST_ENTRIES;
  }

  /** What became of leases by a command. */
  served(command: Command, response: Response): void {
    const { now } = this.#clock;
    const due = (ttl: number): number => now + 1000 * ttl;
    switch (response.kind) {
      case 'granted':
        this.#lease(response.id, due(response.ttl), response.ttl, 'grant');
        break;
      case 'keptAlive':
        if (response.ttl > 0) {
          this.#lease(response.id, due(response.ttl), response.ttl, 'renewal');
        }
        break;
      case 'revoked':
        if (command.kind === 'revoke') this.#lease(command.id, null, 0, 'revoke');
        break;
      case 'remainingTtl':
      case 'leaseList':
      case 'putDone':
      case 'rangeResult':
      case 'deleted':
      case 'txnResult':
      case 'compacted':
      case 'alarms':
      case 'watchCreated':
      case 'watchCanceled':
      case 'progress':
      case 'refused':
        break;
    }
  }

  expired(leases: readonly LeaseId[]): void {
    for (const lease of leases) this.#lease(lease, null, 0, 'expiry');
  }

  promoted(lease: LeaseId, deadline: number, ttl: number): void {
    this.#lease(lease, deadline, ttl, 'promotion');
  }

  changed(events: readonly WatchEvent[]): void {
    for (const { kind, kv, prevKv } of events) {
      const present = kind === 'put';
      const { createRevision, lease } = present ? kv : (prevKv ?? kv);
      this.add({ kind: 'key', key: kv.key, present, lease, createRevision });
    }
  }

  #lease(lease: LeaseId, deadline: number | null, ttl: number, by: LeaseChange): void {
    this.add({ kind: 'lease', lease, deadline, ttl, by });
  }
}

type LeaseChange = (TraceEntry & { readonly kind: 'lease' })['by'];
