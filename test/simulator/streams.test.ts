import { expect, test } from 'vitest';
import { FROM_KEY } from '../../src/api/bytes.ts';
import { DEFAULT_CONFIG } from '../../src/api/config.ts';
import { Rig } from './rig.ts';

test('of a client that is gone nothing is delivered any more', () => {
  const rig = new Rig();
  rig.watch('k', '');
  rig.watch('j', 'l');
  rig.watch('k', '', { stream: 2 });
  rig.simulator.closeWatchStream(1);
  rig.simulator.closeWatchStream(9);
  rig.put('k');
  expect(rig.delivered()).toEqual(['2.0 @2 put k=v@2']);
  expect(rig.simulator.status).toMatchObject({ watches: 1, watchStreams: 1 });
  // Another client: ids count anew.
  expect(rig.watch('k', '')).toBe('watch 0 @2');
});

test('a keep-alive of a client that is gone is not answered, and others are', () => {
  const rig = new Rig();
  rig.advanceTo(100);
  rig.grant(1n, 2);
  rig.grant(2n, 60);
  rig.advanceTo(2100);
  rig.log.length = 0;
  for (const stream of [1, 2]) rig.keepAlive(1n, stream);
  rig.keepAlive(2n, 1);
  rig.simulator.closeKeepAliveStream(1);
  rig.simulator.closeKeepAliveStream(9);
  rig.advanceTo(3000);
  expect(rig.log.filter((line) => line.startsWith('answer'))).toEqual(['answer 4']);
  expect(rig.keepAlive(2n, 1)).toBe('ttl=60 @1');
});

test('the state hash tells of watches that come and go', () => {
  const rig = new Rig();
  const hashes = [rig.simulator.stateHash];
  const note = (): unknown => hashes.push(rig.simulator.stateHash);
  rig.watch('k', '');
  note();
  rig.watch('k', 'l');
  note();
  rig.send({ kind: 'cancelWatch', stream: 1, watch: 0n });
  note();
  rig.simulator.closeWatchStream(1);
  note();
  expect(new Set(hashes).size).toBe(5);
  rig.send({ kind: 'watchProgress', stream: 1 });
  rig.send({ kind: 'cancelWatch', stream: 1, watch: 0n });
  expect(rig.simulator.stateHash).toBe(hashes.at(-1));
});

test('a command from within a delivery is carried out after the one under way', () => {
  const log: string[] = [];
  const rig: Rig = new Rig(
    {},
    {
      onDelivery: ({ revision, watch }) => {
        log.push(`${watch} @${revision}`);
        if (log.length === 1) {
          rig.simulator.closeWatchStream(2);
          rig.delete('\0', FROM_KEY);
        }
      },
    },
  );
  rig.watch('k', '');
  rig.watch('k', '', { stream: 2, watch: 7n });
  rig.put('k');
  expect(log).toEqual(['0 @2', '7 @2', '0 @3']);
});

test('RESTART-01: a process that ends delivers nothing of what it has committed', () => {
  const rig = new Rig();
  rig.watch('k', '');
  rig.simulator.stall();
  expect(rig.put('k')).toBe('waits');
  rig.simulator.stop();
  expect(rig.delivered()).toEqual([]);
  rig.simulator.start(DEFAULT_CONFIG);
  expect(rig.range('k')).toBe('k=v/0/2/2/1');
  expect(rig.delivered()).toEqual([]);
});
