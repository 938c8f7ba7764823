/**
 * The server's request ids, from which it also takes the ids of leases that leave the choice to it
 * (CONST-14).
 */
import type { LeaseId } from '../api/command.ts';
import { int64Of } from './int64.ts';

export class RequestIds {
  /** The 16 low bits of the member id but the topmost one, which is the sign; on top. */
  readonly #prefix: number;
  /** 40 low bits of the start instant, and 8 bits for the counter, which may overflow into them. */
  readonly #suffix: number;
  #count = 0;
  #taken: number;

  /**
   * `startedAt`: the wall-clock instant of the server's start, in milliseconds since 1970; `taken`:
   * how many requests its log holds then.
   */
  constructor(memberId: bigint, startedAt: number, taken = 0) {
    this.#taken = taken;
    this.#prefix = Number(BigInt.asUintN(15, memberId)) * 2 ** 16;
    this.#suffix = (startedAt % 2 ** 40) * 2 ** 8;
  }

  /** How many raft requests there were, also before the start. */
  get taken(): number {
    return this.#taken;
  }

  /** One raft request. */
  take(): void {
    this.#count += 1;
    this.#taken += 1;
  }

  /** An id for a lease: positive, greater than all before it, never 0. */
  takeLeaseId(): LeaseId {
    for (;;) {
      this.#count += 1;
      const low = (this.#suffix + this.#count) % 2 ** 48;
      const id = int64Of(low, this.#prefix + Math.floor(low / 2 ** 32));
      if (id !== 0n) return id;
    }
  }
}

/** The member id of a lone etcd with default names and addresses. */
export const DEFAULT_MEMBER_ID = 0x8e9e05c52164694dn;

/** A start instant that is the same in every run: 2024-01-01, in milliseconds since 1970. */
export const DEFAULT_STARTED_AT = 1_704_067_200_000;
