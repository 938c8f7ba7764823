import { expect, test } from 'vitest';
import { type ServerConfig, isLegalConfig } from '../../src/api/config.ts';
import { milliseconds } from '../../src/api/units.ts';
import { FLAGS } from './flags.ts';

const config = (heartbeat: number, election: number): ServerConfig => ({
  etcd: '3.5',
  heartbeat: milliseconds(heartbeat),
  election: milliseconds(election),
});

test.each(FLAGS)(
  'CONST-03: heartbeat %i ms, election %i ms: %s',
  (heartbeat, election, verdict) => {
    expect(isLegalConfig(config(heartbeat, election))).toBe(verdict === 'legal');
  },
);

test('KV-29: progress is told ten times a second at most', () => {
  const every = (interval: number): boolean =>
    isLegalConfig({ ...config(100, 1000), progressInterval: milliseconds(interval) });
  expect([99, 100, 100.5, 600_000].map(every)).toEqual([false, true, false, true]);
});

test('CONST-03: only whole milliseconds', () => {
  expect(isLegalConfig(config(99.5, 1000))).toBe(false);
  expect(isLegalConfig(config(100, Number.NaN))).toBe(false);
});
