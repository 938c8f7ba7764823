import { once } from 'node:events';
import { connect, createServer, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { SessionProbe } from '../../src/wire/session-probe.ts';

afterEach(() => {
  vi.useRealTimers();
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
