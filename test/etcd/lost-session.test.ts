/** A session that has an etcd of its own, which goes away. */
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { asBytes, NO_BYTES } from '../../src/api/bytes.ts';
import { PLAIN_WATCH } from '../../src/api/command.ts';
import { DEFAULT_CONFIG } from '../../src/api/config.ts';
import { milliseconds } from '../../src/api/units.ts';
import type { Sink } from '../../src/harness/target.ts';
import { VirtualEtcd } from '../../src/harness/targets/virtual-etcd.ts';
import { virtualSessions } from '../../src/harness/targets/virtual-sessions.ts';
import { testEtcd, until } from '../harness/targets/etcd-under-test.ts';
import { onVirtualClock } from './virtual-clock-at-hand.ts';

/** A session, its server, and why the session was lost. */
const openAlone = async () => {
  const { path: binary, version } = await testEtcd();
  const server = await VirtualEtcd.start({ binary, version, config: DEFAULT_CONFIG });
  const losses: string[] = [];
  const sink: Sink = {
    answered: () => {},
    turned: () => {},
    watched: () => {},
    delivered: () => {},
    lost: (why) => losses.push(why),
  };
  const session = await (await virtualSessions(server, DEFAULT_CONFIG, 'one')).open(sink);
  return { server, session, losses };
};

const RESTART = { kill: true, down: milliseconds(3000), config: DEFAULT_CONFIG };

onVirtualClock('an etcd of a session’s own', () => {
  test('that died is lost once, and taken away with the session', async () => {
    const { server, session, losses } = await openAlone();
    process.kill(server.pid, 'SIGKILL');
    await until(() => server.hasEnded);
    await session.restart?.(RESTART);
    expect(losses).toEqual(['etcd-virtual: the process has ended']);
    await session.close();
    expect(existsSync(server.directory)).toBe(false);
  });

  test('that does not come up again is lost, and ends with the session', async () => {
    const { server, session, losses } = await openAlone();
    const config = { ...DEFAULT_CONFIG, heartbeat: milliseconds(400) };
    await session.restart?.({ ...RESTART, config });
    expect(losses).toEqual(['etcd-virtual: the process has ended']);
    await session.close();
    expect(existsSync(server.directory)).toBe(false);
    expect(existsSync(`/proc/${server.pid}`)).toBe(false);
  });

  test('that is stopped while a watch is asked for is lost, not waited for', async () => {
    const { server, session, losses } = await openAlone();
    const range = { key: asBytes('k'), rangeEnd: NO_BYTES };
    process.kill(server.pid, 'SIGSTOP');
    await session.call(0, { ...PLAIN_WATCH, kind: 'watch', token: 1, stream: 1, ...range });
    expect(losses).toEqual([expect.stringMatching(/^etcd-virtual.*(no answer|does not)/)]);
    await session.close();
    expect(existsSync(server.directory)).toBe(false);
  });
});
