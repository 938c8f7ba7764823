/** What the lean connection makes of the bytes on a stream. */
import { once } from 'node:events';
import { createServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { LeanConnection } from '../../../src/harness/targets/lean-connection.ts';
import { frameOf } from '../../../src/wire/frames.ts';

const endings: (() => void)[] = [];
afterEach(() => {
  for (const end of endings.splice(0)) end();
});

/** Opens a stream to a server that answers with these pieces; resolves when it is ended. */
async function heard(pieces: readonly Buffer[]) {
  const server = createServer();
  server.on('stream', (stream: ServerHttp2Stream) => {
    stream.on('error', () => {});
    stream.respond({ ':status': 200 }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    for (const piece of pieces) stream.write(piece);
    stream.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const lean = new LeanConnection(
    `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    5000,
  );
  endings.push(() => {
    lean.close();
    server.close();
  });
  const messages: string[] = [];
  const why = await new Promise<string>((resolve) => {
    const stream = lean.stream('/p', (message) => messages.push(message.toString()), resolve);
    stream.write(Buffer.from('?'));
  });
  return { messages, why };
}

test('messages are put together of pieces, and pieces taken apart', async () => {
  const bytes = Buffer.concat(['one', '', 'three'].map((word) => frameOf(Buffer.from(word))));
  const pieces = [bytes.subarray(0, 2), bytes.subarray(2, 9), bytes.subarray(9)];
  const { messages, why } = await heard(pieces);
  expect(messages).toEqual(['one', '', 'three']);
  expect(why).toBe('the server ended the stream');
});

test('what is no message of gRPC ends the stream', async () => {
  const wrong = Buffer.from([2, 0, 0, 0, 1, 120]);
  const { messages, why } = await heard([frameOf(Buffer.from('one')), wrong, frameOf(wrong)]);
  expect(messages).toEqual(['one']);
  expect(why).toBe('the server sent no message of gRPC: its flag is 2');
});
