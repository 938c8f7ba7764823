/** One hash for many traces. */
import { createHash } from 'node:crypto';

/**
 * Combines the traces of runs into one SHA-256: the exclusive or of the digests of the single runs,
 * each with its number. So it does not depend on the order in which runs end, and the hashes of
 * shards combine to that of the whole.
 */
export class TraceHash {
  readonly #sum: Buffer = Buffer.alloc(32);

  add(run: number, text: string): void {
    this.combine(createHash('sha256').update(`run ${run}\n${text}`).digest());
  }

  combine(digest: Uint8Array): void {
    for (let index = 0; index < 32; index += 1) {
      this.#sum[index] = (this.#sum[index] as number) ^ (digest[index] as number);
    }
  }

  get bytes(): Uint8Array {
    return this.#sum;
  }

  get hex(): string {
    return this.#sum.toString('hex');
  }
}
