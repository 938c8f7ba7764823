/**
 * What happened to leases and keys before a rule was broken, as far as it tells one broken rule
 * from another: a lease that lives too long may have been renewed by what must not renew it, and a
 * key that goes with a lease may have left that lease before. It judges nothing.
 */
import type { Bytes } from '../api/bytes.ts';
import type { LeaseId } from '../api/command.ts';
import type { Input } from '../api/input.ts';
import type { WatchEvent } from '../api/response.ts';
import type { Instant } from '../api/units.ts';
import { isOverdue, type Lease, type RuleId, type State, type Step } from '../model/index.ts';

/** Something that named a lease and must not have renewed it, by the rule that says so. */
export interface Touch {
  readonly rule: RuleId;
  readonly at: Instant;
}

/** A lease as it was when its server went down, and when a promotion gave it a new deadline. */
export interface Reborn {
  readonly before: Lease;
  readonly at: Instant;
  /** Whether there were checkpoints before. */
  readonly checkpoints: boolean;
}

export class Past {
  readonly #reborn = new Map<LeaseId, Reborn>();
  readonly #residues = new Map<LeaseId, RuleId>();
  readonly #replaced = new Map<LeaseId, Instant>();
  readonly #touches = new Map<LeaseId, Touch[]>();
  readonly #departures = new Map<string, RuleId>();
  readonly #losses = new Set<LeaseId>();
  readonly #existed = new Set<LeaseId>();
  readonly #tooLarge = new Set<LeaseId>();

  /** A lease has gone in the turn in which it had to. */
  sawExpiry = false;
  /** … and one has whose deadline was the instant of the turn. */
  sawExpiryAtDeadline = false;
  /** A time-to-live was right that any other rounding would have made wrong. */
  sawTruncation = false;

  /** The deadline that the last renewal of a lease replaced; undefined: it was never renewed. */
  replacedDeadline(lease: LeaseId): Instant | undefined {
    return this.#replaced.get(lease);
  }

  /** Of a lease that has been through a restart and was not renewed since. */
  rebirth(lease: LeaseId): Reborn | undefined {
    return this.#reborn.get(lease);
  }

  /** The rule by which its last renewal dealt with a checkpoint; undefined: there was none. */
  residue(lease: LeaseId): RuleId | undefined {
    return this.#residues.get(lease);
  }

  /** The touches since the lease was granted or renewed, the last one first. */
  touches(lease: LeaseId): readonly Touch[] {
    return this.#touches.get(lease)?.toReversed() ?? [];
  }

  /** The rule by which a key left a lease of this id; undefined: it never did. */
  departure(lease: LeaseId, key: Bytes): RuleId | undefined {
    return this.#departures.get(attachment(lease, key));
  }

  /** True when a key of the lease was deleted. */
  hasLostKeys(lease: LeaseId): boolean {
    return this.#losses.has(lease);
  }

  /** True when the last grant of this id, or a grant that left it open, was refused for its TTL. */
  wasTooLarge(lease: LeaseId): boolean {
    return this.#tooLarge.has(this.#existed.has(lease) ? lease : 0n) || this.#tooLarge.has(lease);
  }

  /** Tells of an input and what the model made of it. */
  note(input: Input, before: State, result: Step, now: Instant): void {
    for (const { response } of result.answers) {
      if (response.kind === 'keptAlive' && response.ttl > 0) {
        this.#renewed(response.id, before, result.state);
      }
    }
    for (const { kind, kv, prevKv } of result.events) {
      if (
        prevKv !== null &&
        prevKv.lease !== 0n &&
        (kind === 'delete' || kv.lease !== prevKv.lease)
      ) {
        const rule = ruleOfDeparture(kind, before, result.state, prevKv.lease, now);
        this.#departures.set(attachment(prevKv.lease, kv.key), rule);
        if (rule === 'KV-06') this.#losses.add(prevKv.lease);
      }
      if (kind === 'put' && kv.lease !== 0n) {
        this.#departures.delete(attachment(kv.lease, kv.key));
        this.#touch(kv.lease, 'KV-02', now);
      }
    }
    if (input.kind === 'turn' && input.revoked.length > 0 && !before.landing) {
      const isDue = (id: LeaseId): boolean => before.leases.find(id)?.deadline === now;
      this.sawExpiry = true;
      this.sawExpiryAtDeadline ||= input.revoked.some(isDue);
    }
    if (input.kind === 'restart') {
      const checkpoints = before.settings.server.leaseCheckpoint === true;
      for (const lease of before.leases.all()) {
        this.#reborn.set(lease.id, { before: lease, at: now, checkpoints });
      }
    }
    if (input.kind === 'demote') {
      for (const lease of before.leases.all()) {
        this.#reborn.set(lease.id, { before: lease, at: now, checkpoints: false });
      }
    }
    if (input.kind === 'promote') {
      for (const [id, reborn] of this.#reborn) this.#reborn.set(id, { ...reborn, at: now });
    }
    if (input.kind === 'timeToLive') this.#touch(input.id, 'TTL-10', now);
    if (input.kind === 'grant') this.#granted(input.id, result, now);
  }

  #granted(asked: LeaseId, { answers }: Step, now: Instant): void {
    const response = answers[0]?.response;
    if (response?.kind === 'granted') {
      this.#replaced.delete(response.id);
      this.#reborn.delete(response.id);
      this.#residues.delete(response.id);
      this.#touches.delete(response.id);
      this.#losses.delete(response.id);
      this.#tooLarge.delete(response.id);
      this.#existed.add(response.id);
    } else if (response?.kind === 'refused') {
      if (response.reason === 'ttl-too-large') this.#tooLarge.add(asked);
      else this.#touch(asked, 'GRANT-04', now);
    }
  }

  #renewed(lease: LeaseId, before: State, after: State): void {
    const old = before.leases.find(lease);
    this.#reborn.delete(lease);
    if (old !== undefined && old.remaining > 0) {
      const isOn = before.settings.server.leaseCheckpoint === true;
      this.#residues.set(lease, isOn ? 'CKPT-04' : 'KA-10');
    }
    if (old === undefined || old.deadline === after.leases.find(lease)?.deadline) return;
    this.#replaced.set(lease, old.deadline);
    this.#touches.delete(lease);
  }

  #touch(lease: LeaseId, rule: RuleId, now: Instant): void {
    const touches = this.#touches.get(lease);
    if (touches === undefined) this.#touches.set(lease, [{ rule, at: now }]);
    else touches.push({ rule, at: now });
  }
}

/** Why a key is no longer attached to a lease. */
const ruleOfDeparture = (
  event: WatchEvent['kind'],
  before: State,
  after: State,
  lease: LeaseId,
  now: Instant,
): RuleId => {
  // The lease went, and a new one of its id has no keys.
  if (event === 'delete') return after.leases.find(lease) === undefined ? 'GRANT-05' : 'KV-06';
  const old = before.leases.find(lease);
  return old !== undefined && isOverdue(old, now) ? 'EXP-10' : 'KV-02';
};

const attachment = (lease: LeaseId, key: Bytes): string => `${lease} ${key}`;
