/** Asks over a connection, and remembers what came of it. */
import type { AddressInfo } from 'node:net';
import type { Connection } from '../../src/http2/connection.ts';
import { requestHeaders } from '../../src/http2/header-block.ts';

/** What came of a stream. */
export interface Seen {
  readonly body: Buffer;
  readonly trailers: Readonly<Record<string, string>>;
  readonly why: string | null;
}

export function ask(connection: Connection, body: Buffer): Promise<Seen> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let trailers: Readonly<Record<string, string>> = {};
    const stream = connection.open(requestHeaders('localhost:1', '/p'), {
      data: (chunk) => void chunks.push(Buffer.from(chunk)),
      trailers: (headers) => {
        trailers = Object.fromEntries(headers);
      },
      closed: (why) => resolve({ body: Buffer.concat(chunks), trailers, why }),
    });
    stream.write(body, true);
  });
}

export const portOf = (server: { address: () => unknown }) =>
  (server.address() as AddressInfo).port;
