import { expect, test } from 'vitest';
import { Driver } from './driver.ts';

/** Lease 1 is overdue, 2 as well, 3 lives. Each has a key. */
const setUp = (): Driver => {
  const driver = new Driver();
  driver.grant(1n, 2n);
  driver.grant(2n, 2n);
  driver.grant(3n, 60n);
  for (const id of [1n, 2n, 3n]) driver.put(`k${id}`, id);
  return driver.at(2000);
};

test('KA-04: it waits, and is answered with the revision from before when the lease goes', () => {
  const driver = setUp();
  expect(driver.keepAlive(1n)).toBe('waits');
  expect(driver.ttl(1n)).toBe('0 of 2');
  expect(driver.turn(1n, 2n)).toBe('7: ttl=0 @4');
});

test('KA-04: a revoke frees it, after its own answer', () => {
  const driver = setUp();
  expect(driver.keepAlive(1n)).toBe('waits');
  expect(driver.revoke(1n)).toBe('revoked @5; 7: ttl=0 @4');
});

test('KA-05: what is behind it on its stream waits with it, and is served after it', () => {
  const driver = setUp();
  expect(driver.keepAlive(1n, 1)).toBe('waits');
  expect(driver.keepAlive(3n, 1)).toBe('waits');
  expect(driver.keepAlive(9n, 1)).toBe('waits');
  expect(driver.keepAlive(3n, 2)).toBe('ttl=60 @4');
  expect(driver.at(2400).turn(1n)).toBe('7: ttl=0 @4; 8: ttl=60 @5; 9: ttl=0 @5');
  expect(driver.ttl(3n)).toBe('60 of 60');
});

test('KA-05: one behind it on another overdue lease goes on waiting for that one', () => {
  const driver = setUp();
  expect(driver.keepAlive(1n)).toBe('waits');
  expect(driver.keepAlive(2n)).toBe('waits');
  expect(driver.keepAlive(3n)).toBe('waits');
  expect(driver.turn(1n)).toBe('7: ttl=0 @4');
  expect(driver.state.waiting).toHaveLength(2);
  expect(driver.turn(2n)).toBe('8: ttl=0 @5; 9: ttl=60 @6');
  expect(driver.state.waiting).toEqual([]);
});

test('KA-05: a stalled stream can make a healthy lease expire', () => {
  const driver = new Driver({ turns: 'free' });
  driver.grant(1n, 2n);
  driver.grant(2n, 3n);
  expect(driver.at(2000).keepAlive(1n)).toBe('waits');
  expect(driver.keepAlive(2n)).toBe('waits');
  expect(driver.at(3000).turn(1n)).toBe('3: ttl=0 @1');
  expect(driver.turn(2n)).toBe('4: ttl=0 @1');
});

test('KA-01: several on one lease and stream are all answered, in order', () => {
  const driver = setUp();
  for (let count = 0; count < 3; count += 1) driver.keepAlive(1n);
  expect(driver.turn(1n)).toBe('7: ttl=0 @4; 8: ttl=0 @5; 9: ttl=0 @5');
});

test('KA-06: what stands behind one that waits for a leader begins once that is answered', () => {
  const driver = setUp();
  expect(driver.keepAlive(1n)).toBe('waits');
  driver.put('k', 0n);
  expect(driver.keepAlive(3n)).toBe('waits');
  driver.demote();
  expect(driver.at(2100).keepAlive(3n)).toBe('waits');
  driver.at(2500).promote(1n, 2n, 3n);
  driver.put('k', 0n);
  expect(driver.at(3000).wake()).toBe('7: ttl=2 @4; 9: ttl=60 @6; 10: ttl=60 @6');
});

test('RESTART-02: a server that is started again serves nobody before it leads', () => {
  const driver = setUp();
  driver.at(2100).restart(2000);
  expect(driver.keepAlive(3n)).toBe('waits');
  expect(driver.grant(9n, 60n)).toBe('waits');
  expect(driver.promote(1n, 2n, 3n)).toBe('8: granted 9 ttl=60');
  expect(driver.at(3100).wake()).toBe('7: ttl=60 @4');
});
