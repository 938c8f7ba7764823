/**
 * What docs/FINDINGS.md calls confirmed of etcdctl: its findings with a real etcd, both on one
 * clock in hand, over TCP. A test that fails says that the client does better now.
 */
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { needsThisMachine } from '../../timewarp/this-machine.ts';
import { testEtcd } from '../../harness/targets/etcd-under-test.ts';
import { Confirmed } from './confirmed.ts';
import { type OneClock, onOneClock, type Told } from './one-clock.ts';

needsThisMachine();

const findings = new Confirmed('etcdctl');

const etcdctl = async (
  clock: OneClock,
  url: string,
  args: readonly string[],
  version?: string,
): Promise<Told> => {
  const { path } = await testEtcd(version);
  return clock.run(join(dirname(path), 'etcdctl'), args, url);
};

const grant = async ({ client }: OneClock, ttl: number): Promise<string> =>
  (await client.leaseClient.leaseGrant({ ID: '0', TTL: String(ttl) })).ID;

const keepAlive = (lease: string): string[] => ['lease', 'keep-alive', BigInt(lease).toString(16)];

/** When it heard of renewals. */
const renewals = ({ lines }: Told): number[] =>
  lines.flatMap((line) => (line.includes(' keepalived ') ? [Number.parseInt(line, 10)] : []));

onOneClock(findings.title('late-answer'), async (clock) => {
  const { proxy, url } = await clock.behindHttp2();
  const lease = await grant(clock, 9);
  const program = await etcdctl(clock, url, keepAlive(lease));
  await clock.advanceTo(5_900);
  proxy.holdReplies();
  await clock.advanceTo(6_200);
  proxy.dropRequests();
  await clock.advanceTo(11_000);
  proxy.releaseReplies();
  await clock.advanceTo(19_900);
  expect(renewals(program)).toEqual([0, 3_000, 11_100]);
  expect({ ttl: await clock.ttlOf(lease), endedAt: program.endedAt }).toEqual({
    ttl: -1,
    endedAt: null,
  });
});

onOneClock(findings.title('silent-stream'), async (clock) => {
  const { proxy, url } = await clock.behindHttp2();
  const [lease, other] = [await grant(clock, 9), await grant(clock, 60)];
  const program = await etcdctl(clock, url, keepAlive(lease));
  await clock.advanceTo(4_000);
  proxy.abandon();
  await clock.advanceTo(5_000);
  const second = await etcdctl(clock, url, keepAlive(other));
  expect(renewals(second)).toEqual([5_000]);
  await clock.advanceTo(13_000);
  expect(await clock.ttlOf(lease)).toBe(-1);
  expect(program.lines.at(-1)).toMatch(/^1\d+ lease \w+ expired or revoked\.$/);
});

onOneClock(findings.title('lock-outlives-key'), async (clock) => {
  const { proxy, url } = await clock.behindTcp();
  await clock.advanceTo(200);
  const program = await etcdctl(clock, url, ['lock', '--ttl', '3', 'L']);
  await clock.advanceTo(4_000);
  expect(program.lines).toEqual([expect.stringMatching(/^200 L\/\w+$/), '200 ']);
  proxy.silence();
  await clock.advanceTo(7_100);
  const keys = await clock.client.getAll().prefix('L/').keys();
  expect({ keys, endedAt: program.endedAt }).toEqual({ keys: [], endedAt: null });
  await clock.advanceTo(7_300);
  expect(program.endedAt).toBe(7_200);
});

for (const version of ['3.4.23', '3.5.30']) {
  const title = `${findings.title('wall-clock-drops-connection')} (etcdctl ${version})`;
  onOneClock(title, async (clock) => {
    const { proxy, url } = await clock.behindTcp();
    const lease = await grant(clock, 2);
    const program = await etcdctl(clock, url, keepAlive(lease), version);
    await clock.advanceTo(4_000);
    clock.wallOffset = -60_000;
    const connections = proxy.attempts.length;
    await clock.advanceTo(15_900);
    expect(proxy.attempts).toHaveLength(connections);
    await clock.advanceTo(17_000);
    expect(proxy.attempts).toHaveLength(connections + 1);
    expect(renewals(program).slice(-2)).toEqual([15_000, 16_500]);
  });
}

test('what is said to be confirmed is played here', () => {
  expect(findings.missing).toEqual([]);
});
