/** The JSON gateway at its boundaries; what etcd answers is in `gateway-transcripts.test.ts`. */
import { request } from 'node:http';
import { duplexPair } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import type { EtcdOptions } from '../../src/wire/index.ts';
import { type Served, serve, stopServing } from './served.ts';

afterEach(stopServing);

type Post = (path: string, body: string | Buffer) => Promise<readonly [number, string]>;

const posting = async (options: Partial<EtcdOptions> = {}): Promise<Served & { post: Post }> => {
  const served = await serve(options);
  const post: Post = async (path, body) => {
    const response = await fetch(`http://${served.address}${path}`, { method: 'POST', body });
    return [response.status, await response.text()];
  };
  return { ...served, post };
};

const GRANT = '/v3/lease/grant';
const PUT = '/v3/kv/put';
const granted = (ID: string) => [200, expect.stringContaining(`"ID":"${ID}"`) as string] as const;
const refused = [400, expect.stringContaining('"code":3') as string] as const;

describe('WIRE-03 integers', () => {
  const both: readonly (readonly [string, string | null])[] = [
    ['9007199254740993', '9007199254740993'],
    ['9223372036854775807', '9223372036854775807'],
    ['-9223372036854775808', '-9223372036854775808'],
    ['"-9223372036854775808"', '-9223372036854775808'],
    ['9223372036854775808', null],
    ['-9223372036854775809', null],
    ['1.5', null],
    ['"x"', null],
    ['true', null],
    ['[]', null],
    ['01', null],
    ['1e30', null],
  ];
  const onlySecond = [
    ['60.0', '60'],
    ['6e1', '60'],
    ['"6e1"', '60'],
    ['123.450e2', '12345'],
    ['9.223372036854775807e18', '9223372036854775807'],
  ] as const;

  test.each([...both, ...onlySecond])('3.5: %s is %s', async (json, id) => {
    const { post } = await posting();
    const answer = await post(GRANT, `{"TTL":60,"ID":${json}}`);
    expect(answer).toEqual(id === null ? refused : granted(id));
  });

  const onlyFirst = [
    ['" 60"', '60'],
    ...onlySecond.map(([json]) => [json, null] as const),
  ] as const;
  test.each([...both, ...onlyFirst])('3.4: %s is %s', async (json, id) => {
    const { post } = await posting({ version: '3.4.23' });
    const answer = await post(GRANT, `{"TTL":60,"ID":${json}}`);
    expect(answer).toEqual(id === null ? refused : granted(id));
  });
});

test.each([
  ['a number of an absurd size', `{"ID":1e${'9'.repeat(1000)}}`],
  ['many digits', `{"ID":${'9'.repeat(1_000_000)}}`],
  ['many zeros', `{"ID":"${'0'.repeat(1_000_000)}1"}`],
  ['depth', '['.repeat(1_000_000)],
  ['depth in what is unknown', `{"x":${'['.repeat(10_000)}${']'.repeat(10_000)}}`],
  ['a field twice', '{"ID":1,"ID":2}'],
  ['no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
  ['a cut escape', '{"\\u12'],
  ['a control character', '{"a\nb":1}'],
])('WIRE-06 %s is refused', async (_what, body) => {
  const { post } = await posting();
  expect(await post(GRANT, body)).toEqual(refused);
  expect(await post(GRANT, '{"ID":7}')).toEqual(granted('7'));
});

describe('CONST-16 sizes', () => {
  const ofSize = (bytes: number): string =>
    `{"key":"aw==","value":"${Buffer.alloc(bytes).toString('base64')}"}`;

  test('as much as etcd takes', async () => {
    const { post } = await posting();
    expect((await post(PUT, ofSize(1_572_800)))[0]).toBe(200);
  });

  test('more than goes to raft', async () => {
    const { post } = await posting();
    const [status, body] = await post(PUT, ofSize(1_600_000));
    expect([status, JSON.parse(body)]).toEqual([
      400,
      { code: 3, message: 'etcdserver: request is too large' },
    ]);
  });

  test('more than gRPC takes', async () => {
    const { post } = await posting();
    const [status, body] = await post(PUT, ofSize(2_600_000));
    const message = 'grpc: received message larger than max (2600008 vs. 2097152)';
    expect([status, JSON.parse(body)]).toEqual([429, { code: 8, message }]);
  });

  test('a body without an end is not read to it', async () => {
    const { address } = await posting({ maxRequestBytes: 1000 });
    const status = await new Promise((resolve) => {
      const sent = request(`http://${address}${PUT}`, { method: 'POST' }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on('error', () => {});
      const more = (): void => {
        while (!sent.destroyed && sent.write('a'.repeat(65_536)));
      };
      sent.on('drain', more);
      sent.write('{"key":"');
      more();
    });
    expect(status).toBe(429);
  });
});

/** A request whose body is written bit by bit; gives the lines of the answer as they come. */
const conversation = ({ address }: Served, path: string) => {
  const lines: string[] = [];
  const sent = request(`http://${address}${path}`, { method: 'POST', agent: false }, (response) => {
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => lines.push(...chunk.trim().split('\n')));
    response.on('end', () => lines.push('the end'));
    response.on('error', () => {});
  });
  sent.on('error', () => {});
  return { sent, lines };
};

test('WIRE-07 a keep-alive is answered while the body still comes', async () => {
  const served = await posting();
  await served.post(GRANT, '{"TTL":60,"ID":7}');
  const { sent, lines } = conversation(served, '/v3/lease/keepalive');
  sent.write('{"ID":');
  sent.write('7}{"I');
  await expect.poll(() => lines).toHaveLength(1);
  expect(JSON.parse(lines[0] as string)).toMatchObject({ result: { ID: '7', TTL: '60' } });
  sent.end('D":8,"x":"}"}');
  await expect.poll(() => lines.at(-1)).toBe('the end');
  expect(JSON.parse(lines[1] as string).result).toMatchObject({ ID: '8' });
});

test('CONST-16 a value without an end ends a stream that has been answered', async () => {
  const served = await posting({ maxRequestBytes: 1000 });
  const { sent, lines } = conversation(served, '/v3/lease/keepalive');
  sent.write('{"ID":7}{"x":"');
  await expect.poll(() => lines).toHaveLength(1);
  const piece = 'y'.repeat(65_536);
  const pump = (): void => {
    if (!sent.destroyed) sent.write(piece, pump);
  };
  pump();
  await expect.poll(() => served.etcd.connections, { timeout: 5000 }).toBe(0);
  expect(lines[1] ?? 'larger than max').toContain('larger than max');
});

test('WIRE-08 a watch tells of an expiry in one line, and ends with its client', async () => {
  const served = await posting();
  await served.post(GRANT, '{"TTL":5,"ID":99}');
  await served.post(PUT, '{"key":"dzE=","value":"YmFy","lease":99}');
  await served.post(PUT, '{"key":"dzI=","value":"YmFy","lease":99}');
  const { sent, lines } = conversation(served, '/v3/watch');
  sent.end('{"create_request":{"key":"dw==","range_end":"eA==","prev_kv":true}}');
  await expect.poll(() => lines).toHaveLength(1);
  await served.advance(5500);
  await expect.poll(() => lines).toHaveLength(2);
  const { events } = JSON.parse(lines[1] as string).result;
  const event = (key: string, at: string) => ({
    type: 'DELETE',
    kv: { key, mod_revision: '4' },
    prev_kv: {
      key,
      create_revision: at,
      mod_revision: at,
      version: '1',
      value: 'YmFy',
      lease: '99',
    },
  });
  expect(events).toEqual([event('dzE=', '2'), event('dzI=', '3')]);
  expect(served.etcd.simulator.status.watches).toBe(1);
  sent.destroy();
  await expect.poll(() => served.etcd.simulator.status.watches).toBe(0);
});

test('KV-17 a watch from the past is sent its revisions together', async () => {
  const served = await posting();
  for (const value of ['MQ==', 'Mg==', 'Mw==']) {
    await served.post(PUT, `{"key":"aw==","value":"${value}"}`);
  }
  const { sent, lines } = conversation(served, '/v3/watch');
  sent.end('{"create_request":{"key":"aw==","start_revision":2}}');
  await expect.poll(() => lines).toHaveLength(2);
  const { events } = JSON.parse(lines[1] as string).result;
  expect(events.map(({ kv }: { kv: { value: string } }) => kv.value)).toEqual([
    'MQ==',
    'Mg==',
    'Mw==',
  ]);
  sent.destroy();
});

describe('what the port tells besides', () => {
  test.each([
    ['3.4.23', { health: 'true' }, { health: 'false' }],
    ['3.5.30', { health: 'true', reason: '' }, { health: 'false', reason: 'ALARM NOSPACE' }],
  ])('/health of %s', async (version, well, ill) => {
    const { address, post } = await posting({ version });
    const health = async (query = '') => {
      const response = await fetch(`http://${address}/health${query}`);
      return [response.status, await response.json()];
    };
    expect(await health()).toEqual([200, well]);
    await post('/v3/maintenance/alarm', '{"action":"ACTIVATE","alarm":"NOSPACE"}');
    expect(await health()).toEqual([503, ill]);
    expect(await health('?exclude=NOSPACE')).toEqual([200, well]);
  });

  test.each([
    ['3.4.23', { etcdserver: '3.4.23', etcdcluster: '3.4.0' }],
    ['3.6.16', { etcdserver: '3.6.16', etcdcluster: '3.6.0', storage: '3.6.0' }],
  ])('/version of %s', async (version, expected) => {
    const { address } = await posting({ version });
    expect(await (await fetch(`http://${address}/version`)).json()).toEqual(expected);
  });

  test('/metrics', async () => {
    const { address, advance, post } = await posting();
    for (const id of [1, 2, 3]) await post(GRANT, `{"TTL":${id * 5},"ID":${id}}`);
    await post('/v3/lease/revoke', '{"ID":3}');
    await post('/v3/lease/keepalive', '{"ID":2}{"ID":4}');
    await advance(6000);
    const text = await (await fetch(`http://${address}/metrics`)).text();
    expect(text.split('\n')).toEqual(
      expect.arrayContaining([
        'etcd_debugging_lease_granted_total 3',
        'etcd_debugging_lease_renewed_total 1',
        'etcd_debugging_lease_revoked_total 2',
        'etcd_debugging_server_lease_expired_total 1',
        'leasehold_leases 1',
      ]),
    );
  });
});

test.each([
  ['GET // HTTP/1.1', '404'],
  ['GET http://[ HTTP/1.1', '404'],
  ['GET /%zz HTTP/1.1', '400'],
  ['POST /v3/kv/%00 HTTP/1.1', '404'],
  ['POST http://x/v3/lease/leases HTTP/1.1', '200'],
])('%s over a connection in memory is answered with %s', async (line, status) => {
  const { etcd } = await serve();
  const [ours, theirs] = duplexPair();
  etcd.inject(theirs);
  let answer = '';
  ours.setEncoding('utf8').on('data', (chunk: string) => {
    answer += chunk;
  });
  ours.write(`${line}\r\nhost: x\r\ncontent-length: 0\r\n\r\n`);
  await expect.poll(() => answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  ours.destroy();
});

test('HTTP/1 on the same port goes to whoever wants it, and else to the gateway', async () => {
  const { address } = await serve({
    onHttp1: ({ method, url }, response) => {
      if (url === '/health') return false;
      response.end(`${method} ${url}`);
      return true;
    },
  });
  const answer = await fetch(`http://${address}/mine`, { method: 'POST' });
  expect(await answer.text()).toBe('POST /mine');
  const other = await fetch(`http://${address}/health`);
  expect(await other.json()).toEqual({ health: 'true', reason: '' });
});
