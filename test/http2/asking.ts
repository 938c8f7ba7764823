/** Asks over a connection, and remembers what came of it. */
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { afterEach } from 'vitest';
import { Connection } from '../../src/http2/connection.ts';
import { requestHeaders } from '../../src/http2/header-block.ts';

const endings: (() => void)[] = [];
afterEach(() => {
  for (const end of endings.splice(0)) end();
});

/** A connection to the server, which listens from now on to the end of the test. */
export async function connectTo(server: Pick<Server, 'listen' | 'address' | 'close'>) {
  const listening = once(server as Server, 'listening');
  server.listen(0, '127.0.0.1');
  await listening;
  const connection = new Connection('127.0.0.1', (server.address() as AddressInfo).port);
  endings.push(() => {
    connection.close();
    server.close();
  });
  return connection;
}

/** What came of a stream. */
export interface Seen {
  readonly body: Buffer;
  readonly trailers: Readonly<Record<string, string>>;
  readonly why: string | null;
}

export function ask(connection: Connection, body: Buffer): Promise<Seen> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const stream = connection.open(requestHeaders('localhost:1', '/p'), {
      data: (chunk) => void chunks.push(Buffer.from(chunk)),
      closed: (why, trailers) =>
        resolve({ body: Buffer.concat(chunks), trailers: Object.fromEntries(trailers), why }),
    });
    stream.write(body, true);
  });
}
