/** KV-29: when a watch may be told its progress unasked, and when it has to be. */
import { expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../../src/api/config.ts';
import type { Input, Notify } from '../../src/api/input.ts';
import { instant, milliseconds } from '../../src/api/units.ts';
import { breach, initialState, lateNotice, type State, step } from '../../src/model/index.ts';
import { put, watch } from './kv-driver.ts';

const NOTIFY: Notify = { kind: 'notify', stream: 1, watch: 0n };

class Timed {
  state: State = initialState({ server: { ...DEFAULT_CONFIG, etcd: '3.6' } });

  at(now: number, input: Input | Omit<Input, 'token'>): readonly unknown[] {
    const result = step(this.state, { token: 1, ...input } as Input, instant(now));
    this.state = result.state;
    return result.deliveries;
  }

  allowed(now: number, notify = NOTIFY): boolean {
    return breach(this.state, notify, instant(now)) === null;
  }

  due(now: number): boolean {
    return lateNotice(this.state, instant(now)) !== undefined;
  }
}

const begun = (more: Parameters<typeof watch>[0] = {}): Timed => {
  const server = new Timed();
  server.at(1000, watch({ progressNotify: true, ...more }));
  return server;
};

test('KV-29: the first time is ten to eleven minutes after the stream opened', () => {
  const server = begun();
  expect([600_999, 601_000].map((now) => server.allowed(now))).toEqual([false, true]);
  expect([660_999, 661_000].map((now) => server.due(now))).toEqual([false, true]);
  expect(server.at(640_000, NOTIFY)).toMatchObject([{ watch: 0n, revision: 1, events: [] }]);
  // It may have ticked at any instant since the stream opened, and is late.
  expect([1_200_999, 1_201_000].map((now) => server.allowed(now))).toEqual([false, true]);
  expect([1_299_999, 1_300_000].map((now) => server.due(now))).toEqual([false, true]);
});

test('KV-29: the period is what the server was told', () => {
  const server = new Timed();
  const settings = { ...DEFAULT_CONFIG, progressInterval: milliseconds(5005) };
  server.state = initialState({ server: settings });
  server.at(1000, watch({ progressNotify: true }));
  expect([6004, 6005].map((now) => server.allowed(now))).toEqual([false, true]);
  expect([6505, 6506].map((now) => server.due(now))).toEqual([false, true]);
});

test('KV-29: events stand in for the next time', () => {
  const server = begun();
  server.at(300_000, put('k'));
  server.at(310_000, put('k'));
  // The tick that they stand in for comes ten minutes after the stream has begun, or later.
  expect([1_200_999, 1_201_000].map((now) => server.allowed(now))).toEqual([false, true]);
  expect([1_629_999, 1_630_000].map((now) => server.due(now))).toEqual([false, true]);
});

test('KV-29: not told is who did not ask, or has yet to begin', () => {
  expect(begun({ progressNotify: false }).allowed(660_000)).toBe(false);
  expect(begun({ startRevision: 5n }).allowed(660_000)).toBe(false);
  expect(begun({ startRevision: 5n }).due(3_000_000)).toBe(false);
  expect(begun().allowed(660_000, { ...NOTIFY, watch: 1n })).toBe(false);
});

test('KV-29: a leap gives the server its length', () => {
  const server = begun();
  server.at(2_001_000, { kind: 'jump', from: instant(1000) });
  expect([2_660_999, 2_661_000].map((now) => server.due(now))).toEqual([false, true]);
});

test('KV-29: the grid of ticks stands after a leap that passes over one', () => {
  const server = begun();
  server.at(601_001, { kind: 'jump', from: instant(600_502) });
  server.at(601_001, NOTIFY);
  expect([1_200_999, 1_201_000].map((now) => server.allowed(now))).toEqual([false, true]);
});
