import { describe, expect, test } from 'vitest';
import { DEFAULT_CONFIG, type MinorVersion } from '../../src/api/config.ts';
import type { LeaseId } from '../../src/api/command.ts';
import { instant } from '../../src/api/units.ts';
import {
  breach,
  firstTurnFrom,
  LEASES_PER_TURN,
  nextExpiry,
  type RuleId,
  serverSteps,
  turnAfter,
  turnUpTo,
} from '../../src/model/index.ts';
import { Driver } from './driver.ts';

/** Leases 1 and 2 are due at 2000, 3 at 2100, 4 at 60,000. */
const setUp = (turns: 'exact' | 'free' = 'exact'): Driver => {
  const driver = new Driver({ turns });
  driver.grant(1n, 2n);
  driver.grant(2n, 2n);
  driver.grant(4n, 60n);
  driver.at(100).grant(3n, 2n);
  return driver;
};

const breachAt = (driver: Driver, at: number, revoked: readonly LeaseId[]): RuleId | null =>
  breach(driver.state, { kind: 'turn', revoked }, instant(at));

describe('which turns are legal', () => {
  test.each<[string, number, readonly LeaseId[], RuleId | null]>([
    ['nothing, when nothing is due', 500, [], null],
    ['both that are due at their deadline', 2000, [1n, 2n], null],
    ['in either order', 2000, [2n, 1n], null],
    ['all three at the next turn', 2500, [1n, 2n, 3n], null],
    ['in any order', 2500, [3n, 1n, 2n], null],
    ['a lease that lives', 2000, [1n, 2n, 3n], 'EXP-03'],
    ['a lease in its last millisecond', 1999, [1n], 'EXP-03'],
    ['a lease that is not there', 2000, [1n, 2n, 9n], 'REVOKE-01'],
    ['one that is due is left', 2000, [1n], 'EXP-04'],
    ['all that are due are left', 2000, [], 'EXP-04'],
    ['a turn off the grid', 2001, [1n, 2n], 'CONST-04'],
    ['a turn at the instant of the last one', 0, [], 'CONST-04'],
  ])('%s (at %i)', (_what, at, revoked, rule) => {
    expect(breachAt(setUp(), at, revoked)).toBe(rule);
  });

  test.each<[string, number, readonly LeaseId[], RuleId | null]>([
    ['any that are due, at any instant', 2001, [2n], null],
    ['nothing', 2001, [], null],
    ['a lease that lives', 2001, [3n], 'EXP-03'],
    ['a lease that is not there', 2001, [9n], 'REVOKE-01'],
  ])('with free turns: %s', (_what, at, revoked, rule) => {
    expect(breachAt(setUp('free'), at, revoked)).toBe(rule);
  });
});

describe('CONST-05, EXP-05, EXP-06: more leases than a turn takes', () => {
  /** 400 leases due at 2000, and 200 due at 2100: the first are 1 to 400. */
  const crowd = (): Driver => {
    const driver = new Driver();
    for (let id = 1n; id <= 400n; id += 1n) driver.grant(id, 2n);
    driver.at(100);
    for (let id = 401n; id <= 600n; id += 1n) driver.grant(id, 2n);
    return driver;
  };
  const ids = (from: number, to: number): LeaseId[] =>
    Array.from({ length: to - from + 1 }, (_, index) => BigInt(from + index));

  test.each<[string, readonly LeaseId[], RuleId | null]>([
    ['the 400 soonest and 100 more', ids(1, 500), null],
    ['the 400 soonest and 100 others', [...ids(1, 400), ...ids(501, 600)], null],
    ['501', ids(1, 501), 'CONST-05'],
    ['499', ids(1, 499), 'EXP-04'],
    ['all 200 of the later ones', ids(101, 600), 'EXP-06'],
  ])('%s', (_what, revoked, rule) => {
    expect(breachAt(crowd(), 2500, revoked)).toBe(rule);
  });

  test('the next turn takes the others', () => {
    const driver = crowd();
    driver.at(2500).turn(...ids(1, 500));
    expect(nextExpiry(driver.state)).toBe(3000);
    expect(breachAt(driver, 3000, ids(501, 600))).toBeNull();
    const { must } = serverSteps(driver.state, instant(3000));
    expect(must).toEqual([{ kind: 'turn', of: ids(501, 600), count: 100 }]);
  });

  test('serverSteps names all that are due and counts what a turn takes', () => {
    const { may } = serverSteps(crowd().state, instant(2500));
    expect(may[0]).toEqual({ kind: 'turn', of: ids(1, 600), count: LEASES_PER_TURN });
  });
});

describe('CONST-14: which ids a server may choose', () => {
  test.each<[LeaseId, RuleId | null]>([
    [6n, null],
    [5n, 'CONST-14'],
    [4n, 'CONST-14'],
    [0n, 'CONST-14'],
    [-1n, 'CONST-14'],
    [7n, 'CONST-14'],
  ])('%i after 5, while 7 is in use → %s', (id, rule) => {
    const driver = new Driver();
    driver.grant(7n, 60n);
    driver.state = { ...driver.state, lastAutoId: 5n };
    expect(breach(driver.state, { kind: 'assignId', id }, instant(0))).toBe(rule);
  });
});

describe('CONST-04: when turns are', () => {
  test.each([
    [0, 0, 0, 500, 500],
    [0, 1, 0, 500, 500],
    [0, 499, 0, 500, 500],
    [0, 500, 500, 1000, 500],
    [0, 501, 500, 1000, 1000],
    [130, 700, 630, 1130, 1130],
    [130, 630, 630, 1130, 630],
    [1000, 200, 0, 1500, 1500],
  ])(
    'after one at %i, at %i: last %i, next %i, first from there %i',
    (last, now, up, next, first) => {
      expect(turnUpTo(instant(last), instant(now))).toBe(up);
      expect(turnAfter(instant(last), instant(now))).toBe(next);
      expect(firstTurnFrom(instant(last), instant(now))).toBe(first);
    },
  );

  test.each<[MinorVersion, number]>([
    ['3.4', 6800],
    ['3.5', 6800],
    ['3.6', 6500],
    ['3.7', 6500],
  ])('%s: after a leap from 700 to 6300 the next turn is at %i', (etcd, next) => {
    const driver = new Driver({ server: { ...DEFAULT_CONFIG, etcd } });
    driver.grant(1n, 2n);
    driver.grant(2n, 6n);
    driver.at(6300).jump(700);
    expect(nextExpiry(driver.state)).toBe(6300);
    expect(breachAt(driver, 6300, [1n])).toBe('EXP-04');
    expect(breachAt(driver, 6300, [1n, 2n])).toBeNull();
    driver.turn(1n, 2n);
    driver.grant(3n, 2n);
    expect(nextExpiry(driver.state)).toBe(next + 1500 + (next === 6500 ? 500 : 0));
  });

  test('a leap that passes no turn leaves them where they were', () => {
    const driver = new Driver();
    driver.grant(1n, 3n);
    driver.at(2300).jump(2010);
    expect(driver.state.landing).toBe(false);
    expect(nextExpiry(driver.state)).toBe(3000);
  });
});
