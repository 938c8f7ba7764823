import { describe, expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../../src/api/config.ts';
import { milliseconds, seconds } from '../../src/api/units.ts';
import { initialState, minimumTtl } from '../../src/model/index.ts';
import { Driver } from './driver.ts';

describe('CONST-02: the minimum TTL, as three versions of etcd answered a grant of 1 s', () => {
  test.each([
    [100, 1000, 2],
    [100, 500, 1],
    [50, 500, 1],
    [100, 5000, 8],
    [250, 2500, 4],
    [30, 1000, 2],
    [1000, 50_000, 75],
    [10, 100, 1],
    [10, 50, 1],
    [1, 5, 1],
    [500, 5000, 8],
    [10, 1010, 2],
    [333, 1700, 3],
  ])('heartbeat %i ms, election timeout %i ms: %i s', (heartbeat, election, minimum) => {
    const config = {
      ...DEFAULT_CONFIG,
      heartbeat: milliseconds(heartbeat),
      election: milliseconds(election),
    };
    expect(minimumTtl(config)).toBe(minimum);
    const driver = new Driver({ server: config });
    expect(driver.grant(1n, 1n)).toBe(`granted 1 ttl=${minimum}`);
    expect(driver.grant(2n, BigInt(minimum) + 1n)).toBe(`granted 2 ttl=${minimum + 1}`);
  });

  test('a server whose flags are not known says what it is', () => {
    expect(initialState({ minimumTtl: seconds(5) }).settings.minimumTtl).toBe(5);
  });
});

describe('GRANT-02, GRANT-03: what a requested TTL becomes', () => {
  test.each([
    [-(2n ** 63n), 'granted 1 ttl=2'],
    [-1n, 'granted 1 ttl=2'],
    [0n, 'granted 1 ttl=2'],
    [1n, 'granted 1 ttl=2'],
    [2n, 'granted 1 ttl=2'],
    [3n, 'granted 1 ttl=3'],
    [9_000_000_000n, 'granted 1 ttl=9000000000'],
    [9_000_000_001n, 'ttl-too-large'],
    [2n ** 63n - 1n, 'ttl-too-large'],
  ])('%i → %s', (ttl, outcome) => {
    expect(new Driver().grant(1n, ttl)).toBe(outcome);
  });
});
