/** A real etcd at rest: what is due has run, and nothing else has. */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Etcd3 } from 'etcd3';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { freePorts } from '../../src/harness/targets/etcd-ports.ts';
import { Connections } from '../../src/harness/targets/grpc-connections.ts';
import { MILLISECOND, SECOND } from '../../src/timewarp/nanoseconds.ts';
import { settleAll } from '../../src/timewarp/settle.ts';
import { stepAll, type WarpedProcess } from '../../src/timewarp/warped-process.ts';
import { testEtcd } from '../harness/targets/etcd-under-test.ts';
import { needsThisMachine, start, startReader, warpTest } from './this-machine.ts';

needsThisMachine();

const folder = mkdtempSync(path.join(tmpdir(), 'leasehold-test-'));
let binary = '';
beforeAll(async () => {
  binary = (await testEtcd()).path;
}, 120_000);
const connections: Connections[] = [];
afterAll(() => {
  for (const each of connections) each.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

interface Member {
  readonly process: WarpedProcess;
  readonly etcd: Etcd3;
  readonly clientPort: number;
}

const WALL = BigInt(Date.UTC(2031, 0, 1)) * MILLISECOND;
/** etcd's expiry loop sleeps this long between its turns. */
const TURN = 500n * MILLISECOND;

/** Members of one cluster on frozen clocks, before any election. */
const startMembers = async (count: number): Promise<Member[]> => {
  const ports = await freePorts(2 * count);
  const url = (index: number) => `http://127.0.0.1:${ports[index]}`;
  const names = Array.from({ length: count }, (_, index) => `m${index}-${ports[index]}`);
  const cluster = names.map((name, index) => `${name}=${url(count + index)}`).join();
  const members: Member[] = [];
  for (const [index, name] of names.entries()) {
    const settings = {
      name,
      'data-dir': path.join(folder, name),
      'listen-client-urls': url(index),
      'advertise-client-urls': url(index),
      'listen-peer-urls': url(count + index),
      'initial-advertise-peer-urls': url(count + index),
      'initial-cluster': cluster,
      'log-level': 'error',
    };
    const args = Object.entries(settings).map(([key, value]) => `--${key}=${value}`);
    const options = { env: {}, stdio: 'ignore', wall: WALL + BigInt(index) } as const;
    const process = await start(binary, [...args, '--unsafe-no-fsync'], options);
    const grpc = new Connections([url(index)]);
    connections.push(grpc);
    members.push({ process, etcd: grpc.of(0, 0), clientPort: ports[index] as number });
  }
  return members;
};

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });

/** Steps until every member knows of a leader. */
const elect = async (members: readonly Member[]): Promise<void> => {
  const processes = members.map(({ process }) => process);
  for (const { clientPort } of members) {
    while (!(await accepts(clientPort))) await settleAll(processes);
  }
  const waiting = new Set(members);
  const patience = performance.now() + PATIENCE_MS;
  const isInTime = (): boolean => performance.now() < patience;
  // A member answers nothing before it knows of a leader: not awaited. What came before it was all
  // up may be reset, or lost without a word: each time on a connection of its own.
  const ask = async (member: Member): Promise<void> => {
    while (isInTime() && waiting.has(member)) {
      const probe = new Connections([`http://127.0.0.1:${member.clientPort}`]);
      const status = probe.of(0, 0).maintenance.status();
      const answer = await Promise.race([status, sleep(ANSWER_MS, null)]).catch(() => null);
      if (answer !== null) waiting.delete(member);
      else await sleep(PAUSE_MS);
      probe.close();
    }
  };
  for (const member of members) void ask(member);
  while (waiting.size > 0) {
    expect(isInTime(), 'there is a leader after so long').toBe(true);
    await stepAll(processes, 100n * MILLISECOND, { stride: SECOND });
    await sleep(PAUSE_MS);
  }
};

/** For all of an election. In real time, as clients wait in it before they connect again. */
const PATIENCE_MS = 30_000;
/** For one answer. */
const ANSWER_MS = 3000;
const PAUSE_MS = 10;

const startEtcd = async (): Promise<Member> => {
  const [member] = (await startMembers(1)) as [Member];
  await elect([member]);
  return member;
};

let ids = 1;

const grant = async ({ etcd }: Member, ttl: number): Promise<string> => {
  ids += 1;
  const { TTL } = await etcd.leaseClient.leaseGrant({ TTL: ttl, ID: ids });
  expect(TTL).toBe(String(ttl));
  await etcd.kv.put({ key: Buffer.from(`k${ids}`), value: Buffer.from('v'), lease: ids });
  return String(ids);
};

const ttlOf = async ({ etcd }: Member, id: string): Promise<number> =>
  Number((await etcd.leaseClient.leaseTimeToLive({ ID: id })).TTL);

const hasKey = async ({ etcd }: Member, id: string): Promise<boolean> =>
  (await etcd.kv.range({ key: Buffer.from(`k${id}`), serializable: true })).count === '1';

describe('one etcd', () => {
  warpTest('lives from grant to expiry, to the nanosecond, hundreds of times', async () => {
    const member = await startEtcd();
    const { process } = member;
    // Where it lands the expiry loop runs, and again every half second after.
    await process.jump(SECOND);
    const wrong: string[] = [];
    const check = (what: string, seen: number | boolean, expected: number | boolean) => {
      if (seen !== expected) wrong.push(`${what}: ${seen} instead of ${expected}`);
    };
    for (let cycle = 0; cycle < 200; cycle += 1) {
      const ttl = 2 + ((cycle * 7) % 60);
      const life = BigInt(ttl) * SECOND;
      const id = await grant(member, ttl);
      check('ttl at 0', await ttlOf(member, id), ttl);
      await process.jump(life - 1n);
      check('ttl at -1 ns', await ttlOf(member, id), 0);
      check('key at -1 ns', await hasKey(member, id), true);
      await process.jump(1n);
      check('key at the deadline, between turns', await hasKey(member, id), true);
      await process.jump(TURN - 2n);
      check('key 1 ns before the turn', await hasKey(member, id), true);
      await process.jump(1n);
      check('key at the turn', await hasKey(member, id), false);
      check('ttl at the turn', await ttlOf(member, id), -1);
    }
    expect(wrong).toEqual([]);
  });

  warpTest('a hundred leases that end together all go in the turn', async () => {
    const member = await startEtcd();
    await member.process.jump(SECOND);
    const ids: string[] = [];
    for (let index = 0; index < 100; index += 1) ids.push(await grant(member, 5));
    await member.process.jump(5n * SECOND - 1n);
    const before = await Promise.all(ids.map((id) => hasKey(member, id)));
    await member.process.jump(TURN);
    const after = await Promise.all(ids.map((id) => hasKey(member, id)));
    expect([before, after].map((each) => each.filter(Boolean).length)).toEqual([100, 0]);
  });

  warpTest('in strides of a turn each turn runs; a lease ends at the first after it', async () => {
    const member = await startEtcd();
    const { process } = member;
    await process.jump(SECOND);
    const turn = process.clock.now().elapsed;
    await process.jump(200n * MILLISECOND);
    const id = await grant(member, 5);
    await process.step(turn + TURN, { stride: TURN });
    expect(await process.step(turn + 11n * TURN - 1n, { stride: TURN })).toBe(10);
    expect(await hasKey(member, id)).toBe(true);
    expect(await process.step(turn + 11n * TURN, { stride: TURN })).toBe(1);
    expect(await hasKey(member, id)).toBe(false);
    expect(await process.step(turn + 11n * TURN, { stride: TURN })).toBe(0);
  });

  warpTest('from timer to timer it meets its 100 ms tick', async () => {
    const { process } = await startEtcd();
    const { elapsed } = process.clock.now();
    const { nextTimerMs } = await process.settle();
    expect(nextTimerMs).toBeLessThanOrEqual(100);
    const strides = await process.step(elapsed + 5n * SECOND);
    expect(process.clock.now().elapsed).toBe(elapsed + 5n * SECOND);
    expect(strides).toBeGreaterThanOrEqual(50);
    expect(process.look()).toMatchObject({ quiet: true });
  });

  warpTest('a year passes in a moment', async () => {
    const member = await startEtcd();
    await member.process.jump(SECOND);
    const id = await grant(member, 366 * 86_400);
    await member.process.jump(365n * 86_400n * SECOND);
    expect(await ttlOf(member, id)).toBe(86_400);
    await member.process.jump(86_400n * SECOND);
    expect(await hasKey(member, id)).toBe(false);
  });

  warpTest('released, it ends by itself', async () => {
    const { process } = await startEtcd();
    await process.stop();
    expect(process.child.signalCode ?? process.child.exitCode).toBe('SIGTERM');
  });
});

describe('a cluster', () => {
  warpTest('elects, replicates, and elects again, on clocks that stand still', async () => {
    const members = await startMembers(3);
    await elect(members);
    const processes = members.map(({ process }) => process);
    const id = await grant(members[0] as Member, 5);
    await settleAll(processes);
    const keys = () => Promise.all(members.map((member) => hasKey(member, id)));
    expect(await keys()).toEqual([true, true, true]);
    await stepAll(processes, 4n * SECOND, { stride: 100n * MILLISECOND });
    expect(await keys()).toEqual([true, true, true]);
    await stepAll(processes, 2n * SECOND, { stride: 100n * MILLISECOND });
    expect(await keys()).toEqual([false, false, false]);

    const statuses = await Promise.all(members.map(({ etcd }) => etcd.maintenance.status()));
    const leader = statuses.findIndex((each) => each.leader === each.header.member_id);
    await processes[leader]?.stop({ signal: 'SIGKILL' });
    const rest = members.filter((_member, index) => index !== leader);
    await stepAll(
      rest.map(({ process }) => process),
      10n * SECOND,
      { stride: 100n * MILLISECOND },
    );
    const after = await (rest[0] as Member).etcd.maintenance.status();
    expect(after.leader).not.toBe(statuses[leader]?.leader);
    expect(Number(after.raftTerm)).toBeGreaterThan(Number(statuses[leader]?.raftTerm));
    await grant(rest[0] as Member, 5);
  });
});

describe('what cannot be settled', () => {
  warpTest('a program that is not Go is named', async () => {
    const { process, ask } = await startReader();
    expect(await ask('1 + 1')).toBe(2);
    await expect(process.settle({ timeoutMs: 200 })).rejects.toMatchObject({
      name: 'WarpFailed',
      code: 'NOTGO',
      message: expect.stringContaining('it does not handle SIGURG as Go programs do'),
    });
  });

  warpTest('a process that does not rest is given up, and what it does is told', async () => {
    const { process } = await startEtcd();
    process.child.kill('SIGSTOP');
    await expect(process.settle({ timeoutMs: 100 })).rejects.toMatchObject({
      code: 'RESTLESS',
      message: expect.stringMatching(/does not come to rest in time: a thread is/),
    });
    process.child.kill('SIGCONT');
    await process.settle();
  });

  warpTest('one that ends meanwhile is told from it', async () => {
    const { process, ask } = await startReader();
    void ask('while (true);').catch(() => {});
    const settling = process.settle();
    process.child.kill('SIGKILL');
    await expect(settling).rejects.toMatchObject({ code: 'ENDED' });
  });
});
