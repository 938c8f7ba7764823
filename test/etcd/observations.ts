/**
 * Rules that the model does not carry, as one member of a real etcd shows them on a virtual clock:
 * at exact instants, and with all that a client can send.
 */
import { AlarmAction, AlarmType, CompareResult, CompareTarget, type Etcd3 } from 'etcd3';
import { expect } from 'vitest';
import type { VirtualEtcd } from '../../src/harness/targets/virtual-etcd.ts';

/** A server, and a client that can say all that a client can. */
export type Observed = VirtualEtcd & { readonly etcd: Etcd3 };

export interface Observation {
  readonly rule: string;
  readonly title: string;
  /** On a server of its own, at an instant at which a turn has just run. */
  readonly show: (server: Observed, version: string) => Promise<void>;
}

const TURN = 500;
const key = (name: string): Buffer => Buffer.from(name);
const VALUE = Buffer.from('v');

const grant = ({ etcd }: Observed, id: number, ttl: number) =>
  etcd.leaseClient.leaseGrant({ ID: id, TTL: ttl });

const put = ({ etcd }: Observed, name: string, lease = 0) =>
  etcd.kv.put({ key: key(name), value: VALUE, lease });

const count = async ({ etcd }: Observed, name: string): Promise<number> =>
  Number((await etcd.kv.range({ key: key(name) })).count);

/** Milliseconds until the key is gone, turn by turn; null when it is there after half a minute. */
const goneAfter = async (server: Observed, name: string): Promise<number | null> => {
  for (let passed = TURN; passed <= 30_000; passed += TURN) {
    await server.leap(TURN - 1);
    expect(await count(server, name)).toBe(1);
    await server.leap(1);
    if ((await count(server, name)) === 0) return passed;
  }
  return null;
};

const DAY = 86_400_000;

/**
 * By how much the wall clock is set, and after how long a lease of 5 s then goes, in 3.4: 7 s after
 * the turn that looked at it too early, or as much later as the clock was set back.
 */
const WALL_STEPS: readonly (readonly [number, number | null])[] = [
  [0, 5_000],
  [3_000, 9_000],
  [DAY, 7_500],
  [-3_000, 8_000],
  [-20_000, 25_000],
  [-DAY, null],
];

const wallClock: Observation = {
  rule: 'CONST-17',
  title: 'when the wall clock is set, expiry stays on time; not in 3.4',
  show: async (server, version) => {
    for (const [index, [step, in34]] of WALL_STEPS.entries()) {
      await grant(server, index + 1, 5);
      await put(server, `k${index}`, index + 1);
      await server.stepWall(step);
      const gone = await goneAfter(server, `k${index}`);
      expect({ step, gone }).toEqual({ step, gone: version.startsWith('3.4.') ? in34 : 5_000 });
      await server.stepWall(-step);
    }
  },
};

const NO_SPACE = 'mvcc: database space exceeded';

const NO_SPACE_ALARM = { action: AlarmAction.Activate, alarm: AlarmType.Nospace };

const raiseAlarm = async ({ etcd }: Observed): Promise<void> => {
  const { header } = await etcd.maintenance.status();
  await etcd.maintenance.alarm({ ...NO_SPACE_ALARM, memberID: header.member_id });
};

const noSpace = (rule: string, title: string, show: Observation['show']): Observation => ({
  rule,
  title,
  show: async (server, version) => {
    await grant(server, 1, 5);
    await put(server, 'k', 1);
    await raiseAlarm(server);
    await show(server, version);
  },
});

const grantWithoutSpace = noSpace(
  'GRANT-09',
  'without space a grant is refused',
  async (server) => {
    await expect(grant(server, 2, 5)).rejects.toThrow(NO_SPACE);
    await expect(put(server, 'l')).rejects.toThrow(NO_SPACE);
    const { leases } = await server.etcd.leaseClient.leaseLeases();
    expect(leases.map(({ ID }) => ID)).toEqual(['1']);
  },
);

const revokeWithoutSpace = noSpace(
  'REVOKE-08',
  'without space a lease is revoked',
  async (server) => {
    await server.etcd.leaseClient.leaseRevoke({ ID: 1 });
    expect(await count(server, 'k')).toBe(0);
  },
);

const expireWithoutSpace = noSpace('EXP-12', 'without space a lease expires', async (server) => {
  expect(await goneAfter(server, 'k')).toBe(5_000);
  await expect(grant(server, 1, 5)).rejects.toThrow(NO_SPACE);
});

const history: Observation = {
  rule: 'REVOKE-06',
  title: 'before the revoke the key is there with its lease, after it a new generation begins',
  show: async (server) => {
    const { etcd } = server;
    await grant(server, 1, 5);
    const { header } = await put(server, 'k', 1);
    await etcd.leaseClient.leaseRevoke({ ID: 1 });
    const { kvs } = await etcd.kv.range({ key: key('k'), revision: header.revision });
    expect(kvs).toMatchObject([{ lease: '1', version: '1' }]);
    const again = await put(server, 'k');
    const now = await etcd.kv.range({ key: key('k') });
    const { revision } = again.header;
    expect(now.kvs).toMatchObject([{ version: '1', create_revision: revision, lease: '0' }]);
  },
};

const pausedLeader: Observation = {
  rule: 'EXP-13',
  title: 'time goes on while the process is stopped; what is overdue goes when it goes on',
  show: async (server) => {
    await grant(server, 1, 5);
    await put(server, 'k', 1);
    process.kill(server.pid, 'SIGSTOP');
    server.passTime(7_000);
    process.kill(server.pid, 'SIGCONT');
    await server.settle();
    expect(await count(server, 'k')).toBe(0);
  },
};

const op = (name: string, lease: number) => ({
  request_put: { key: key(name), value: VALUE, lease },
});

const unknownInTransaction: Observation = {
  rule: 'KV-07',
  title: 'an unknown lease fails a transaction from the branch that is taken, not from the other',
  show: async (server) => {
    const { etcd } = server;
    const before = (await put(server, 'k')).header.revision;
    const taken = etcd.kv.txn({ success: [op('a', 0), op('b', 99)] });
    await expect(taken).rejects.toThrow('requested lease not found');
    const nested = { request_txn: { success: [op('b', 99)] } };
    const inner = etcd.kv.txn({ success: [op('a', 0), nested] });
    await expect(inner).rejects.toThrow('requested lease not found');
    expect(await count(server, 'a')).toBe(0);
    const other = await etcd.kv.txn({ success: [op('a', 0)], failure: [op('b', 99)] });
    expect(other.header.revision).toBe(String(Number(before) + 1));
  },
};

const sameKeyTwice: Observation = {
  rule: 'KV-09',
  title: 'a key that is touched twice is refused; a deletion from a key on is not seen to touch it',
  show: async ({ etcd }) => {
    const twice = etcd.kv.txn({ success: [op('a', 0), op('a', 0)] });
    await expect(twice).rejects.toThrow('duplicate key given in txn request');
    const all = { request_delete_range: { key: key('a'), range_end: Buffer.from([0]) } };
    await etcd.kv.txn({ success: [all, op('b', 0)] });
  },
};

const oneRevision: Observation = {
  rule: 'KV-10',
  title: 'the writes of a transaction share one revision',
  show: async ({ etcd }) => {
    const nested = { request_txn: { success: [op('b', 0)] } };
    const { header } = await etcd.kv.txn({ success: [op('a', 0), nested] });
    const { kvs } = await etcd.kv.range({ key: key('a'), range_end: key('c') });
    expect(kvs.map((kv) => kv.mod_revision)).toEqual([header.revision, header.revision]);
  },
};

const comparedLeases: Observation = {
  rule: 'KV-11',
  title: 'leases compare as signed numbers, a missing key as 0',
  show: async (server) => {
    const { etcd } = server;
    const holds = async (name: string, result: CompareResult, lease: number): Promise<boolean> => {
      const compare = [{ target: CompareTarget.Lease, result, key: key(name), lease }];
      return (await etcd.kv.txn({ compare })).succeeded;
    };
    const { Equal, Greater, Less } = CompareResult;
    await grant(server, -5, 60);
    await put(server, 'k', -5);
    expect(await holds('k', Equal, -5)).toBe(true);
    expect(await holds('k', Less, 0)).toBe(true);
    expect(await holds('k', Greater, -6)).toBe(true);
    expect(await holds('none', Equal, 0)).toBe(true);
    expect(await holds('none', Greater, -1)).toBe(true);
    expect(await holds('none', Less, 0)).toBe(false);
  },
};

export const OBSERVATIONS: readonly Observation[] = [
  wallClock,
  grantWithoutSpace,
  history,
  revokeWithoutSpace,
  expireWithoutSpace,
  pausedLeader,
  unknownInTransaction,
  sameKeyTwice,
  oneRevision,
  comparedLeases,
];
