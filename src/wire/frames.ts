/**
 * The frames that carry gRPC's messages: a flag that says whether the message is compressed, its
 * length in four bytes, the message.
 */

export interface Frame {
  readonly isCompressed: boolean;
  readonly message: Buffer;
}

/** The peer broke the format, or announced a message that is too large. */
export interface FrameError {
  readonly kind: 'flag' | 'size';
  /** The flag, or the length. */
  readonly value: number;
}

/** Bytes before the message. */
export const FRAME_PREFIX = 5;

export const frameOf = (message: Uint8Array, isCompressed = false): Buffer => {
  const frame = Buffer.allocUnsafe(FRAME_PREFIX + message.length);
  frame[0] = isCompressed ? 1 : 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, FRAME_PREFIX);
  return frame;
};

/** Cuts what arrives, in whatever pieces, into frames. */
export class FrameReader {
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** Bytes of a frame that is not complete. */
  get pending(): number {
    return this.#length;
  }

  /** The next frame; undefined: not there yet. */
  next(): Frame | FrameError | undefined {
    if (this.#length < FRAME_PREFIX) return undefined;
    const head = this.#first(FRAME_PREFIX);
    const flag = head[0] as number;
    if (flag > 1) return { kind: 'flag', value: flag };
    const size = head.readUInt32BE(1);
    // CONST-16: refused as soon as it is announced; the rest is not waited for.
    if (size > this.#maxBytes) return { kind: 'size', value: size };
    if (this.#length < FRAME_PREFIX + size) return undefined;
    const chunk = this.#first(FRAME_PREFIX + size);
    this.#length -= FRAME_PREFIX + size;
    if (chunk.length === FRAME_PREFIX + size) this.#chunks.shift();
    else this.#chunks[0] = chunk.subarray(FRAME_PREFIX + size);
    return { isCompressed: flag === 1, message: chunk.subarray(FRAME_PREFIX, FRAME_PREFIX + size) };
  }

  /** The first chunk, made to hold at least so many bytes. */
  #first(bytes: number): Buffer {
    const [first] = this.#chunks;
    if (first !== undefined && first.length >= bytes) return first;
    const joined = Buffer.concat(this.#chunks);
    this.#chunks = [joined];
    return joined;
  }
}
