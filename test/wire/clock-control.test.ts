import { get } from 'node:http';
import { Etcd3 } from 'etcd3';
import { afterEach, describe, expect, test } from 'vitest';
import { type ServedEtcd, serveEtcd, type ServeOptions } from '../../src/wire/serve-etcd.ts';

const open: ServedEtcd[] = [];
const serve = async (options: ServeOptions = {}): Promise<ServedEtcd> => {
  const served = await serveEtcd(options);
  open.push(served);
  return served;
};
afterEach(async () => {
  for (const served of open.splice(0)) await served.close();
});

/** Status and answer of a request such as `POST advance?by=1`. */
const ask = async (
  { url }: ServedEtcd,
  request: string,
  options: RequestInit = {},
): Promise<readonly [number, { readonly now?: number }]> => {
  const [method = '', path = ''] = request.split(' ');
  const address = `${url}/leasehold/v1/clock${path === '' ? '' : `/${path}`}`;
  const response = await fetch(address, { method, ...options });
  return [response.status, (await response.json()) as { readonly now?: number }];
};

describe('the clock over HTTP', () => {
  test('is read, advanced by and to, and tells when something is due next', async () => {
    const served = await serve();
    const face = { now: 0, next: 500, mode: 'virtual', rate: 0 };
    expect(await ask(served, 'GET')).toEqual([200, face]);
    const moved = [
      await ask(served, 'POST advance?by=11s'),
      await ask(served, 'POST advance', { body: '{"by": 400}' }),
      await ask(served, 'POST advance?to=12000'),
      await ask(served, 'POST advance?by=1.5m'),
      await ask(served, 'POST quiet'),
    ];
    expect(moved.map(([, { now }]) => now)).toEqual([11_000, 11_400, 12_000, 102_000, 102_000]);
  });

  test('runs at a rate and stands still', async () => {
    const served = await serve();
    expect(await ask(served, 'POST rate?rate=1000')).toMatchObject([200, { rate: 1000 }]);
    await expect.poll(() => served.clock.now).toBeGreaterThan(2000);
    const [, { now }] = await ask(served, 'POST stand-still');
    expect(await ask(served, 'GET')).toMatchObject([200, { now, rate: 0 }]);
  });

  test('RESTART-07 the leader is lost and regained', async () => {
    const served = await serve();
    const leader = async (method: string, path = '') => {
      const response = await fetch(`${served.url}/leasehold/v1/leader${path}`, { method });
      return [response.status, await response.json()];
    };
    const client = new Etcd3({ hosts: served.url });
    const { ID } = await client.leaseClient.leaseGrant({ TTL: '5' });
    expect(await leader('GET')).toEqual([200, { leader: true }]);
    expect(await leader('POST', '/lose')).toEqual([200, { leader: false }]);
    await ask(served, 'POST advance?by=1h');
    expect(await leader('GET')).toEqual([200, { leader: false }]);
    expect(await leader('POST', '/regain')).toEqual([200, { leader: true }]);
    const { TTL } = await client.leaseClient.leaseTimeToLive({ ID });
    expect(TTL).toBe('6');
    expect((await leader('POST'))[0]).toBe(405);
    client.close();
  });

  test('RESTART-01 the process is stopped and started, and its data are there', async () => {
    const served = await serve();
    const process = async (method: string, path = '') => {
      const response = await fetch(`${served.url}/leasehold/v1/process${path}`, { method });
      return [response.status, await response.json()];
    };
    const asked = async () => {
      const client = new Etcd3({ hosts: served.url });
      try {
        const { leases, header } = await client.leaseClient.leaseLeases();
        return [leases.length, header.raft_term];
      } finally {
        client.close();
      }
    };
    const client = new Etcd3({ hosts: served.url });
    await client.leaseClient.leaseGrant({ TTL: '5' });
    client.close();
    expect(await asked()).toEqual([1, '2']);
    expect(await process('POST', '/stop')).toEqual([200, { up: false }]);
    await expect(asked()).rejects.toThrow('14 UNAVAILABLE');
    await expect(fetch(`${served.url}/health`)).rejects.toThrow('fetch failed');
    await ask(served, 'POST advance?by=1h');
    expect(await process('GET')).toEqual([200, { up: false }]);
    expect(await process('POST', '/start')).toEqual([200, { up: true }]);
    expect(await asked()).toEqual([1, '3']);
    await ask(served, 'POST advance?by=7s');
    expect(await asked()).toEqual([0, '3']);
  });

  test('CONST-10 it is slow to apply, and catches up', async () => {
    const served = await serve();
    const apply = async (method: string, path = '') => {
      const response = await fetch(`${served.url}/leasehold/v1/apply${path}`, { method });
      return [response.status, await response.json()];
    };
    const lease = async (method: string, body: object): Promise<unknown> => {
      const init = { method: 'POST', body: JSON.stringify(body) };
      return (await fetch(`${served.url}/v3/lease/${method}`, init)).json();
    };
    await lease('grant', { ID: 7, TTL: 60 });
    expect(await apply('GET')).toEqual([200, { slow: false }]);
    expect(await apply('POST', '/stall')).toEqual([200, { slow: true }]);
    const told: unknown[] = [];
    const waits = lease('timetolive', { ID: 7 });
    void waits.then((answer) => told.push(answer));
    // A second after it came, whenever that was.
    while (told.length === 0) await ask(served, 'POST advance?by=500ms');
    const message = 'etcdserver: request timed out, waiting for the applied index took too long';
    expect(await waits).toMatchObject({ code: 14, message });
    expect(await apply('POST', '/catch-up')).toEqual([200, { slow: false }]);
    expect(await lease('timetolive', { ID: 7 })).toMatchObject({ grantedTTL: '60' });
    expect((await apply('POST'))[0]).toBe(405);
  });

  test('an advance expires, revokes and tells watches in order, before it returns', async () => {
    const served = await serve();
    const client = new Etcd3({ hosts: served.url });
    const stream = await client.watchClient.watch();
    const seen: string[] = [];
    stream.on('data', ({ events }) => {
      for (const { type, kv } of events) seen.push(`${type} ${String(kv.key)}`);
    });
    const everything = { key: Buffer.from('\0'), range_end: Buffer.from('\0') };
    stream.write({ create_request: everything });
    for (const ttl of [9, 7, 5]) {
      const { ID } = await client.leaseClient.leaseGrant({ TTL: String(ttl) });
      await client.kv.put({ key: Buffer.from(`k${ttl}`), value: Buffer.from('v'), lease: ID });
    }
    await ask(served, 'POST advance?by=9s');
    await expect.poll(() => seen.length).toBe(6);
    expect(seen.slice(3)).toEqual(['Delete k5', 'Delete k7', 'Delete k9']);
    stream.end();
    stream.cancel();
    client.close();
  });

  test('time is moved while clients go on asking', async () => {
    const served = await serve();
    const over = new AbortController();
    const busy = async (): Promise<void> => {
      while (!over.signal.aborted) {
        await fetch(`${served.url}/v3/kv/put`, { method: 'POST', body: '{"key":"aw=="}' });
      }
    };
    const clients = Array.from({ length: 8 }, busy);
    for (let count = 1; count <= 10; count += 1) {
      expect(await ask(served, 'POST advance?by=1s')).toMatchObject([200, { now: count * 1000 }]);
    }
    over.abort();
    await Promise.all(clients);
  });

  test.each([
    ['POST advance', 400, /«by» or «to»/],
    ['POST advance?by=1&to=2', 400, /«by» or «to»/],
    ['POST advance?by=-5', 400, /such as 11s/],
    ['POST advance?by=eleven', 400, /such as 11s/],
    ['POST advance?by=0.5', 400, /whole milliseconds/],
    ['POST advance?by=1000000h', 400, /at most/],
    ['POST advance?by=1&bye=2', 400, /takes no bye/],
    ['POST rate', 400, /«rate»/],
    ['POST rate?rate=fast', 400, /a rate is a number/],
    ['GET advance?by=1', 405, /takes POST/],
    ['POST', 405, /takes GET/],
    ['POST backwards', 404, /there is no/],
  ])('%s is refused with %d', async (request, status, message) => {
    const served = await serve();
    const [got, body] = await ask(served, request);
    expect([got, body]).toEqual([status, { error: expect.stringMatching(message) as string }]);
    expect(served.clock.now).toBe(0);
  });

  test.each(['[1]', '"x"', '{"by":', `{"by":${'1'.repeat(5000)}}`])(
    '%j is no body',
    async (body) => {
      const [status] = await ask(await serve(), 'POST advance', { body });
      expect([400, 413]).toContain(status);
    },
  );

  test.each(['//', 'http://['])('leaves %s, which is no URL, to others', async (target) => {
    const { address } = await serve();
    const status = await new Promise((resolve, reject) => {
      const options = { ...address, path: target, agent: false };
      get(options, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).on('error', reject);
    });
    expect(status).toBe(404);
  });

  test('a real clock is read and not moved', async () => {
    const served = await serve({ clock: 'real' });
    expect(await ask(served, 'GET')).toMatchObject([200, { mode: 'real', rate: 1 }]);
    expect(await ask(served, 'POST advance?by=1')).toMatchObject([409, {}]);
  });
});

describe('who may move the clock', () => {
  const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

  test('nobody, when it is switched off', async () => {
    const served = await serve({ clockControl: false });
    expect(served.clockControl).toBe('off');
    expect(await ask(served, 'GET')).toMatchObject([403, {}]);
  });

  test('who has the token, when there is one', async () => {
    const served = await serve({ token: 'secret' });
    expect(served.clockControl).toBe('token');
    expect(await ask(served, 'POST advance?by=1')).toMatchObject([401, {}]);
    expect(await ask(served, 'POST advance?by=1', bearer('secre'))).toMatchObject([401, {}]);
    expect(await ask(served, 'POST advance?by=1', bearer('secret'))).toMatchObject([200, {}]);
  });

  test('beyond loopback nobody without a token', async () => {
    const everywhere = { host: '0.0.0.0', port: 0 };
    const bare = await serve({ listen: everywhere, clockControl: true });
    expect(bare.clockControl).toBe('off');
    expect(await ask(bare, 'POST advance?by=1')).toMatchObject([403, {}]);
    const guarded = await serve({ listen: everywhere, token: 'secret' });
    expect(await ask(guarded, 'POST advance?by=1', bearer('secret'))).toMatchObject([200, {}]);
  });

  test('no web page', async () => {
    const served = await serve();
    const headers = { origin: 'http://example.com' };
    expect(await ask(served, 'POST advance?by=1', { headers })).toMatchObject([403, {}]);
  });
});
