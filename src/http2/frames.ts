/** What goes over an HTTP/2 connection (RFC 9113, section 4): frames. */

export const DATA = 0;
export const HEADERS = 1;
export const RST_STREAM = 3;
export const SETTINGS = 4;
export const PUSH_PROMISE = 5;
export const PING = 6;
export const GOAWAY = 7;
export const WINDOW_UPDATE = 8;
export const CONTINUATION = 9;

/** Of DATA and HEADERS. */
export const END_STREAM = 0x1;
/** Of SETTINGS and PING. */
export const ACK = 0x1;
export const END_HEADERS = 0x4;
const PADDED = 0x8;
const PRIORITY = 0x20;

/** What may come in one frame unless more was asked for, and what any server takes. */
export const LARGEST_FRAME = 16_384;

const HEAD_BYTES = 9;

export interface Frame {
  readonly type: number;
  readonly flags: number;
  /** 0: the connection. */
  readonly stream: number;
  readonly payload: Buffer;
}

/** What stands before a payload of so many bytes. */
export const frameHead = (type: number, flags: number, stream: number, length: number): Buffer => {
  const head = Buffer.allocUnsafe(HEAD_BYTES);
  head.writeUIntBE(length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return head;
};

/** Cuts bytes as they come into frames. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  /** The frames that these bytes end. Throws when one is longer than was agreed. */
  *read(chunk: Buffer): Generator<Frame> {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (bytes.length >= HEAD_BYTES) {
      const length = bytes.readUIntBE(0, 3);
      if (length > LARGEST_FRAME) throw new Error(`a frame of ${length} bytes`);
      const end = HEAD_BYTES + length;
      if (bytes.length < end) break;
      yield {
        type: bytes[3] as number,
        flags: bytes[4] as number,
        stream: bytes.readUInt32BE(5) & 0x7fff_ffff,
        payload: bytes.subarray(HEAD_BYTES, end),
      };
      bytes = bytes.subarray(end);
    }
    this.#rest = bytes;
  }
}

/** What DATA or HEADERS carry, without what only fills or advises. */
export const contentOf = ({ type, flags, payload }: Frame): Buffer => {
  const isPadded = (flags & PADDED) !== 0;
  const advice = type === HEADERS && (flags & PRIORITY) !== 0 ? 5 : 0;
  if (!isPadded && advice === 0) return payload;
  const filling = isPadded ? payload.readUInt8(0) : 0;
  const begin = (isPadded ? 1 : 0) + advice;
  const end = payload.length - filling;
  if (end < begin) throw new Error('a frame is filled beyond its end');
  return payload.subarray(begin, end);
};
