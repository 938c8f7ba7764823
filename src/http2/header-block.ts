/**
 * Headers as HTTP/2 packs them (HPACK, RFC 7541), as far as gRPC needs them between two ends that
 * keep no table of what was sent before: `Connection` asks the server for that.
 */
import { decodeHuffman } from './huffman.ts';

/** A gRPC request: one block for all calls of a method. */
export const requestHeaders = (authority: string, path: string): Buffer =>
  Buffer.concat([
    // `:method: POST` and `:scheme: http` of the static table.
    Buffer.from([0x80 | 3, 0x80 | 6]),
    // `:authority`, `:path` and `content-type` have their names there.
    Buffer.from([0x01]),
    plainString(authority),
    Buffer.from([0x04]),
    plainString(path),
    Buffer.from([0x0f, 31 - 0x0f]),
    plainString('application/grpc'),
    Buffer.from([0x00]),
    plainString('te'),
    plainString('trailers'),
  ]);

/** Not in Huffman's code: that need not be. */
const plainString = (text: string): Buffer => {
  const bytes = Buffer.from(text, 'latin1');
  if (bytes.length < 0x7f) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  const length = [0x7f];
  let rest = bytes.length - 0x7f;
  for (; rest >= 0x80; rest >>= 7) length.push(0x80 | (rest & 0x7f));
  return Buffer.concat([Buffer.from([...length, rest]), bytes]);
};

/**
 * The headers of a block but for those with a name from the static table, none of which says how a
 * call ended. Throws what is wrong with it.
 */
export const headersIn = (block: Uint8Array): ReadonlyMap<string, string> => {
  const reader = new BlockReader(block);
  const headers = new Map<string, string>();
  while (!reader.isAtEnd) {
    const kind = reader.peek();
    if ((kind & 0x80) !== 0) {
      known(reader.integer(7));
    } else if ((kind & 0xe0) === 0x20) {
      // A table of no size.
      if (reader.integer(5) > 0) throw new Error('the server keeps a table of headers');
    } else {
      const index = reader.integer((kind & 0xc0) === 0x40 ? 6 : 4);
      const name = index === 0 ? reader.string() : known(index);
      const value = reader.string();
      if (name !== null) headers.set(name, value);
    }
  }
  return headers;
};

/** The static table ends here. */
const LAST_KNOWN = 61;

const known = (index: number): null => {
  if (index === 0 || index > LAST_KNOWN) throw new Error(`there is no header ${index}`);
  return null;
};

class BlockReader {
  readonly #block: Uint8Array;
  #at = 0;

  constructor(block: Uint8Array) {
    this.#block = block;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#block.length;
  }

  peek(): number {
    const byte = this.#block[this.#at];
    if (byte === undefined) throw new Error('a block of headers is cut off');
    return byte;
  }

  /** One that has the last bits of a byte to itself, and more bytes if it needs them. */
  integer(bits: number): number {
    const most = 2 ** bits - 1;
    let value = this.#byte() & most;
    if (value < most) return value;
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.#byte();
      value += (byte & 0x7f) * factor;
      if (value > MOST) throw new Error('a number in a block of headers is too long');
      if (byte < 0x80) return value;
    }
  }

  string(): string {
    const isCoded = (this.peek() & 0x80) !== 0;
    const end = this.integer(7) + this.#at;
    if (end > this.#block.length) throw new Error('a block of headers is cut off');
    const bytes = this.#block.subarray(this.#at, end);
    this.#at = end;
    return isCoded ? decodeHuffman(bytes) : Buffer.from(bytes).toString('latin1');
  }

  #byte(): number {
    const byte = this.peek();
    this.#at += 1;
    return byte;
  }
}

const MOST = 2 ** 28;
