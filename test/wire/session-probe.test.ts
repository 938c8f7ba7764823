import { once } from 'node:events';
import { connect, createServer, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { SessionProbe } from '../../src/wire/session-probe.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('a client that does not answer is asked twice, and then given up', () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const probe = new SessionProbe(10);
  const session = silentSession();
  probe.add(session as unknown as ServerHttp2Session);
  const asked = [0, 0, 0].map(() => {
    vi.advanceTimersByTime(10);
    return [session.pings.length, session.destroyed];
  });
  expect(asked).toEqual([
    [1, false],
    [2, false],
    [2, true],
  ]);
  probe.stop();
});

test('a client that answers in the end stays', () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const probe = new SessionProbe(10);
  const session = silentSession();
  probe.add(session as unknown as ServerHttp2Session);
  vi.advanceTimersByTime(20);
  session.pings[0]?.(null);
  vi.advanceTimersByTime(20);
  expect([session.pings.length, session.destroyed]).toEqual([4, false]);
  probe.stop();
});

test('a session that was destroyed and has not closed is left alone', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const probe = new SessionProbe(10);
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  client.on('error', () => {});
  const [session] = (await once(server, 'session')) as [ServerHttp2Session];
  probe.add(session);
  vi.advanceTimersByTime(10);
  session.destroy();
  await vi.waitFor(() => expect(session.socket).toBeUndefined(), { interval: 0 });
  vi.advanceTimersByTime(20);
  await vi.waitFor(() => expect(probe.sessions).toEqual([]));
  probe.stop();
  client.destroy();
  server.close();
});

/** Of a socket on which nothing comes. */
const silentSession = () => ({
  socket: { bytesRead: 0 },
  pings: [] as ((error: Error | null) => void)[],
  destroyed: false,
  on: () => {},
  ping(answered: (error: Error | null) => void) {
    this.pings.push(answered);
    return true;
  },
  destroy() {
    this.destroyed = true;
  },
});
