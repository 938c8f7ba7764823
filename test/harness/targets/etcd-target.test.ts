import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { asBytes, type Bytes, FROM_KEY, NO_BYTES } from '../../../src/api/bytes.ts';
import { DEFAULT_CONFIG } from '../../../src/api/config.ts';
import { instant } from '../../../src/api/units.ts';
import { type EtcdTarget, etcdTarget } from '../../../src/harness/targets/etcd-target.ts';
import {
  type Ask,
  Client,
  grant,
  keepAlive,
  range,
  Recorder,
  revoke,
  testEtcd,
  timeToLive,
  until,
} from './etcd-under-test.ts';

let target: EtcdTarget;
let client: Client;
let sessions = 0;

const spawnTarget = async (): Promise<EtcdTarget> => {
  const { path, version } = await testEtcd();
  return etcdTarget({ binary: path, version, config: DEFAULT_CONFIG });
};

beforeAll(async () => {
  target = await spawnTarget();
});
afterAll(() => target.close());
beforeEach(async () => {
  sessions += 1;
  client = await Client.open(target, sessions);
});

const own = (id: bigint): bigint => client.own(id);
const key = (name: string): Bytes => client.key(name);
const put: Client['put'] = (...args) => client.put(...args);

const refused = (reason: string) => ({ kind: 'refused', reason });

const revisionNow = async (): Promise<number> => {
  const { revision } = await client.expect('rangeResult', range(key('none')));
  return revision;
};

test('the target says what it is', () => {
  expect(target).toMatchObject({ name: 'etcd', version: '3.5.30', clock: 'real' });
  expect(target.config).toEqual({ etcd: '3.5', heartbeat: 100, election: 1000 });
});

describe('leases', () => {
  test.each([5n, -1n, -(2n ** 63n), 2n ** 63n - 1n])('a grant of id %s', async (literal) => {
    const id = own(literal);
    expect(id < 0n).toBe(literal < 0n);
    const granted = { kind: 'granted', revision: expect.any(Number), id, ttl: 60 };
    expect(await client.answer(grant(id, 60n))).toEqual(granted);
    expect(await client.answer(grant(id, 60n))).toEqual(refused('lease-exists'));
    expect(await client.answer(timeToLive(id))).toMatchObject({ id, ttl: 59, grantedTtl: 60 });
    expect(await client.answer(keepAlive(id))).toMatchObject({ kind: 'keptAlive', id, ttl: 60 });
    expect(await client.answer({ kind: 'leases' })).toMatchObject({
      kind: 'leaseList',
      ids: expect.arrayContaining([id]),
    });
    expect(await client.answer(revoke(id))).toEqual({
      kind: 'revoked',
      revision: expect.any(Number),
    });
    expect(await client.answer(revoke(id))).toEqual(refused('lease-not-found'));
  });

  test('a grant with a header, and the limits of the TTL', async () => {
    const completion = await client.complete(grant(0n, -(2n ** 63n)));
    expect(completion).toMatchObject({
      kind: 'answered',
      response: { kind: 'granted', ttl: 2 },
      header: { member: expect.stringMatching(/^\d+$/), term: '2' },
    });
    expect(await client.answer(grant(own(1n), 9_000_000_000n))).toMatchObject({ ttl: 9e9 });
    expect(await client.answer(grant(own(2n), 9_000_000_001n))).toEqual(refused('ttl-too-large'));
    expect(await client.answer(grant(own(2n), 2n ** 63n - 1n))).toEqual(refused('ttl-too-large'));
  });

  test('an unknown lease', async () => {
    const id = own(404n);
    const remaining = { kind: 'remainingTtl', id, ttl: -1, grantedTtl: 0, keys: [] };
    expect(await client.answer(timeToLive(id))).toMatchObject(remaining);
    expect(await client.answer(keepAlive(id))).toMatchObject({ kind: 'keptAlive', id, ttl: 0 });
    expect(await client.answer(put('k', id))).toEqual(refused('lease-not-found'));
  });

  test('leases come soonest first, in the order of the server', async () => {
    const ids = [30n, 20n, 10n].map(own);
    for (const [at, id] of ids.entries()) await client.answer(grant(id, BigInt(90 - 20 * at)));
    const { ids: listed } = await client.expect('leaseList', { kind: 'leases' });
    expect(listed.filter((id) => ids.includes(id))).toEqual(ids.toReversed());
  });

  test('the keys of a lease', async () => {
    const id = own(1n);
    await client.answer(grant(id, 60n));
    for (const name of ['b', 'a', 'c']) await client.answer(put(name, id));
    const { keys } = await client.expect('remainingTtl', timeToLive(id));
    expect([...keys].sort()).toEqual(['a', 'b', 'c'].map(key));
    expect(await client.answer(timeToLive(id, false))).toMatchObject({ keys: [] });
  });
});

describe('keys', () => {
  test('a put, with and without the previous one', async () => {
    const id = own(1n);
    await client.answer(grant(id, 60n));
    const before = await revisionNow();
    const bytes = asBytes('\0\xff\x80');
    const first = await client.answer(put('k', id, { value: bytes, prevKv: true }));
    expect(first).toEqual({ kind: 'putDone', revision: before + 1, prevKv: null });
    const [createRevision, version] = [before + 1, 1];
    const kv = { key: key('k'), value: bytes, createRevision, modRevision: before + 1, version };
    expect(await client.answer(put('k', 0n, { prevKv: true }))).toEqual({
      kind: 'putDone',
      revision: before + 2,
      prevKv: { ...kv, lease: id },
    });
    expect(await client.answer(put('k'))).toMatchObject({ prevKv: null });
    expect(await client.answer(range(key('k')))).toEqual({
      kind: 'rangeResult',
      revision: before + 3,
      kvs: [{ ...kv, value: 'v', modRevision: before + 3, version: 3, lease: 0n }],
      count: 1,
      more: false,
    });
  });

  test('what a put refuses', async () => {
    const ignoreLease = { ignoreLease: true };
    const ignoreValue = { ignoreValue: true };
    expect(await client.answer(put('k', 0n, { key: NO_BYTES }))).toEqual(refused('key-empty'));
    expect(await client.answer(put('k', 1n, ignoreLease))).toEqual(refused('lease-provided'));
    expect(await client.answer(put('k', 0n, ignoreLease))).toEqual(refused('key-not-found'));
    expect(await client.answer(put('k', 0n, ignoreValue))).toEqual(refused('value-provided'));
    const both = put('k', 0n, { ...ignoreValue, value: NO_BYTES });
    expect(await client.answer(both)).toEqual(refused('key-not-found'));
  });

  test('the ends of a range', async () => {
    for (const name of ['a', 'b', 'c']) await client.answer(put(name));
    const names = async (rangeEnd: Bytes): Promise<string[]> => {
      const { kvs } = await client.expect('rangeResult', range(key('a'), rangeEnd));
      const prefix = client.session.keyPrefix;
      return kvs.filter((kv) => kv.key.startsWith(prefix)).map((kv) => kv.key.at(-1) as string);
    };
    // An empty end that is sent as such would mean «from key» (KV-16).
    expect(await names(NO_BYTES)).toEqual(['a']);
    expect(await names(key('c'))).toEqual(['a', 'b']);
    expect(await names(FROM_KEY)).toEqual(['a', 'b', 'c']);
    expect(await client.answer(range(NO_BYTES))).toEqual(refused('key-empty'));
  });

  test('a deletion, with and without the previous ones', async () => {
    for (const name of ['a', 'b', 'c']) await client.answer(put(name));
    const before = await revisionNow();
    const remove = (name: string, rangeEnd: Bytes, prevKv: boolean): Ask => ({
      kind: 'deleteRange',
      key: key(name),
      rangeEnd,
      prevKv,
    });
    const [deleted, revision] = ['deleted', before + 1];
    const none = { kind: deleted, revision, deleted: 1, prevKvs: [] };
    expect(await client.answer(remove('a', NO_BYTES, false))).toEqual(none);
    expect(await client.answer(remove('a', key('z'), true))).toMatchObject({
      kind: deleted,
      revision: before + 2,
      deleted: 2,
      prevKvs: [{ key: key('b') }, { key: key('c') }],
    });
    expect(await client.answer(remove('a', key('z'), true))).toEqual({
      ...none,
      revision: before + 2,
      deleted: 0,
    });
  });
});

test('no id of one session is an id of another', async () => {
  const literals = [1n, 2n, 1000n, 2n ** 20n - 1n, 2n ** 63n - 1n, 2n ** 63n - 1000n];
  const negative = literals.map((id) => -id - 1n);
  const seen = new Set<bigint>();
  const indexes = [0, 1, 2, 3, 1023, 1024, 2 ** 21 - 1];
  for (const index of indexes) {
    const session = await target.open(
      { index, config: DEFAULT_CONFIG, clients: 1 },
      new Recorder(),
    );
    for (const id of [...literals, ...negative]) seen.add(BigInt.asIntN(64, id ^ session.idMask));
    await session.close();
  }
  expect(seen.size).toBe(indexes.length * 2 * literals.length);
});

test('when etcd dies, calls complete as unknown and the session is lost', async () => {
  const dying = await spawnTarget();
  const victim = await Client.open(dying, 0);
  const id = 1n;
  await victim.answer(grant(id, 2n));
  const advancing = victim.session.advanceTo(instant(victim.session.now + 1e6));
  process.kill(dying.process.pid, 'SIGSTOP');
  const calls = [victim.complete(keepAlive(id)), victim.complete(timeToLive(id))];
  process.kill(dying.process.pid, 'SIGKILL');
  const completions = await Promise.all(calls);
  expect(completions.map(({ kind }) => kind)).toEqual(['unknown', 'unknown']);
  await until(() => victim.seen.losses.length > 0);
  await advancing;
  await dying.close();
  expect(victim.seen.losses).toHaveLength(1);
});

test('closing leaves no handle behind, and may be done twice', async () => {
  const before = process.getActiveResourcesInfo().length;
  const brief = await spawnTarget();
  const guest = await Client.open(brief, 0);
  await guest.answer(keepAlive(1n));
  await brief.close();
  await brief.close();
  await until(() => process.getActiveResourcesInfo().length <= before);
});
