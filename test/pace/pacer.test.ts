import { describe, expect, test } from 'vitest';
import { instant } from '../../src/api/units.ts';
import { VirtualClock } from '../../src/clock/virtual-clock.ts';
import { Pacer, type RealTime } from '../../src/pace/pacer.ts';
import { SteeredClock } from '../../src/pace/steered-clock.ts';

/** Real time in the test's hand, whose timers come `late` milliseconds late. */
const handTime = (late = 0) => {
  let now = 1000.25;
  let timers: { at: number; run: () => void }[] = [];
  const time: RealTime = {
    now: () => now,
    after: (delay, run) => {
      const timer = { at: now + delay + late, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
  };
  const pass = async (ms: number): Promise<void> => {
    const end = now + ms;
    for (;;) {
      await Promise.resolve();
      const [next] = timers.toSorted((left, right) => left.at - right.at);
      if (next === undefined || next.at > end) break;
      timers = timers.filter((other) => other !== next);
      now = Math.max(now, next.at);
      next.run();
    }
    now = end;
  };
  return { time, pass, pending: () => timers.length };
};

/** A clock with a turn every 500 ms, and the instants at which turns ran. */
const ticking = () => {
  const clock = new VirtualClock();
  const ran: number[] = [];
  const turn = (at: number): void => {
    clock.schedule(instant(at), () => {
      ran.push(clock.now);
      turn(at + 500);
    });
  };
  turn(500);
  return { clock, ran };
};

describe('a pacer', () => {
  test('runs each event at its own instant, however late its timers come', async () => {
    const { time, pass } = handTime(1234);
    const { clock, ran } = ticking();
    const pacer = new Pacer(clock, 1, time);
    await pass(10_000);
    pacer.catchUp();
    expect(ran).toEqual(Array.from({ length: 20 }, (_, index) => 500 * (index + 1)));
    expect(clock.now).toBe(10_000);
    pacer.stop();
  });

  test.each([0.5, 1, 3, 1000])('at rate %d does not drift', async (rate) => {
    const { time, pass, pending } = handTime(0.7);
    const { clock } = ticking();
    const pacer = new Pacer(clock, rate, time);
    for (let step = 0; step < 1000; step += 1) await pass(7.31);
    pacer.catchUp();
    expect(Math.abs(clock.now - 7310 * rate)).toBeLessThanOrEqual(rate);
    pacer.stop();
    await Promise.resolve();
    expect(pending()).toBe(0);
  });

  test('waits for what a request schedules sooner', async () => {
    const { time, pass } = handTime();
    const { clock } = ticking();
    const pacer = new Pacer(clock, 1, time);
    await pass(100);
    pacer.catchUp();
    let at = 0;
    clock.schedule(instant(150), () => {
      at = clock.now;
    });
    await pass(60);
    expect(at).toBe(150);
    pacer.stop();
  });
});

describe('a steered clock', () => {
  const quietServer = { activity: 0 };

  test('stands still until it is advanced', async () => {
    const { clock, ran } = ticking();
    const steered = new SteeredClock({ clock, server: quietServer });
    expect(steered.face).toEqual({ now: 0, next: 500, mode: 'virtual', rate: 0 });
    const both = [steered.advance(700), steered.advance(400)];
    expect((await Promise.all(both)).map(({ now }) => now)).toEqual([700, 1100]);
    expect(ran).toEqual([500, 1000]);
    expect(await steered.advanceTo(1100)).toMatchObject({ now: 1100 });
  });

  test.each([-1, 0.5, Number.NaN, 1e15])('is not advanced by %d', async (by) => {
    const { clock } = ticking();
    const steered = new SteeredClock({ clock, server: quietServer });
    await expect(steered.advance(by)).rejects.toMatchObject({ reason: 'number' });
    expect(steered.now).toBe(0);
  });

  test('runs at a rate, is advanced meanwhile, and stands still again', async () => {
    const { time, pass } = handTime();
    const { clock } = ticking();
    const steered = new SteeredClock({ clock, server: quietServer, realTime: time });
    await steered.setRate(10);
    await pass(100);
    expect(steered.now).toBe(1000);
    expect(await steered.advance(5000)).toMatchObject({ now: 6000, rate: 10 });
    await pass(10);
    expect(await steered.standStill()).toMatchObject({ now: 6100, rate: 0 });
    await pass(1000);
    expect(steered.now).toBe(6100);
    await expect(steered.setRate(-1)).rejects.toMatchObject({ reason: 'number' });
  });

  test('is advanced by the time that is asked for, however fast it runs', async () => {
    let now = 0;
    const realTime: RealTime = {
      now: () => {
        now += 1;
        return now;
      },
      after: () => () => {},
    };
    const { clock } = ticking();
    const steered = new SteeredClock({ clock, server: quietServer, rate: 1000, realTime });
    const from = steered.now;
    expect((await steered.advance(17)).now).toBeGreaterThanOrEqual(from + 17);
    steered.close();
  });

  test('is advanced beside clients that never pause, and does not call that quiet', async () => {
    const { clock, ran } = ticking();
    let activity = 0;
    const busyServer = {
      get activity() {
        activity += 1;
        return activity;
      },
    };
    let now = 0;
    const realTime: RealTime = {
      now: () => now,
      after: (delay, run) => {
        now += delay;
        setImmediate(run);
        return () => {};
      },
    };
    const steered = new SteeredClock({ clock, server: busyServer, realTime });
    const quiet = steered.quiet();
    const advanced = steered.advance(1000);
    await expect(quiet).rejects.toMatchObject({ reason: 'busy' });
    expect(await advanced).toMatchObject({ now: 1000 });
    expect(ran).toEqual([500, 1000]);
    expect(now).toBeGreaterThan(10_000);
  });

  test('is moved by nobody when it is the real time', async () => {
    const { clock } = ticking();
    const steered = new SteeredClock({ clock, server: quietServer, isReal: true });
    expect(steered.face).toMatchObject({ mode: 'real', rate: 1 });
    await expect(steered.advance(1)).rejects.toMatchObject({ reason: 'real' });
    await expect(steered.setRate(2)).rejects.toMatchObject({ reason: 'real' });
    steered.close();
  });
});
