import { describe, expect, test } from 'vitest';
import type { History } from '../../src/harness/history.ts';
import { parseSchedule } from '../../src/harness/parse-schedule.ts';
import { SCHEDULE_HEADER } from '../../src/harness/schedule-text.ts';
import { simulatorTarget } from '../../src/harness/targets/simulator-target.ts';
import { type Trial, tryOut } from '../../src/harness/trial.ts';
import { unmetExpectations } from '../../src/harness/unmet-expectations.ts';

const runOf = (...lines: readonly string[]): Promise<Trial> =>
  tryOut(parseSchedule([SCHEDULE_HEADER, ...lines].join('\n')), simulatorTarget());

/** The same as if it had been seen on a real clock. */
const onRealClock = (trial: Trial): Trial => {
  const history: History = {
    ...trial.history,
    header: { ...trial.history.header, clock: 'real' },
  };
  return { ...trial, history };
};

const GRANTED = ['at 100ms c1 grant A ttl=5', 'at +0 c1 put k lease=A', 'at +0 c1 put l lease=A'];

describe('on a virtual clock', () => {
  test.each([
    ['at +0 c1 ttl A', '5 of 5'],
    ['at +0 c1 ttl A keys', '5 of 5 keys=k,l'],
    ['at +0 c1 leases', 'A'],
    ['at +0 c1 get a from-key', 'k lease=A, l lease=A'],
    ['at +0 c1 del k prev-kv', 'deleted 1 prev k lease=A'],
    ['at +0 c1 put k prev-kv', 'ok prev k lease=A'],
    ['at +0 c1 revoke U', 'refused lease-not-found'],
    ['at A.deadline c1 keep-alive A', 'waits'],
    ['at A.deadline c1 keep-alive A', 'waits, then no answer'],
    ['at +0 c1 grant B*3 ttl=5', 'B ttl=5'],
    ['at A.turn turn', 'revoked A'],
    ['at A.turn turn A', 'revoked A'],
    ['at 3s turn', 'nothing'],
    ['at 3s jump 10s', 'revoked A'],
    ['at 3s jump 1ms', 'nothing'],
    ['at 3s wait', 'whatever one likes to say'],
    ['at 3s restart', 'ok'],
    ['at 3s leader lost', 'ok'],
    ['at 3s slow apply', 'ok'],
  ])('%s → %s', async (line, words) => {
    expect(unmetExpectations(await runOf(...GRANTED, `${line} → ${words}`))).toEqual([]);
  });

  test.each([
    ['at +0 c1 ttl A', '4 of 5', '5 of 5'],
    ['at +0 c1 ttl A keys', '5 of 5 keys=k', '5 of 5 keys=k,l'],
    ['at +0 c1 leases', 'none', 'A'],
    ['at +0 c1 keep-alive A', 'waits', 'ttl=5'],
    ['at A.deadline c1 keep-alive A', 'ttl=0', 'waits'],
    ['at +0 c1 put x*2 lease=A', 'refused lease-not-found', 'ok'],
    ['at A.turn turn', 'nothing', 'revoked A'],
    ['at A.turn turn B', 'revoked A', 'revoked A'],
    ['at A.turn-1ms turn', 'revoked A', 'nothing'],
    ['at 3s jump 10s', 'nothing', 'revoked A'],
    ['at 3s restart', 'refused lease-exists', 'ok'],
    ['at 3s leader lost', 'nothing', 'ok'],
    ['at 3s slow apply', '12 of 13', 'ok'],
  ])('%s → not %s', async (line, expected, observed) => {
    const trial = await runOf(...GRANTED, `${line} → ${expected}`);
    const [unmet, ...others] = unmetExpectations(trial);
    expect(others).toEqual([]);
    expect(unmet).toMatchObject({ expected, observed });
    expect(unmet?.line.replace(/ +/g, ' ')).toBe(`${line} → ${expected}`);
  });

  test('a request that waits is compared with what it is answered in the end', async () => {
    const lines = ['at A.deadline c1 keep-alive A → waits, then ttl=0', 'at A.turn wait'];
    expect(unmetExpectations(await runOf(...GRANTED, ...lines))).toEqual([]);
    const wrong = ['at A.deadline c1 keep-alive A → waits, then ttl=5', 'at A.turn wait'];
    expect(unmetExpectations(await runOf(...GRANTED, ...wrong))).toHaveLength(1);
  });

  test('a lease is called by the name it had at the time', async () => {
    const lines = [
      'at 0 c1 grant A ttl=5 id=7 → A ttl=5',
      'at 0 c1 leases → A',
      'at 0 c1 revoke A → ok',
      'at 0 c1 grant B ttl=5 id=7 → B ttl=5',
      'at 0 c1 leases → B',
    ];
    expect(unmetExpectations(await runOf(...lines))).toEqual([]);
  });

  test('answers of a group that differ are counted', async () => {
    const group = 'at +0 c1 grant B*2 ttl=5 id=7';
    const first = 'at +0 c1 grant C ttl=5 id=8';
    const counted = '1 × B ttl=5, 1 × refused lease-exists';
    expect(unmetExpectations(await runOf(first, `${group} → ${counted}`))).toEqual([]);
    const [unmet] = unmetExpectations(await runOf(first, `${group} → B ttl=5`));
    expect(unmet?.observed).toBe(counted);
  });

  test('a step that was not reached has not met its expectation', async () => {
    const trial = await runOf(...GRANTED, 'at +0 c1 ttl A → 5 of 5');
    const result = { ...trial.result, steps: trial.result.steps.slice(0, 3) };
    expect(unmetExpectations({ ...trial, result })).toMatchObject([{ observed: 'not reached' }]);
  });
});

describe('on a real clock', () => {
  test.each([
    ['a TTL may be a second lower', 'at +0 c1 ttl A → 6 of 5', 0],
    ['but not two', 'at +0 c1 ttl A → 7 of 5', 1],
    ['nor higher', 'at +0 c1 ttl A → 4 of 5', 1],
    ['and not another granted TTL', 'at +0 c1 ttl A → 6 of 6', 1],
    ['nor the TTL of a keep-alive', 'at +0 c1 keep-alive A → ttl=6', 1],
    ['nobody can say how long a request waits', 'at +0 c1 keep-alive A → waits', 0],
    ['but what it is answered', 'at +0 c1 keep-alive A → waits, then ttl=0', 1],
    ['nobody sees turns', 'at A.turn turn → nothing', 0],
  ])('%s', async (_what, line, count) => {
    const trial = onRealClock(await runOf(...GRANTED, line));
    expect(unmetExpectations(trial)).toHaveLength(count);
  });
});
