import http from 'node:http';
import http2 from 'node:http2';
import net, { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { MemoryNetwork } from '../../src/pace/memory-network.ts';
import type { MemoryConnection, MemorySocket } from '../../src/pace/memory-socket.ts';

const open: MemoryNetwork[] = [];
const network = (): MemoryNetwork => {
  const made = new MemoryNetwork();
  open.push(made);
  return made;
};
afterEach(() => {
  for (const made of open.splice(0)) made.close();
});

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
};

/** A client and what the server got, with the error that the client saw, if any. */
const pair = async () => {
  const sockets: MemorySocket[] = [];
  const got: string[] = [];
  const endpoint = network().listen((socket) => {
    sockets.push(socket);
    socket.on('error', (error) => got.push(error.message));
    socket.on('data', (data) => got.push(String(data)));
    socket.on('end', () => got.push('end'));
  });
  const seen: string[] = [];
  const client = net.connect({ host: endpoint.host, port: endpoint.port }, () => {
    seen.push('connected');
  });
  client.on('error', (error) => seen.push(error.message));
  client.on('data', (data) => seen.push(String(data)));
  client.on('end', () => seen.push('end'));
  await turns(2);
  const [connection] = endpoint.connections;
  return { endpoint, client, server: sockets[0], connection, got, seen };
};

describe('a connection in memory', () => {
  test('carries bytes both ways, in order, and ends', async () => {
    const { client, server, got, seen, endpoint } = await pair();
    client.write('one');
    client.write('two');
    server?.write('three');
    await turns(4);
    expect(got.join('')).toBe('onetwo');
    client.end();
    await turns(4);
    expect(got.at(-1)).toBe('end');
    expect(seen).toEqual(['connected', 'three', 'end']);
    expect(endpoint.connections.size).toBe(0);
  });

  test('waits for a reader that lags behind', async () => {
    const { client, server } = await pair();
    server?.pause();
    let written = 0;
    const chunk = Buffer.alloc(64 * 1024);
    for (let index = 0; index < 10; index += 1) client.write(chunk, () => (written += 1));
    await turns(30);
    expect(written).toBeLessThan(3);
    server?.resume();
    await turns(60);
    expect(written).toBe(10);
  });

  test('stalls without a word, and goes on where it was', async () => {
    const { client, connection, got } = await pair();
    (connection as MemoryConnection).stall();
    client.write('late');
    await turns(5);
    expect(got).toEqual([]);
    (connection as MemoryConnection).resume();
    await turns(2);
    expect(got).toEqual(['late']);
  });

  test('half-open: one end is gone and the other learns it when it writes', async () => {
    const { client, server, connection, seen } = await pair();
    (connection as MemoryConnection).stall();
    server?.destroy();
    await turns(5);
    expect(seen).toEqual(['connected']);
    (connection as MemoryConnection).resume();
    client.write('anyone?');
    await turns(5);
    expect(seen.at(-1)).toMatch(/ECONNRESET|end/);
  });

  test('a reset is an error at both ends', async () => {
    const { connection, got, seen } = await pair();
    (connection as MemoryConnection).reset();
    await turns(3);
    expect(seen).toContain('read ECONNRESET');
    expect(got).toContain('read ECONNRESET');
  });
});

describe('connecting', () => {
  test('is refused, or never answered, as the endpoint is told', async () => {
    const { endpoint } = await pair();
    const attempt = async () => {
      const seen: unknown[] = [];
      const socket = connect(endpoint.port, endpoint.host, () => seen.push('connected'));
      socket.on('error', ({ code }: NodeJS.ErrnoException) => seen.push(code));
      await turns(3);
      socket.destroy();
      return seen;
    };
    expect(await attempt()).toEqual(['connected']);
    endpoint.receive('refused');
    expect(await attempt()).toEqual(['ECONNREFUSED']);
    endpoint.receive('unanswered');
    expect(await attempt()).toEqual([]);
  });

  test('elsewhere is as ever, and all is taken back', async () => {
    const original = { connect: net.connect, agent: http.Agent.prototype };
    const one = network();
    const two = network();
    one.listen(() => {});
    two.listen(() => {});
    expect(net.connect).not.toBe(original.connect);
    const server = net.createServer((socket) => socket.end('real')).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as net.AddressInfo;
    const text = await new Promise((resolve) => {
      net.connect({ port, host: '127.0.0.1' }).once('data', (data) => resolve(String(data)));
    });
    expect(text).toBe('real');
    server.close();
    one.close();
    expect(net.connect).not.toBe(original.connect);
    two.close();
    two.close();
    expect(net.connect).toBe(original.connect);
    expect(connect).toBe(original.connect);
  });

  test('HTTP/1 and HTTP/2 clients reach a server in memory', async () => {
    const h1 = http.createServer((_request, response) => response.end('h1'));
    const h2 = http2.createServer((_request, response) => response.end('h2'));
    const made = network();
    const first = made.listen((socket) => h1.emit('connection', socket));
    const second = made.listen((socket) => h2.emit('connection', socket));
    const body = await new Promise((resolve) => {
      http.get(first.url, { agent: false }, (response) =>
        response.on('data', (data) => resolve(String(data))),
      );
    });
    expect(body).toBe('h1');
    const session = http2.connect(second.url, {
      createConnection: ({ hostname, port }: URL) => net.connect(Number(port), hostname),
    });
    const reply = await new Promise((resolve) => {
      session.request({ ':path': '/' }).on('data', (data) => resolve(String(data)));
    });
    expect(reply).toBe('h2');
    session.close();
  });
});
