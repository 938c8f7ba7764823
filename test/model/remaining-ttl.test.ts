import { expect, test } from 'vitest';
import { Driver } from './driver.ts';

test.each([
  ['the instant of the grant', 0, '10 of 10'],
  ['a millisecond later', 1, '9 of 10'],
  ['a millisecond before the first second is over', 999, '9 of 10'],
  ['after one second', 1000, '9 of 10'],
  ['a millisecond later', 1001, '8 of 10'],
  ['a millisecond before the last second', 8999, '1 of 10'],
  ['one second before the deadline', 9000, '1 of 10'],
  ['in the last second', 9001, '0 of 10'],
  ['a millisecond before the deadline', 9999, '0 of 10'],
  ['the deadline', 10_000, '0 of 10'],
  ['a millisecond overdue', 10_001, '0 of 10'],
  ['nearly a second overdue', 10_999, '0 of 10'],
  ['a second overdue', 11_000, '-1 of 10'],
  ['nearly two seconds overdue', 11_999, '-1 of 10'],
  ['two seconds overdue', 12_000, '-2 of 10'],
  ['an hour overdue', 3_610_000, '-3600 of 10'],
])('TTL-01, TTL-02: %s (%i ms) → %s', (_when, at, words) => {
  const driver = new Driver({ turns: 'free' });
  driver.grant(1n, 10n);
  expect(driver.at(at).ttl(1n)).toBe(words);
});

test.each([
  ['a lease that never was', 5n],
  ['id 0', 0n],
  ['a negative id', -5n],
  ['a lease that was revoked', 1n],
  ['a lease that expired', 2n],
])('TTL-03: %s → -1 of 0', (_what, id) => {
  const driver = new Driver();
  driver.grant(1n, 10n);
  driver.grant(2n, 2n);
  driver.revoke(1n);
  driver.at(2000).turn(2n);
  expect(driver.ttl(id)).toBe('-1 of 0');
});

test('KA-02: a keep-alive restores the granted TTL, in the last millisecond as well', () => {
  const driver = new Driver();
  driver.grant(1n, 2n);
  expect(driver.at(1999).keepAlive(1n)).toBe('ttl=2 @1');
  expect(driver.ttl(1n)).toBe('2 of 2');
  expect(driver.at(2000).ttl(1n)).toBe('1 of 2');
  expect(driver.at(3998).ttl(1n)).toBe('0 of 2');
  expect(driver.at(3998).keepAlive(1n)).toBe('ttl=2 @1');
  expect(driver.at(5998).keepAlive(1n)).toBe('waits');
});
