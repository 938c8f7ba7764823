/** HTTP/2 by hand: the bytes of frames, whatever they say. */

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
export const SETTINGS = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);

export interface HandMade {
  readonly type: number;
  readonly flags?: number;
  readonly stream?: number;
  readonly payload?: Buffer;
  /** As the frame says it; otherwise that of the payload. */
  readonly length?: number;
}

export const frameBytes = ({
  type,
  flags = 0,
  stream = 0,
  payload = Buffer.alloc(0),
  length = payload.length,
}: HandMade): Buffer => {
  const head = Buffer.alloc(9);
  head.writeUIntBE(length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
};

const END_STREAM = 1;
const END_HEADERS = 4;

/** HEADERS of a call: literals without compression. */
export const headersOf = (
  path: string,
  stream: number,
  more: Readonly<Record<string, string>> = {},
): Buffer => {
  const fields = {
    ':method': 'POST',
    ':scheme': 'http',
    ':path': path,
    ':authority': 'x',
    'content-type': 'application/grpc',
    te: 'trailers',
    ...more,
  };
  const block = Object.entries(fields).map(([name, value]) =>
    Buffer.concat([Buffer.from([0]), text(name), text(value)]),
  );
  return frameBytes({ type: 1, flags: END_HEADERS, stream, payload: Buffer.concat(block) });
};

export const dataOf = (payload: Buffer, stream: number, isLast: boolean): Buffer =>
  frameBytes({ type: 0, flags: isLast ? END_STREAM : 0, stream, payload });

export const resetOf = (stream: number, code: number): Buffer => {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(code);
  return frameBytes({ type: 3, stream, payload });
};

/** A string of HPACK, as it stands. */
const text = (value: string): Buffer => {
  const bytes = Buffer.from(value, 'latin1');
  const length: number[] = [];
  if (bytes.length < 127) length.push(bytes.length);
  else {
    length.push(127);
    let rest = bytes.length - 127;
    for (; rest >= 128; rest = Math.floor(rest / 128)) length.push((rest % 128) + 128);
    length.push(rest);
  }
  return Buffer.concat([Buffer.from(length), bytes]);
};
