import { fc, test as check } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { instant } from '../../src/api/units.ts';
import { VirtualClock } from '../../src/clock/index.ts';
import { InvariantViolation } from '../../src/invariant.ts';

/** A clock that writes down when what was scheduled happens. */
const setUp = (start = 0) => {
  const clock = new VirtualClock(instant(start));
  const log: string[] = [];
  const at = (when: number, name: string) =>
    clock.schedule(instant(when), () => log.push(`${name}@${clock.now}`));
  return { clock, log, at };
};

describe('horizon', () => {
  test('is now, unless the clock is being advanced', () => {
    const { clock, at } = setUp(7);
    at(100, 'a');
    expect(clock.horizon).toBe(7);
    clock.advanceTo(instant(50));
    expect(clock.horizon).toBe(50);
    clock.jumpTo(instant(60));
    expect(clock.horizon).toBe(60);
  });

  test('is the next timer on the way, or where the way ends', () => {
    const { clock, at } = setUp();
    const seen: number[] = [];
    for (const when of [10, 20]) clock.schedule(instant(when), () => seen.push(clock.horizon));
    clock.cancel(at(30, 'cancelled'));
    at(90, 'later');
    clock.advanceTo(instant(40));
    expect(seen).toEqual([20, 40]);
  });

  test('is now where a timer runs alone, or where the clock has landed', () => {
    const { clock } = setUp();
    const seen: number[] = [];
    for (const when of [10, 20]) clock.schedule(instant(when), () => seen.push(clock.horizon));
    clock.runNext(instant(100));
    clock.jumpTo(instant(50));
    expect(seen).toEqual([10, 50]);
  });
});

describe('advanceTo', () => {
  test('runs what is due at its own instant, the instant itself included', () => {
    const { clock, log, at } = setUp();
    at(10, 'a');
    at(20, 'b');
    at(21, 'c');
    clock.advanceTo(instant(20));
    expect(log).toEqual(['a@10', 'b@20']);
    expect(clock.now).toBe(20);
    expect(clock.next).toBe(21);
  });

  test('runs ties in the order in which they were scheduled', () => {
    const { clock, log, at } = setUp();
    for (const name of ['c', 'a', 'b', 'd']) at(5, name);
    at(4, 'first');
    clock.advanceTo(instant(5));
    expect(log).toEqual(['first@4', 'c@5', 'a@5', 'b@5', 'd@5']);
  });

  test('runs what a timer schedules on the way', () => {
    const { clock, log, at } = setUp();
    clock.schedule(instant(1), () => {
      at(1, 'at once');
      at(3, 'later');
      at(9, 'beyond');
    });
    clock.advanceTo(instant(5));
    expect(log).toEqual(['at once@1', 'later@3']);
  });

  test('does not go back', () => {
    const { clock } = setUp(10);
    expect(() => clock.advanceTo(instant(9))).toThrow(InvariantViolation);
    clock.advanceTo(instant(10));
    expect(clock.now).toBe(10);
  });
});

describe('jumpTo', () => {
  test('runs what came due where it lands, in the order of its instants', () => {
    const { clock, log, at } = setUp();
    at(20, 'b');
    at(10, 'a');
    at(31, 'c');
    clock.jumpTo(instant(30));
    expect(log).toEqual(['a@30', 'b@30']);
    expect(clock.now).toBe(30);
  });

  test('runs what a timer schedules where it landed', () => {
    const { clock, log, at } = setUp();
    clock.schedule(instant(10), () => at(clock.now, 'again'));
    clock.jumpTo(instant(30));
    expect(log).toEqual(['again@30']);
  });

  test('does not go back', () => {
    const { clock } = setUp(10);
    expect(() => clock.jumpTo(instant(9))).toThrow(InvariantViolation);
  });
});

describe('schedule and cancel', () => {
  test('nothing is scheduled in the past', () => {
    const { at } = setUp(10);
    expect(() => at(9, 'late')).toThrow(InvariantViolation);
    expect(at(10, 'now').at).toBe(10);
  });

  test('a timer that has run is scheduled once more, behind those of the same instant', () => {
    const { clock, log, at } = setUp();
    const timer = clock.schedule(instant(1), () => {
      log.push(`again@${clock.now}`);
      if (clock.now < 3) clock.repeat(timer, instant(clock.now + 1));
    });
    at(2, 'a');
    clock.advanceTo(instant(9));
    expect(log).toEqual(['again@1', 'a@2', 'again@2', 'again@3']);
    expect(() => clock.repeat(timer, instant(8))).toThrow(InvariantViolation);
  });

  test('what is cancelled does not run, and is not next', () => {
    const { clock, log, at } = setUp();
    const first = at(1, 'a');
    at(2, 'b');
    clock.cancel(first);
    expect(clock.next).toBe(2);
    clock.advanceTo(instant(5));
    expect(log).toEqual(['b@2']);
    expect(clock.next).toBeUndefined();
  });

  test('a timer can cancel one of its own instant', () => {
    const { clock, log, at } = setUp();
    clock.schedule(instant(1), () => clock.cancel(second));
    const second = at(1, 'b');
    clock.advanceTo(instant(1));
    expect(log).toEqual([]);
  });

  test('reading the clock moves nothing', () => {
    const { clock, log, at } = setUp();
    at(0, 'a');
    expect([clock.now, clock.next, clock.now]).toEqual([0, 0, 0]);
    expect(log).toEqual([]);
  });
});

const TIMERS = fc.array(fc.record({ at: fc.nat(50), cancelled: fc.boolean() }), { maxLength: 200 });

check.prop([TIMERS, fc.array(fc.nat(20), { maxLength: 10 })], { seed: 1 })(
  'whatever the steps, timers run sorted by instant, then by order, and no cancelled one does',
  (timers, steps) => {
    const { clock, log, at } = setUp();
    const scheduled = timers.map((timer, index) => at(timer.at, `${index}`));
    for (const [index, timer] of timers.entries()) {
      const handle = scheduled[index];
      if (timer.cancelled && handle !== undefined) clock.cancel(handle);
    }
    for (const by of steps) clock.advanceTo(instant(clock.now + by));
    const expected = timers
      .map((timer, index) => ({ ...timer, name: `${index}@${timer.at}` }))
      .filter((timer) => !timer.cancelled && steps.length > 0 && timer.at <= clock.now)
      .toSorted((left, right) => left.at - right.at);
    expect(log).toEqual(expected.map(({ name }) => name));
  },
);
