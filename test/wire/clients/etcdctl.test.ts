/**
 * etcd's own command line, unchanged: each command of leases prints and exits as it does on a real
 * etcd, and so does what else a user would type.
 */
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { testEtcd } from '../../harness/targets/etcd-under-test.ts';
import { serve, type Served, stopServing } from '../served.ts';
import { type Child, type Ended, start } from './child.ts';

afterEach(stopServing);

interface Ctl extends Served {
  readonly run: (args: string, input?: string) => Promise<Ended>;
  readonly begin: (args: string) => Child;
}

const ctl = async (version: string): Promise<Ctl> => {
  const { path } = await testEtcd(version);
  const served = await serve({ version });
  const begin = (args: string, input = '') =>
    start(join(dirname(path), 'etcdctl'), words(args), {
      env: { ETCDCTL_API: '3', ETCDCTL_ENDPOINTS: served.address },
      input,
    });
  return { ...served, begin, run: (args, input) => begin(args, input).ended };
};

/** As a shell would cut them; an argument in quotes may be empty. */
const words = (args: string): string[] =>
  [...args.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');

const ID = '0000000000000abc';

describe.each(['3.4.23', '3.5.30'])('etcdctl %s', { timeout: 60_000 }, (version) => {
  test('lease grant', async () => {
    const { run } = await ctl(version);
    const said = async (args: string) => {
      const { code, out, err } = await run(args);
      return [code, out.replace(/[0-9a-f]{16}/, 'ID'), err.trim().split('\n').at(-1)];
    };
    expect(await said('lease grant 60')).toEqual([0, 'lease ID granted with TTL(60s)\n', '']);
    expect(await said('lease grant 0')).toEqual([0, 'lease ID granted with TTL(2s)\n', '']);
    expect(await said('lease grant -- -5')).toEqual([0, 'lease ID granted with TTL(2s)\n', '']);
    expect(await said('lease grant 9000000001')).toEqual([
      1,
      '',
      'Error: failed to grant lease (etcdserver: too large lease TTL)',
    ]);
  });

  test('lease timetolive, list and revoke', async () => {
    const { etcd, run } = await ctl(version);
    etcd.simulator.submit({ kind: 'grant', token: -1, id: 0xabcn, ttl: 60n });
    expect(await run(`put foo bar --lease=${ID}`)).toMatchObject({ code: 0, out: 'OK\n' });
    expect((await run(`lease timetolive ${ID}`)).out).toBe(
      `lease ${ID} granted with TTL(60s), remaining(60s)\n`,
    );
    expect((await run(`lease timetolive ${ID} --keys`)).out).toBe(
      `lease ${ID} granted with TTL(60s), remaining(60s), attached keys([foo])\n`,
    );
    expect(await run('lease timetolive 123456')).toMatchObject({
      code: 0,
      out: 'lease 0000000000123456 already expired\n',
    });
    expect((await run('lease list')).out).toBe(`found 1 leases\n${ID}\n`);
    expect(await run(`lease revoke ${ID}`)).toMatchObject({
      code: 0,
      out: `lease ${ID} revoked\n`,
    });
    const again = await run(`lease revoke ${ID}`);
    expect(again.code).toBe(1);
    expect(again.err).toContain(
      'Error: failed to revoke lease (etcdserver: requested lease not found)',
    );
    expect(await run('get foo')).toMatchObject({ code: 0, out: '' });
    const attached = await run(`put foo bar --lease=${ID}`);
    expect(attached.code).toBe(1);
    expect(attached.err).toContain('Error: etcdserver: requested lease not found');
  });

  test('lease keep-alive', async () => {
    const { advance, begin, etcd, run } = await ctl(version);
    etcd.simulator.submit({ kind: 'grant', token: -1, id: 0xabcn, ttl: 2n });
    expect(await run(`lease keep-alive --once ${ID}`)).toMatchObject({
      code: 0,
      out: `lease ${ID} keepalived with TTL(2)\n`,
    });
    const missing = await run('lease keep-alive --once 123456');
    expect(missing.code).toBe(2);
    expect(missing.err).toContain('Error: etcdserver: requested lease not found');
    expect(await run('lease keep-alive 123456')).toMatchObject({
      code: 0,
      out: 'lease 0000000000123456 expired or revoked.\n',
    });
    const keeper = begin(`lease keep-alive ${ID}`);
    await keeper.printed('keepalived');
    await advance(10_000);
    const { code, out } = await keeper.ended;
    expect(code).toBe(0);
    expect(out.trim().split('\n').at(-1)).toBe(`lease ${ID} expired or revoked.`);
  });

  test('lease commands in JSON', async () => {
    const { run } = await ctl(version);
    const json = async (args: string) => JSON.parse((await run(`${args} -w json`)).out) as unknown;
    const header = {
      cluster_id: Number(0xcdf818194e3a8c32n),
      member_id: Number(0x8e9e05c52164694dn),
      raft_term: 2,
      revision: 1,
    };
    expect(await json('lease grant 60')).toMatchObject({ ...header, TTL: 60, Error: '' });
    expect(await json('lease timetolive abcdef')).toMatchObject({
      ...header,
      id: 0xabcdef,
      ttl: -1,
      'granted-ttl': 0,
      keys: null,
    });
    expect(await json('lease list')).toMatchObject({ ...header, leases: [{}] });
  });

  test('put, get, del, txn, compaction', async () => {
    const { run } = await ctl(version);
    await run('put a 1');
    await run('put b 2');
    expect((await run("get '' --prefix")).out).toBe('a\n1\nb\n2\n');
    expect((await run("get '' --prefix --keys-only --order=DESCEND --sort-by=KEY")).out).toBe(
      'b\n\na\n\n',
    );
    expect((await run('put a 3 --prev-kv')).out).toBe('OK\na\n1\n');
    expect((await run('get a --rev=2 --print-value-only')).out).toBe('1\n');
    expect((await run('del a --prev-kv')).out).toBe('1\na\n3\n');
    const taken = await run('txn', 'value("b") = "2"\n\nput x yes\nget b\n\nput x no\n\n');
    expect(taken.out.replace(/\n+/g, ' ')).toBe('SUCCESS OK b 2 ');
    const other = await run('txn', 'mod("b") > "100"\n\nput x yes\n\ndel b\n\n');
    expect(other.out.replace(/\n+/g, ' ')).toBe('FAILURE 1 ');
    expect(await run('compaction 5')).toMatchObject({ code: 0, out: 'compacted revision 5\n' });
    const old = await run('get a --rev=2');
    expect(old.code).toBe(1);
    expect(old.err).toContain('Error: etcdserver: mvcc: required revision has been compacted');
  });

  test('watch', async () => {
    const { begin, run } = await ctl(version);
    const watcher = begin('watch w --prefix --prev-kv --rev=1');
    await run('put w1 a');
    await run('put w1 b');
    await run('del w1');
    await watcher.printed('DELETE\nw1\nb\nw1\n');
    watcher.stop();
    expect((await watcher.ended).out.trim()).toBe(
      'PUT\nw1\na\nPUT\nw1\na\nw1\nb\nDELETE\nw1\nb\nw1',
    );
    await run('compaction 4');
    const late = await run('watch w --rev=2');
    expect(late.out + late.err).toContain('required revision has been compacted');
  });

  test('lock and elect', async () => {
    const { begin, run } = await ctl(version);
    expect(await run('lock l -- echo inside')).toMatchObject({ code: 0, out: 'inside\n' });
    const holder = begin('lock l');
    await holder.printed('l/');
    const waiting = begin('lock l -- echo second');
    holder.stop();
    await holder.ended;
    expect((await waiting.ended).out).toBe('second\n');
    const leader = begin('elect e me');
    await leader.printed('me');
    const observer = begin('elect -l e');
    await observer.printed('me');
    observer.stop();
    leader.stop();
    await Promise.all([observer.ended, leader.ended]);
  });

  test('members, endpoints, alarms, defragmentation', async () => {
    const { address, run } = await ctl(version);
    expect((await run('member list')).out).toBe(
      `8e9e05c52164694d, started, default, http://localhost:2380, http://${address}, false\n`,
    );
    expect((await run('endpoint status')).out).toContain(
      `${address}, 8e9e05c52164694d, ${version}, 20 kB, true, false, 2,`,
    );
    const { code, out, err } = await run('endpoint health');
    expect({ code, said: out + err }).toMatchObject({
      code: 0,
      said: expect.stringContaining(`${address} is healthy`) as string,
    });
    expect(await run('alarm list')).toMatchObject({ code: 0, out: '' });
    expect(await run('defrag')).toMatchObject({ code: 0 });
    const unknown = await run('member remove 8e9e05c52164694d');
    expect(unknown.code).not.toBe(0);
    expect(unknown.err).toContain('unknown method MemberRemove');
  });
});
