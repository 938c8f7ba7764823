/** Cuts the body of a request into its JSON values as it comes in: a client may send them apart. */

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const OPENING: ReadonlySet<number> = new Set([0x7b, 0x5b]);
const CLOSING: ReadonlySet<number> = new Set([0x7d, 0x5d]);
const SPACES: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);

export class BodyCutter {
  #chunks: Buffer[] = [];
  #depth = 0;
  #inString = false;
  #isEscaped = false;
  #hasBegun = false;

  /** Bytes of a value that is not complete. */
  pending = 0;

  /**
   * The values that are complete with `chunk`, whether they are JSON or not; a character each byte.
   * What is neither object nor array is complete only with the body.
   */
  push(chunk: Buffer): string[] {
    const values: string[] = [];
    let start = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      if (!this.#closes(chunk[at] as number)) continue;
      this.#keep(chunk.subarray(start, at + 1));
      values.push(this.rest());
      start = at + 1;
    }
    this.#keep(chunk.subarray(start));
    return values;
  }

  /** What is left when the body ends. */
  rest(): string {
    const text = Buffer.concat(this.#chunks).toString('latin1');
    this.#chunks = [];
    this.pending = 0;
    this.#hasBegun = false;
    return text;
  }

  #keep(piece: Buffer): void {
    if (piece.length === 0) return;
    this.#chunks.push(piece);
    this.pending += piece.length;
  }

  /** Whether a value ends with this byte. */
  #closes(byte: number): boolean {
    if (this.#inString) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (byte === BACKSLASH) this.#isEscaped = true;
      else if (byte === QUOTE) this.#inString = false;
      return false;
    }
    if (SPACES.has(byte)) return false;
    const isFirst = !this.#hasBegun;
    this.#hasBegun = true;
    if (OPENING.has(byte) && (isFirst || this.#depth > 0)) this.#depth += 1;
    else if (byte === QUOTE && this.#depth > 0) this.#inString = true;
    else if (CLOSING.has(byte) && this.#depth > 0) {
      this.#depth -= 1;
      return this.#depth === 0;
    }
    return false;
  }
}
