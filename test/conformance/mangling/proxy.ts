/** A proxy before an etcd, for gRPC and the JSON gateway on one port, which changes what passes. */
import { once } from 'node:events';
import { createServer as createHttp1, request as askHttp1 } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ClientHttp2Session, connect, createServer as createHttp2 } from 'node:http2';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { ProxyFault } from './fault.ts';
import { passCall } from './passing-call.ts';

export interface ManglingProxy {
  readonly url: string;
  /** What it does from now on to calls that begin; null: nothing. */
  plant(fault: ProxyFault | null): void;
  close(): Promise<void>;
}

/** Each connection has one of its own to the server at `url`, so that all keeps its order. */
export const manglingProxy = async (url: string): Promise<ManglingProxy> => {
  let fault: ProxyFault | null = null;
  const sockets = new Set<Socket>();
  const http2 = createHttp2();
  http2.on('session', (session) => {
    session.on('error', () => {});
    const server = upstream(url);
    session.once('close', () => server.destroy());
    server.once('close', () => session.destroy());
    session.on('stream', (stream, headers) => passCall(stream, headers, server, fault));
  });
  const http1 = createHttp1((asked, answer) => passRequest(asked, answer, url, fault));
  const listener = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    socket.once('readable', () => {
      const first = socket.read() as Buffer | null;
      if (first === null) return;
      socket.unshift(first);
      // No method of HTTP/1 begins like that.
      const isHttp2 = first.subarray(0, 3).toString('latin1') === 'PRI';
      (isHttp2 ? http2 : http1).emit('connection', socket);
    });
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    plant: (next) => {
      fault = next;
    },
    close: async () => {
      const closed = once(listener, 'close');
      listener.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
};

const upstream = (url: string): ClientHttp2Session => {
  const session = connect(url);
  session.on('error', () => {});
  return session;
};

/** HTTP/1: the answer is changed line by line. */
const passRequest = (
  asked: IncomingMessage,
  answer: ServerResponse,
  url: string,
  fault: ProxyFault | null,
): void => {
  const path = asked.url ?? '/';
  const gateway = fault?.gateway?.path.test(path) === true ? fault.gateway : undefined;
  const { method, headers } = asked;
  const sent = askHttp1(`${url}${path}`, { method, headers, agent: false }, (came) => {
    const status = came.statusCode ?? 0;
    const type = came.headers['content-type'];
    answer.writeHead(
      gateway?.status?.(status) ?? status,
      type === undefined ? {} : { 'content-type': type },
    );
    let rest = '';
    const changed = (line: string): string =>
      line === '' ? line : (gateway?.line?.(line) ?? line);
    came.setEncoding('utf8');
    came.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) answer.write(`${changed(line)}\n`);
    });
    came.on('end', () => answer.end(changed(rest)));
    came.on('error', () => answer.destroy());
  });
  sent.on('error', () => answer.destroy());
  answer.once('close', () => sent.destroy());
  asked.pipe(sent);
};
