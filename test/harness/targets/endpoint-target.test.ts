import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asBytes, prefixEnd } from '../../../src/api/bytes.ts';
import { DEFAULT_CONFIG } from '../../../src/api/config.ts';
import { milliseconds } from '../../../src/api/units.ts';
import { TargetError } from '../../../src/harness/target.ts';
import { endpointTarget } from '../../../src/harness/targets/endpoint-target.ts';
import { type EtcdTarget, etcdTarget } from '../../../src/harness/targets/etcd-target.ts';
import { Client, testEtcd } from './etcd-under-test.ts';
import { PLAIN_VIEW } from '../../../src/api/command.ts';

/** An etcd that stands for one that somebody else runs; its minimum TTL is 8 s. */
let server: EtcdTarget;
beforeAll(async () => {
  const { path, version } = await testEtcd();
  const timing = { heartbeat: milliseconds(500), election: milliseconds(5000) };
  server = await etcdTarget({ binary: path, version, config: { ...DEFAULT_CONFIG, ...timing } });
}, 60_000);
afterAll(() => server.close());

test('an endpoint says what can be learnt from outside', async () => {
  const { url } = server.process;
  const target = await endpointTarget(`${url}/`);
  expect(target).toMatchObject({
    name: `${url}/`,
    version: '3.5.30',
    clock: 'real',
    minimumTtl: 8,
  });
  expect(target.config).toEqual(DEFAULT_CONFIG);
  await target.close();
  await target.close();
});

test('closing removes what the session left', async () => {
  const observer = await Client.open(server, 0);
  const ids = async () => {
    const response = await observer.answer({ kind: 'leases' });
    return response.kind === 'leaseList' ? response.ids : [];
  };
  const target = await endpointTarget(server.process.url);
  const client = await Client.open(target, 7);
  const { idMask, keyPrefix } = client.session;
  const granted = [1n, -1n, 2n].map((id) => id ^ idMask);
  for (const id of granted) await client.answer({ kind: 'grant', id, ttl: 600n });
  const flags = { ignoreLease: false, ignoreValue: false, prevKv: false };
  for (const lease of [0n, granted[0] ?? 0n]) {
    const key = asBytes(`${keyPrefix}${lease}`);
    await client.answer({ kind: 'put', key, value: asBytes('v'), lease, ...flags });
  }
  await client.answer({ kind: 'revoke', id: granted[2] ?? 0n });
  expect(await ids()).toEqual(expect.arrayContaining(granted.slice(0, 2)));
  await client.session.close();
  expect((await ids()).filter((id) => granted.includes(id))).toEqual([]);
  const everything = { key: keyPrefix, rangeEnd: prefixEnd(keyPrefix) };
  expect(await observer.answer({ kind: 'range', ...everything, view: PLAIN_VIEW })).toMatchObject({
    kvs: [],
  });
  await target.close();
});

test('clients take turns over the members', async () => {
  const { url } = server.process;
  const target = await endpointTarget(`${url},${url}`);
  const client = await Client.open(target, 0);
  for (const number of [0, 1, 2]) {
    expect(await client.complete({ kind: 'leases' }, number)).toMatchObject({ kind: 'answered' });
  }
  await target.close();
});

const errorOf = async (urls: string): Promise<string> => {
  const error = await endpointTarget(urls).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(TargetError);
  const { message } = error as TargetError;
  expect(message).not.toContain('\n');
  return message;
};

test.each([
  '',
  '127.0.0.1:2379',
  'ftp://127.0.0.1:2379',
  'http://127.0.0.1',
  'http://127.0.0.1:2379/v3',
  'http://127.0.0.1:99999',
  'http://127.0.0.1:2379,',
])('«%s» is not an endpoint', async (urls) => {
  expect(await errorOf(urls)).toContain('» is not an endpoint: write the client URL of an etcd');
});

test('an endpoint that does not answer', async () => {
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port } = closed.address() as AddressInfo;
  await once(closed.close(), 'close');
  expect(await errorOf(`http://127.0.0.1:${port}`)).toBe(
    `http://127.0.0.1:${port} does not answer (connect ECONNREFUSED 127.0.0.1:${port}): ` +
      'start an etcd there, or name the client URL of one that runs',
  );
  const both = `${server.process.url},http://127.0.0.1:${port}`;
  expect(await errorOf(both)).toContain(`http://127.0.0.1:${port} does not answer`);
});

test('an endpoint that is a web server', async () => {
  const web = createServer((_request, response) => response.end('hello')).listen(0, '127.0.0.1');
  await once(web, 'listening');
  const url = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  expect(await errorOf(url)).toMatch(
    new RegExp(`^${url} is not an etcd \\(.+\\): name the client URL of an etcd`),
  );
  await once(web.close(), 'close');
});

test('an endpoint that accepts and says nothing', async () => {
  const mute = createSocketServer((socket) => socket.on('error', () => {}).resume());
  mute.listen(0, '127.0.0.1');
  await once(mute, 'listening');
  const url = `http://127.0.0.1:${(mute.address() as AddressInfo).port}`;
  expect(await errorOf(url)).toContain(
    `${url} is not an etcd (silent for 5000 ms): name the client URL`,
  );
  await once(mute.close(), 'close');
}, 20_000);
