/** A history from code that nobody can record is refused as one from a file is. */
import { describe, expect, test } from 'vitest';
import { DecodeError } from '../../src/api/codec.ts';
import { check } from '../../src/harness/check.ts';
import type { Entry, History } from '../../src/harness/history.ts';
import { decodeHistory, encodeHistory } from '../../src/harness/history-json.ts';
import { parseSchedule } from '../../src/harness/parse-schedule.ts';
import { simulatorTarget } from '../../src/harness/targets/simulator-target.ts';
import { tryOut } from '../../src/harness/trial.ts';

const RECORDED = await tryOut(
  parseSchedule(
    [
      'leasehold schedule 1',
      'at 0 c1 grant A ttl=5',
      'at 1s slow apply',
      'at +1s apply catches up',
      'at +1s restart',
      'at +5s c1 ttl A',
    ].join('\n'),
  ),
  simulatorTarget(),
);

type Change = (entries: readonly Entry[]) => readonly (Entry | undefined)[];

const without =
  (kind: Entry['kind']): Change =>
  (entries) => {
    const index = entries.findIndex((entry) => entry.kind === kind);
    return entries.toSpliced(index, 1);
  };

const changed = (change: Change): History => {
  const entries = change(RECORDED.history.entries).filter((entry) => entry !== undefined);
  return { ...RECORDED.history, entries };
};

describe.each<[string, Change, RegExp]>([
  [
    'CONST-10: a restart while it is slow to apply',
    without('catchUp'),
    /^entries\[3\]\.kind: found "restart", expected a catchUp first/,
  ],
  ['RESTART-02: a restart after which nobody leads', without('promote'), /expected a promote at/],
  ['an answer to nothing', without('call'), /^entries\[0\]\.token: found 1, expected the token of/],
  [
    'a second answer',
    ([call, answer, ...rest]) => [call, answer, answer, ...rest],
    /^entries\[2\]\.token: found 1, expected the token of a call that has not returned$/,
  ],
  [
    'a clock that goes back',
    (entries) => [...entries.slice(0, 3), entries[0], ...entries.slice(3)],
    /^entries\[3\]\.at: found 0, expected no less than 1000, where the clock was before$/,
  ],
  ['one that is cut off', without('end'), /^the history is cut off: it ends with return/],
])('%s', (_name, change, problem) => {
  test('from code', () => {
    const judging = (): unknown => check(changed(change));
    expect(judging).toThrow(DecodeError);
    expect(judging).toThrow(problem);
  });

  test('from a file', () => {
    expect(() => decodeHistory(encodeHistory(changed(change)))).toThrow(DecodeError);
  });
});

test('what was recorded is judged as it was', () => {
  expect(RECORDED.verdict).toEqual({ kind: 'conformant' });
  expect(check(RECORDED.history)).toEqual(RECORDED.verdict);
});
