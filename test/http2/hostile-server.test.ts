/** The client against a server that says what it likes, byte for byte. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import type { Connection } from '../../src/http2/connection.ts';
import * as frames from '../../src/http2/frames.ts';
import { ask, connectTo } from './asking.ts';

/** A server that speaks to the first client once it has said something. */
function rawServer(speak: (socket: Socket) => void): Promise<Connection> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (chunk) => {
      socket.unshift(chunk);
      speak(socket);
    });
  });
  return connectTo(server);
}

function frame(type: number, flags: number, stream: number, payload: string): Buffer {
  const bytes = Buffer.from(payload.replaceAll(' ', ''), 'hex');
  return Buffer.concat([frames.frameHead(type, flags, stream, bytes.length), bytes]);
}

const LAST = frames.END_HEADERS | frames.END_STREAM;

test('what comes byte by byte is read, and what is not known left alone', async () => {
  const bytes = Buffer.concat([
    frame(frames.SETTINGS, 0, 0, 'ffff 00000001'),
    frame(0xee, 0xff, 1, '00'),
    frame(frames.DATA, 0, 99, '78'),
    frame(frames.RST_STREAM, 0, 99, '00000000'),
    frame(frames.HEADERS, 0, 1, '88'),
    frame(frames.CONTINUATION, frames.END_HEADERS, 1, ''),
    frame(frames.DATA, 0, 1, '79'),
    // Padding, and advice on priority.
    frame(frames.HEADERS, 0x8 | 0x20 | frames.END_STREAM, 1, '02 0000000010 00 01 0000'),
    frame(frames.CONTINUATION, frames.END_HEADERS, 1, '61 01 62'),
  ]);
  const connection = await rawServer((socket) => {
    socket.resume();
    let at = 0;
    const next = (): void => {
      if (at === bytes.length) return;
      at += 1;
      socket.write(bytes.subarray(at - 1, at), () => setImmediate(next));
    };
    socket.setNoDelay(true);
    next();
  });
  expect(await ask(connection, Buffer.from('x'))).toEqual({
    body: Buffer.from('y'),
    trailers: { a: 'b' },
    why: null,
  });
});

test.each([
  [
    'a frame that is longer than was agreed',
    frames.frameHead(frames.DATA, 0, 1, 16_385),
    '16385 bytes',
  ],
  ['a push', frame(frames.PUSH_PROMISE, 4, 1, '00000002'), 'pushes'],
  ['headers that say nothing known', frame(frames.HEADERS, LAST, 1, 'be'), 'no header 62'],
  ['more headers without any', frame(frames.CONTINUATION, LAST, 1, '88'), 'within headers'],
  ['a frame filled beyond its end', frame(frames.DATA, 0x8, 1, '02 00'), 'beyond its end'],
  ['a reset without a reason', frame(frames.RST_STREAM, 0, 1, ''), 'cannot be read'],
  ['another protocol', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), 'bytes'],
])('%s ends the connection and says why', async (_, bytes, why) => {
  const closed: Promise<unknown>[] = [];
  const connection = await rawServer((socket) => {
    closed.push(once(socket.resume(), 'close'));
    socket.write(bytes);
  });
  const seen = await ask(connection, Buffer.from('x'));
  expect(seen.why).toContain('what the server sent cannot be read: ');
  expect(seen.why).toContain(why);
  await closed[0];
});

test('a connection that breaks ends all that is open on it', async () => {
  const connection = await rawServer((socket) => socket.destroy());
  const seen = await Promise.all([ask(connection, LONG), ask(connection, Buffer.from('b'))]);
  for (const { why } of seen) expect(why).toMatch(/the connection was closed|ECONNRESET|EPIPE/);
  expect((await ask(connection, Buffer.from('c'))).why).toBe(seen[0]?.why);
});

/** Each frame that the client sends. */
function readFrames(socket: Socket, received: (each: frames.Frame) => void): void {
  const reader = new frames.FrameReader();
  let preface = PREFACE_BYTES;
  socket.on('data', (chunk: Buffer) => {
    const skipped = Math.min(preface, chunk.length);
    preface -= skipped;
    for (const each of reader.read(chunk.subarray(skipped))) received(each);
  });
}

test('a stream that ends before all was sent is given up', async () => {
  const reset = await new Promise<number>((resolve) => {
    let sum = 0;
    const connecting = rawServer((socket) =>
      readFrames(socket, ({ type, stream, payload }) => {
        if (type === frames.DATA) sum += payload.length;
        if (type === frames.DATA && sum === 65_535) {
          socket.write(frame(frames.HEADERS, LAST, 1, '88'));
        }
        if (type === frames.RST_STREAM && stream === 1) resolve(payload.readUInt32BE(0));
      }),
    );
    void connecting.then((connection) => ask(connection, LONG));
  });
  expect(reset).toBe(8);
});

test('it never sends more than there is room for, even where that was taken back', async () => {
  const counts: number[] = [];
  const connection = await rawServer((socket) => {
    let sum = 0;
    readFrames(socket, ({ type, flags, payload }) => {
      if (type === frames.DATA) sum += payload.length;
      if (type === frames.DATA && sum === 65_535) {
        // Room for 10 a stream, and so for 65,525 less than nothing.
        socket.write(frame(frames.SETTINGS, 0, 0, '0004 0000000a'));
        socket.write(frame(frames.WINDOW_UPDATE, 0, 0, '00100000'));
        socket.write(frame(frames.PING, 0, 0, '0000000000000001'));
      }
      if (type !== frames.PING || (flags & frames.ACK) === 0) return;
      counts.push(sum);
      const step = counts.length;
      // 65,525 for nothing; 7 more; all.
      const more = ['0000fff5', '00000007', '00100000'][step - 1];
      if (more !== undefined) socket.write(frame(frames.WINDOW_UPDATE, 0, 1, more));
      if (step <= 3) socket.write(frame(frames.PING, 0, 0, '0000000000000001'));
      else socket.write(frame(frames.HEADERS, LAST, 1, '88'));
    });
  });
  expect((await ask(connection, LONG.subarray(0, 100_000))).why).toBeNull();
  expect(counts).toEqual([65_535, 65_535, 65_542, 100_000]);
});

test('the server is told again and again that there is room', async () => {
  const updates: string[] = [];
  const connection = await rawServer((socket) => {
    readFrames(socket, ({ type, stream, payload }) => {
      if (type === frames.WINDOW_UPDATE) updates.push(`${stream}: ${payload.readUInt32BE(0)}`);
      if (type === frames.DATA) socket.write(Buffer.concat(Array(2_049).fill(full)));
      if (updates.length === 5) socket.write(frame(frames.HEADERS, LAST, 1, '88'));
    });
  });
  const seen = await ask(connection, Buffer.from('x'));
  expect(seen.why).toBeNull();
  expect(seen.body.length).toBe(2_049 * 16_384);
  // As wide as can be at first, and then what has been read.
  const both = [`0: ${2 ** 24}`, `1: ${2 ** 24}`];
  expect(updates).toEqual([`0: ${2 ** 31 - 1 - 65_535}`, ...both, ...both]);
});

const full = Buffer.concat([frames.frameHead(frames.DATA, 0, 1, 16_384), Buffer.alloc(16_384)]);
const PREFACE_BYTES = 24;
const LONG = Buffer.alloc(3_000_000);
