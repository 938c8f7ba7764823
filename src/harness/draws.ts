/** Random leases, keys, ranges and puts, most of them such as the model has. */
import { type Bytes, FROM_KEY, NO_BYTES, prefixEnd } from '../api/bytes.ts';
import type { Lease } from '../model/index.ts';
import type { Random } from '../seed.ts';
import type { Interpreter } from './interpreter.ts';
import type { ModelServer } from './model-server.ts';
import { COLD_KEYS, HOT_KEYS, IDS, leaseName, VALUES } from './pools.ts';
import type { Action, LeaseRef } from './schedule.ts';

export class Draws {
  /** How many leases with a name of their own were asked for. */
  granted = 0;
  readonly #random: Random;
  readonly #server: ModelServer;
  readonly #interpreter: Interpreter;

  constructor(random: Random, server: ModelServer, interpreter: Interpreter) {
    this.#random = random;
    this.#server = server;
    this.#interpreter = interpreter;
  }

  put(): Action & { kind: 'put' } {
    const random = this.#random;
    const chaos = random.chance(1, 12);
    const ignoreLease = random.chance(chaos ? 4 : 1, 8);
    const ignoreValue = random.chance(chaos ? 4 : 1, 8);
    return {
      kind: 'put',
      key: chaos && random.chance(1, 2) ? NO_BYTES : this.key(),
      count: 1,
      value: ignoreValue && !chaos ? NO_BYTES : random.pick(VALUES),
      lease: (ignoreLease && !chaos) || random.chance(1, 4) ? null : this.lease(),
      spread: false,
      ignoreLease,
      ignoreValue,
      prevKv: random.chance(1, 4),
    };
  }

  range(): { key: Bytes; rangeEnd: Bytes } {
    const random = this.#random;
    const key = this.key();
    switch (random.below(8)) {
      case 0:
        return { key, rangeEnd: prefixEnd(key) };
      case 1:
        return { key, rangeEnd: FROM_KEY };
      case 2:
        return { key, rangeEnd: this.key() };
      case 3:
        return random.chance(1, 6)
          ? { key: NO_BYTES, rangeEnd: NO_BYTES }
          : { key, rangeEnd: NO_BYTES };
      default:
        return { key, rangeEnd: NO_BYTES };
    }
  }

  key(): Bytes {
    return this.#random.chance(3, 4) ? this.#random.pick(HOT_KEYS) : this.#random.pick(COLD_KEYS);
  }

  /**
   * Most often a lease that is there, preferably one that expires soon; else one that is gone or
   * never was.
   */
  lease(): LeaseRef {
    const random = this.#random;
    const leases = this.leases();
    if (leases.length > 0 && !random.chance(1, 9)) {
      const soon = Math.min(leases.length, 4);
      const within = random.chance(2, 3) ? soon : Math.min(leases.length, 64);
      return this.nameOf(leases[random.below(within)] as Lease);
    }
    if (this.granted > 0 && random.chance(2, 3)) {
      return leaseName(1 + random.below(this.granted));
    }
    return random.chance(1, 2) ? 'U' : `#${random.pick(IDS)}`;
  }

  /** Soonest first. */
  leases(): readonly Lease[] {
    return this.#server.state.queue.all();
  }

  nameOf(lease: Lease): LeaseRef {
    return this.#interpreter.nameOf(lease.id);
  }
}
