/** A way to a server that can break: it passes bytes on until it hangs or is cut. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Relay {
  readonly url: string;
  /** Bytes from the server so far. */
  readonly passed: () => number;
  /** Accepts what comes, and passes nothing on. */
  hang(): void;
  /** Ends all connections, and takes no more. */
  die(): Promise<void>;
}

export const relayTo = async (url: string): Promise<Relay> => {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  let hangs = false;
  let passed = 0;
  const pass = (from: Socket, to: Socket, count: (bytes: number) => void): void => {
    sockets.add(from);
    from.on('data', (chunk: Buffer) => {
      if (hangs) return;
      count(chunk.length);
      to.write(chunk);
    });
    from.on('error', () => {});
    from.once('close', () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  const listener = createServer({ noDelay: true }, (client) => {
    const server = connect({ host: hostname, port: Number(port), noDelay: true });
    pass(client, server, () => {});
    pass(server, client, (bytes) => {
      passed += bytes;
    });
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    passed: () => passed,
    hang: () => {
      hangs = true;
    },
    die: async () => {
      if (!listener.listening) return;
      const closed = once(listener, 'close');
      listener.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
};
