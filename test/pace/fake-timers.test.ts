import { createClock, install } from '@sinonjs/fake-timers';
import { describe, expect, test } from 'vitest';
import { instant, milliseconds } from '../../src/api/units.ts';
import { VirtualClock } from '../../src/clock/virtual-clock.ts';
import { InvariantViolation } from '../../src/invariant.ts';
import { joinFakeTimers } from '../../src/pace/fake-timers.ts';

/** A pair of clocks and a log of what happened when, on both. */
function setUp({ virtual = 0, fake = 0 } = {}) {
  const clock = new VirtualClock(instant(virtual));
  const timers = createClock(fake);
  const joined = joinFakeTimers(clock, timers);
  const log: string[] = [];
  const note = (what: string) => log.push(`${what} ${clock.now}/${timers.now}`);
  const server = (at: number, what: string) => clock.schedule(instant(at), () => note(what));
  const client = (delay: number, what: string) => timers.setTimeout(() => note(what), delay);
  return { clock, timers, joined, log, note, server, client };
}

describe.each(['advance', 'advanceSync'] as const)('%s', (way) => {
  test('events of both clocks happen in the order of time, at their instants', async () => {
    const { joined, log, server, client } = setUp();
    client(700, 'client');
    server(500, 'server');
    client(300, 'client');
    server(1000, 'server');
    client(900, 'client');
    await joined[way](milliseconds(1000));
    expect(log).toEqual([
      'client 300/300',
      'server 500/500',
      'client 700/700',
      'client 900/900',
      'server 1000/1000',
    ]);
  });

  test('at the same instant the server comes first, whoever was scheduled first', async () => {
    const { joined, log, server, client } = setUp();
    client(500, 'client');
    server(500, 'server');
    client(500, 'client again');
    await joined[way](milliseconds(500));
    expect(log).toEqual(['server 500/500', 'client 500/500', 'client again 500/500']);
  });

  test('stops at the end and leaves what is due a millisecond later', async () => {
    const { clock, timers, joined, log, server, client } = setUp();
    server(100, 'server');
    client(100, 'client');
    await joined[way](milliseconds(99));
    expect(log).toEqual([]);
    expect([joined.now, clock.now, timers.now]).toEqual([99, 99, 99]);
    await joined[way](milliseconds(1));
    expect(log).toEqual(['server 100/100', 'client 100/100']);
  });

  test('keeps the offset of a fake clock with another epoch', async () => {
    const { timers, joined, log, server, client } = setUp({ virtual: 40, fake: 1_700_000_000_000 });
    client(60, 'client');
    server(90, 'server');
    await joined[way](milliseconds(60));
    expect(log).toEqual(['server 90/1700000000050', 'client 100/1700000000060']);
    expect(joined.now).toBe(100);
    expect(timers.now).toBe(1_700_000_000_060);
  });

  test('timers set on the way run on the way', async () => {
    const { clock, timers, joined, log, note, server } = setUp();
    timers.setTimeout(() => {
      note('client');
      server(250, 'set by a client');
      timers.setTimeout(() => note('set by a client'), 200);
    }, 100);
    clock.schedule(instant(150), () => {
      note('server');
      timers.setTimeout(() => note('set by the server'), 0);
    });
    await joined[way](milliseconds(1000));
    expect(log).toEqual([
      'client 100/100',
      'server 150/150',
      'set by the server 150/150',
      'set by a client 250/250',
      'set by a client 300/300',
    ]);
  });

  test('what a client schedules for this very instant still runs in it', async () => {
    const { clock, timers, joined, log, note, server } = setUp();
    timers.setTimeout(() => {
      note('client');
      server(clock.now, 'server');
    }, 100);
    await joined[way](milliseconds(100));
    expect(log).toEqual(['client 100/100', 'server 100/100']);
  });

  test('by 0 runs what is due now', async () => {
    const { joined, log, server, client } = setUp();
    client(0, 'client');
    server(0, 'server');
    await joined[way](milliseconds(0));
    expect(log).toEqual(['server 0/0', 'client 0/0']);
  });

  test('an interval runs each time', async () => {
    const { timers, joined, log, note, server } = setUp();
    const id = timers.setInterval(() => note('client'), 200);
    server(300, 'server');
    await joined[way](milliseconds(500));
    timers.clearInterval(id);
    await joined[way](milliseconds(500));
    expect(log).toEqual(['client 200/200', 'server 300/300', 'client 400/400']);
  });

  test.each([-1, 0.5, Number.NaN])('by %d is refused', async (by) => {
    const { joined } = setUp();
    await expect(async () => joined[way](milliseconds(by))).rejects.toThrow(InvariantViolation);
  });

  test('after an error of a callback both clocks stand at its instant and can go on', async () => {
    const { clock, timers, joined, log, server, client } = setUp();
    timers.setTimeout(() => {
      throw new Error('of a client');
    }, 100);
    clock.schedule(instant(200), () => {
      throw new Error('of the server');
    });
    client(300, 'client');
    server(300, 'server');
    await expect(async () => joined[way](milliseconds(500))).rejects.toThrow('of a client');
    expect([clock.now, timers.now]).toEqual([100, 100]);
    await expect(async () => joined[way](milliseconds(500))).rejects.toThrow('of the server');
    expect([clock.now, timers.now]).toEqual([200, 200]);
    await joined[way](milliseconds(100));
    expect(log).toEqual(['server 300/300', 'client 300/300']);
  });

  test('a clock that was moved by itself is refused, and can be joined anew', async () => {
    const { clock, timers, joined } = setUp();
    timers.tick(10);
    await expect(async () => joined[way](milliseconds(1))).rejects.toThrow('move together');
    const anew = joinFakeTimers(clock, timers);
    await anew[way](milliseconds(5));
    expect([clock.now, timers.now]).toEqual([5, 15]);
    clock.advanceTo(instant(6));
    await expect(async () => anew[way](milliseconds(1))).rejects.toThrow('move together');
  });

  test('a callback that moves the fake clock by itself ends the advance', async () => {
    const { timers, joined } = setUp();
    timers.setTimeout(() => timers.setSystemTime(5000), 100);
    await expect(async () => joined[way](milliseconds(200))).rejects.toThrow('move together');
  });

  test('an advance within an advance is refused', async () => {
    const { clock, timers, joined } = setUp();
    const refused: unknown[] = [];
    const nested = () => {
      try {
        joined.advanceSync(milliseconds(1));
      } catch (error) {
        refused.push(error);
      }
    };
    clock.schedule(instant(5), nested);
    timers.setTimeout(nested, 7);
    await joined[way](milliseconds(10));
    expect(refused).toEqual([expect.any(InvariantViolation), expect.any(InvariantViolation)]);
    expect(joined.now).toBe(10);
  });
});

describe('promises', () => {
  test('settle before time moves, between timers and after the last', async () => {
    const { timers, joined, log, note, server } = setUp();
    const sleep = (delay: number) =>
      new Promise<void>((resolve) => {
        timers.setTimeout(() => resolve(), delay);
      });
    const worker = async () => {
      await Promise.resolve();
      for (let round = 1; round <= 3; round += 1) {
        await sleep(100);
        note('worker');
      }
    };
    const done = worker();
    server(200, 'server');
    await joined.advance(milliseconds(300));
    await done;
    expect(log).toEqual(['worker 100/100', 'server 200/200', 'worker 200/200', 'worker 300/300']);
  });

  test('a promise that the server settles is seen by the client at that instant', async () => {
    const { clock, timers, joined, log, note } = setUp();
    const watching = new Promise<void>((resolve) => {
      clock.schedule(instant(500), resolve);
    }).then(() => timers.setTimeout(() => note('client'), 50));
    timers.setTimeout(() => note('other client'), 540);
    await joined.advance(milliseconds(1000));
    await watching;
    expect(log).toEqual(['other client 540/540', 'client 550/550']);
  });

  test('a second advance is refused while one is under way', async () => {
    const { joined } = setUp();
    const first = joined.advance(milliseconds(10));
    await expect(joined.advance(milliseconds(10))).rejects.toThrow(InvariantViolation);
    await first;
    expect(joined.now).toBe(10);
  });
});

test('global timers that the library has replaced follow as well', async () => {
  const clock = new VirtualClock();
  const timers = install({ toFake: ['setTimeout', 'Date'], now: 1_000_000 });
  try {
    const joined = joinFakeTimers(clock, timers);
    const seen: number[][] = [];
    setTimeout(() => seen.push([clock.now, Date.now()]), 1500);
    await joined.advance(milliseconds(2000));
    expect(seen).toEqual([[1500, 1_001_500]]);
    expect(Date.now()).toBe(1_002_000);
  } finally {
    timers.uninstall();
  }
});

test('the join leaves no timer behind', () => {
  const { timers } = setUp();
  expect(timers.countTimers()).toBe(0);
});

test('a clock whose timers cannot be read is refused', () => {
  const opaque = {
    now: 0,
    tick: () => 0,
    next: () => 0,
    tickAsync: async () => 0,
    setTimeout: () => 1,
    clearTimeout: () => undefined,
  };
  expect(() => joinFakeTimers(new VirtualClock(), opaque)).toThrow(InvariantViolation);
});
