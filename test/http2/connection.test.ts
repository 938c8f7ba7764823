/** The client against Node's own HTTP/2 server. */
import { once } from 'node:events';
import {
  constants,
  createServer,
  type Http2Server,
  type ServerHttp2Stream,
  type ServerOptions,
} from 'node:http2';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { expect, test } from 'vitest';
import { Connection, type OpenStream } from '../../src/http2/connection.ts';
import { requestHeaders } from '../../src/http2/header-block.ts';
import { ask, connectTo } from './asking.ts';

function nodeServer(
  answer: (stream: ServerHttp2Stream, server: Http2Server) => void,
  options: ServerOptions = {},
): Promise<Connection> {
  const server = createServer({ maxSendHeaderBlockLength: 200_000, ...options });
  server.on('stream', (stream) => {
    stream.on('error', () => {});
    answer(stream, server);
  });
  return connectTo(server);
}

/** Sends back what it is sent, and these trailers. */
const echo =
  (trailers: Readonly<Record<string, string>>) =>
  (stream: ServerHttp2Stream): void => {
    stream.respond({ ':status': 200 }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    stream.pipe(stream);
  };

const LONG = Buffer.alloc(3_000_000, 'abcdefg');

test.each([
  ['as Node has it', {}],
  ['with windows of 1,000 bytes', { settings: { initialWindowSize: 1_000 } }],
  ['with large frames', { settings: { maxFrameSize: 2 ** 24 - 1, initialWindowSize: 2 ** 24 } }],
  ['with padding', { paddingStrategy: constants.PADDING_STRATEGY_MAX }],
])('bodies of all sizes come back, many at a time, from a server %s', async (_, options) => {
  const connection = await nodeServer(echo({ 'grpc-status': '0' }), options);
  const sizes = [0, 1, 8, 16_383, 16_384, 16_385, 65_534, 65_535, 65_536, LONG.length];
  const bodies = sizes.map((size) => LONG.subarray(0, size));
  // Before it has said what it has room for, and after.
  const first = await Promise.all(bodies.map((body) => ask(connection, body)));
  const second = await Promise.all(bodies.map((body) => ask(connection, body)));
  for (const [index, { body, trailers, why }] of [...first, ...second].entries()) {
    expect(why).toBeNull();
    expect(trailers).toEqual({ 'grpc-status': '0' });
    expect(body.equals(bodies[index % bodies.length] as Buffer)).toBe(true);
  }
});

test('every character that a header may have is read', async () => {
  const text = Array.from({ length: 256 - 32 }, (_, index) => String.fromCharCode(32 + index))
    .filter((character) => character !== '\x7f')
    .join('');
  const trailers = { all: `|${text}|`, zeros: '0'.repeat(500), none: '' };
  const connection = await nodeServer(echo(trailers));
  const seen = await ask(connection, Buffer.from('x'));
  expect(seen.trailers).toEqual(trailers);
});

test('headers of several frames are read', async () => {
  const trailers = { long: 'é~'.repeat(30_000) };
  const connection = await nodeServer(echo(trailers));
  expect((await ask(connection, Buffer.from('x'))).trailers).toEqual(trailers);
});

test('a refusal may come with the headers alone', async () => {
  const connection = await nodeServer((stream) => {
    stream.respond({ ':status': 200, 'grpc-status': '5' }, { endStream: true });
  });
  expect(await ask(connection, LONG)).toMatchObject({
    why: null,
    trailers: { 'grpc-status': '5' },
  });
});

test('a stream that is reset says so, and the others go on', async () => {
  let count = 0;
  const connection = await nodeServer((stream) => {
    count += 1;
    if (count === 1) stream.close(constants.NGHTTP2_REFUSED_STREAM);
    else echo({})(stream);
  });
  const [first, second] = await Promise.all([
    ask(connection, Buffer.from('a')),
    ask(connection, Buffer.from('b')),
  ]);
  expect(first.why).toBe('the server reset the stream: 7');
  expect(second).toMatchObject({ why: null, body: Buffer.from('b') });
});

test('a stream that is given up tells nothing more, and the server of it', async () => {
  let ended: Promise<number> | undefined;
  const connection = await nodeServer((stream) => {
    if (ended === undefined) {
      ended = once(stream, 'close').then(() => stream.rstCode);
      stream.respond({ ':status': 200 });
      stream.write('more');
    } else echo({})(stream);
  });
  const told: string[] = [];
  const given = await new Promise<OpenStream>((resolve) => {
    const stream = connection.open(requestHeaders('localhost:1', '/p'), {
      data: (chunk) => {
        told.push(chunk.toString('latin1'));
        resolve(stream);
      },
      closed: () => void told.push('closed'),
    });
    stream.write(Buffer.from('x'), false);
  });
  given.cancel();
  given.cancel();
  given.write(Buffer.from('y'), true);
  expect(await ask(connection, Buffer.from('z'))).toMatchObject({ why: null });
  expect(await ended).toBe(constants.NGHTTP2_CANCEL);
  expect(told).toEqual(['more']);
});

test('a ping is answered', async () => {
  const connection = await nodeServer((stream) => {
    stream.session?.ping((error) => {
      stream.respond({ ':status': 200 }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ ping: String(error) }));
      stream.end();
    });
  });
  expect((await ask(connection, Buffer.from('x'))).trailers).toEqual({ ping: 'null' });
});

test('a server that goes away answers what it took, and no more', async () => {
  const connection = await nodeServer((stream) => {
    if (stream.id === 1) stream.session?.goaway(constants.NGHTTP2_NO_ERROR, 1);
    echo({})(stream);
  });
  const [first, second] = await Promise.all([
    ask(connection, Buffer.from('a')),
    ask(connection, Buffer.from('b')),
  ]);
  expect(first).toMatchObject({ why: null, body: Buffer.from('a') });
  expect(second.why).toBe('the server goes away');
  expect((await ask(connection, Buffer.from('c'))).why).toBe('the server goes away');
});

test('where nobody listens there is no stream', async () => {
  const server = createTcpServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const connection = new Connection('127.0.0.1', port);
  expect((await ask(connection, Buffer.from('a'))).why).toContain('ECONNREFUSED');
});
