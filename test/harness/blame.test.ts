/** Which rule is named where the instant, or what happened before, decides. */
import { expect, test } from 'vitest';
import type { Bytes } from '../../src/api/bytes.ts';
import { DEFAULT_CONFIG } from '../../src/api/config.ts';
import type { Input } from '../../src/api/input.ts';
import { instant, milliseconds } from '../../src/api/units.ts';
import { blameEarly } from '../../src/harness/blame-expiry.ts';
import { Past } from '../../src/harness/past.ts';
import { initialState, type Lease, type State, step } from '../../src/model/index.ts';

/** The state after these inputs, each at its instant, and what is remembered of them. */
function after(inputs: readonly (readonly [at: number, input: Input])[], config = DEFAULT_CONFIG) {
  const past = new Past();
  let state: State = initialState({ server: config });
  for (const [at, input] of inputs) {
    const before = state;
    const result = step(before, input, instant(at));
    past.note(input, before, result, instant(at));
    state = result.state;
  }
  return { state, past };
}

const GRANT: Input = { kind: 'grant', token: 1, id: 1n, ttl: 10n };
const KEY = 'k' as Bytes;
const PUT: Input = {
  kind: 'put',
  token: 2,
  key: KEY,
  value: '' as Bytes,
  lease: 1n,
  ignoreLease: false,
  ignoreValue: false,
  prevKv: false,
};
const DELETE: Input = {
  kind: 'deleteRange',
  token: 3,
  key: KEY,
  rangeEnd: '' as Bytes,
  prevKv: false,
};

test.each([
  [100, 1000, 1500, 'CONST-11'],
  [100, 1000, 1501, 'RESTART-02'],
  [500, 5000, 5500, 'CONST-11'],
  [500, 5000, 5501, 'RESTART-02'],
])('CONST-11: heartbeat %i, election %i ms: %i ms early is %s', (heartbeat, election, ms, rule) => {
  const config = {
    ...DEFAULT_CONFIG,
    heartbeat: milliseconds(heartbeat),
    election: milliseconds(election),
  };
  const restart: Input = { kind: 'restart', from: instant(1), config };
  const { state, past } = after(
    [
      [0, GRANT],
      [1, restart],
      [1, { kind: 'promote', order: [] }],
    ],
    config,
  );
  const lease = state.leases.find(1n) as Lease;
  expect(blameEarly(lease, state, past, instant(lease.deadline - ms))).toBe(rule);
});

test.each([false, true])('KV-06: a key that was deleted is lost, slow apply: %o', (isSlow) => {
  const deleted: [number, Input][] = isSlow
    ? [
        [1, { kind: 'stall' }],
        [1, DELETE],
        [2, { kind: 'catchUp', chosen: [] }],
      ]
    : [[1, DELETE]];
  const { state, past } = after([[0, GRANT], [0, PUT], ...deleted]);
  expect(state.kvs.size).toBe(0);
  expect(past.hasLostKeys(1n)).toBe(true);
});
