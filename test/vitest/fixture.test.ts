import net from 'node:net';
import { Etcd3 } from 'etcd3';
import { describe, expect, test as plain } from 'vitest';
import { milliseconds } from '../../src/api/units.ts';
import { startEtcd, test } from '../../src/vitest/index.ts';

describe('the fixture', () => {
  test('begins at a fixed date, which time moves', async ({ etcd }) => {
    expect(Date.now()).toBe(Date.UTC(2026, 0, 1));
    expect(etcd.clock.now).toBe(0);
    const before = performance.now();
    let isRung = false;
    setTimeout(() => {
      isRung = true;
    }, 1500);
    await etcd.clock.advance(1499);
    expect(isRung).toBe(false);
    await etcd.clock.advance(1);
    expect(isRung).toBe(true);
    expect([Date.now() - Date.UTC(2026, 0, 1), performance.now() - before]).toEqual([1500, 1500]);
  });

  test.extend('etcdOptions', { version: '3.4.23', seed: 7n })(
    'takes options',
    async ({ etcd, etcdOptions }) => {
      expect(etcdOptions).toMatchObject({ seed: 7n });
      const client = new Etcd3(etcd.clientOptions);
      const { header } = await client.kv.range({ key: Buffer.from('k') });
      expect(header.revision).toBe('1');
    },
  );
});

describe('startEtcd', () => {
  plain('gives back what it took', async () => {
    const took = () => [setTimeout, clearTimeout, Date, Math.random, net.connect, process.hrtime];
    const before = took();
    const etcd = await startEtcd();
    took().forEach((now, index) => expect(now).not.toBe(before[index]));
    await etcd.close();
    await etcd.close();
    expect(took()).toEqual(before);
  });

  plain('the same seed gives the same random numbers, another one others', async () => {
    const draw = async (seed: bigint): Promise<string> => {
      const etcd = await startEtcd({ seed });
      const drawn = [Math.random(), Math.random()].join();
      await etcd.close();
      return drawn;
    };
    expect(await draw(1n)).toBe(await draw(1n));
    expect(await draw(1n)).not.toBe(await draw(2n));
  });

  plain('takes flags of etcd in plain numbers, and refuses what etcd would', async () => {
    const etcd = await startEtcd({ config: { heartbeat: 500, election: 5000 } });
    const client = new Etcd3(etcd.clientOptions);
    const { TTL } = await client.leaseClient.leaseGrant({ TTL: '1' });
    expect(TTL).toBe('8');
    await etcd.close();
    for (const config of [{ heartbeat: 500 }, { progressInterval: 99 }, { election: Number.NaN }]) {
      await expect(startEtcd({ config })).rejects.toThrow(/^etcd does not start with \{"/);
    }
    expect('isFake' in Date).toBe(false);
  });

  plain('a second one in lockstep is refused with a word on what to do', async () => {
    const first = await startEtcd();
    await expect(startEtcd()).rejects.toThrow(/one etcd in lockstep at a time.*clientTime: 'real'/);
    await first.close();
  });

  plain('with real client time there may be several, and timers are left alone', async () => {
    const before = setTimeout;
    await using one = await startEtcd({ clientTime: 'real' });
    await using two = await startEtcd({ clientTime: 'real' });
    expect(setTimeout).toBe(before);
    const [first, second] = [new Etcd3(one.clientOptions), new Etcd3(two.clientOptions)];
    await first.put('k').value('v');
    const granted = await second.leaseClient.leaseGrant({ TTL: '10' });
    await two.clock.advance(10_000);
    const left = await second.leaseClient.leaseTimeToLive({ ID: granted.ID });
    expect([await first.get('k').string(), left.TTL]).toEqual(['v', '-1']);
    expect(await second.get('k').string()).toBeNull();
    first.close();
    second.close();
  });

  plain('what never rests is an error, not a hang', async () => {
    await using etcd = await startEtcd({ settle: { turnLimit: 100 } });
    const client = new Etcd3(etcd.clientOptions);
    const restless = { isOver: false };
    const run = async (): Promise<void> => {
      while (!restless.isOver) await client.get('k').string();
    };
    const over = run();
    await expect(etcd.clock.advance(1)).rejects.toThrow(/no rest after 100 turns/);
    restless.isOver = true;
    await over;
    client.close();
  });
});

describe('the clock', () => {
  test('until: as much time as a promise needs', async ({ etcd }) => {
    const later = new Promise<string>((resolve) => {
      setTimeout(() => resolve('rung'), 7_300);
    });
    expect(await etcd.clock.until(later)).toBe('rung');
    expect(etcd.clock.now).toBe(7_300);
    const never = etcd.clock.until(new Promise(() => {}), { atMost: 2_000 });
    await expect(never).rejects.toThrow('not come within 2000 ms');
  });

  test('at: what the test does in the midst of time', async ({ etcd }) => {
    const client = new Etcd3(etcd.clientOptions);
    const seen: string[] = [];
    etcd.clock.at(250, () => {
      void client
        .put('k')
        .value('v')
        .then(() => seen.push(`put ${etcd.clock.now}`));
    });
    setTimeout(() => seen.push(`timer ${etcd.clock.now}`), 250);
    await etcd.clock.advance(1000);
    expect(seen).toEqual(['put 250', 'timer 250']);
    client.close();
  });

  test('one advance at a time, and only forward', async ({ etcd }) => {
    const first = etcd.clock.advance(10);
    await expect(etcd.clock.advance(10)).rejects.toThrow('await it');
    await first;
    await expect(etcd.clock.advanceTo(5)).rejects.toThrow(RangeError);
    await expect(etcd.clock.advance(0.5)).rejects.toThrow(RangeError);
  });
});

describe('the process', () => {
  test('RESTART-02: a lease is there after a restart, with its full TTL', async ({ etcd }) => {
    const { clock, process } = etcd;
    const ttlOf = async (ID: string): Promise<string> => {
      const client = new Etcd3(etcd.clientOptions);
      try {
        return (await clock.until(client.leaseClient.leaseTimeToLive({ ID }))).TTL;
      } finally {
        client.close();
      }
    };
    const client = new Etcd3(etcd.clientOptions);
    const { ID } = await client.leaseClient.leaseGrant({ TTL: '5' });
    await clock.advance(4000);
    expect(await ttlOf(ID)).toBe('1');
    process.stop();
    await clock.advance(60_000);
    await expect(ttlOf(ID)).rejects.toThrow('UNAVAILABLE');
    expect(process.start({ election: milliseconds(3000) }).map(String)).toEqual([ID]);
    expect(await ttlOf(ID)).toBe('8');
    client.close();
  });
});
