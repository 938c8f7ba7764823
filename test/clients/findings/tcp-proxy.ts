/** A TCP proxy on loopback between a client and a server, that can be told to fail. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export class TcpProxy {
  /** When connections came, in milliseconds of `performance.now()`. */
  readonly attempts: number[] = [];
  /** How often bytes came, from either side. */
  moved = 0;
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #isSilent = false;
  #isRefusing = false;

  constructor(upstream: number) {
    this.#server = createServer((client) => {
      this.attempts.push(performance.now());
      this.moved += 1;
      if (this.#isRefusing) {
        client.resetAndDestroy();
        return;
      }
      const server = connect(upstream, '127.0.0.1', () => (this.moved += 1));
      // What is small would wait for an acknowledgement of what was sent before it.
      for (const socket of [client, server]) socket.setNoDelay(true);
      const pair = [client, server] as const;
      this.#pairs.add(pair);
      this.#pass(client, server, pair);
      this.#pass(server, client, pair);
    });
  }

  #pass(from: Socket, to: Socket, pair: readonly [Socket, Socket]): void {
    from.on('data', (bytes) => {
      this.moved += 1;
      if (!this.#isSilent) to.write(bytes);
    });
    from.on('error', () => {});
    from.on('close', () => {
      this.#pairs.delete(pair);
      to.destroy();
    });
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Bytes that come are dropped, and nobody is told. */
  silence(): void {
    this.#isSilent = true;
  }

  /** Those that are open fail; those after them are served. */
  reset(): void {
    for (const [client] of this.#pairs) client.resetAndDestroy();
  }

  /** Those that are open fail, and those after them, at once. */
  refuse(): void {
    this.#isRefusing = true;
    this.reset();
  }

  close(): void {
    this.#server.close();
    for (const [client, server] of this.#pairs) {
      client.destroy();
      server.destroy();
    }
  }
}
