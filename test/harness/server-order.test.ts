/** Histories of a server that goes and comes, in an order in which no server does. */
import { expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../../src/api/config.ts';
import { check } from '../../src/harness/check.ts';
import { decodeHistory, encodeHistory } from '../../src/harness/history-json.ts';
import { parseSchedule } from '../../src/harness/parse-schedule.ts';
import { simulatorTarget } from '../../src/harness/targets/simulator-target.ts';
import type { Target } from '../../src/harness/target.ts';
import { tryOut } from '../../src/harness/trial.ts';

const HEADER = {
  schema: 'leasehold-history/1',
  versions: {},
  target: 'mine',
  config: DEFAULT_CONFIG,
  clock: 'virtual',
  lastTurn: 0,
  minimumTtl: null,
  exclusive: true,
};
const grant = { kind: 'grant', token: 1, id: '7', ttl: '5' };
const call = { kind: 'call', at: 20, session: 0, client: 1, command: grant };
const restart = { kind: 'restart', from: 10, at: 20, kill: true, config: DEFAULT_CONFIG };
const promote = { kind: 'promote', at: 20, order: [] };
const demote = { kind: 'demote', at: 10 };
const stall = { kind: 'stall', at: 10 };
const caughtUp = { kind: 'catchUp', at: 10, chosen: [] };
const lost = { kind: 'lost', at: 20, why: 'it did not come back' };
const end = { kind: 'end', at: 20 };

const read = (...entries: readonly object[]) =>
  decodeHistory([HEADER, ...entries].map((value) => JSON.stringify(value)).join('\n'));

test.each<[string, readonly object[], string]>([
  ['a restart of one that is slow to apply', [stall, restart, promote, end], 'line 3: kind: '],
  ['a leader lost to one that is slow to apply', [stall, demote, end], 'line 3: kind: '],
  [
    'CONST-10: slow twice, caught up once, and slow again',
    [stall, stall, caughtUp, stall, demote, end],
    'line 6: kind: found "demote", expected a catchUp first, as the server is slow to apply',
  ],
  [
    'RESTART-02: a restart without a promote',
    [restart, end],
    'line 3: kind: found "end", expected a promote at 20: what is started again leads at once',
  ],
  ['a request before it leads', [restart, call, promote, end], 'line 3: kind: found "call"'],
  ['a second restart before it leads', [restart, { ...restart, from: 20 }], 'line 3: kind: '],
  ['a promote too late', [restart, { ...promote, at: 21 }, end], 'line 3: at: found 21, expected'],
])('%s cannot be', (_name, entries, problem) => {
  expect(() => read(...entries)).toThrow(problem);
});

test.each<[string, readonly object[], string]>([
  ['a restart, and a lead', [restart, promote, end], 'conformant'],
  ['one that goes away in a restart', [restart, lost, end], 'inconclusive'],
  ['one that has caught up', [stall, caughtUp, demote, end], 'conformant'],
  [
    'slow to apply without a leader, which is nothing',
    [demote, stall, restart, promote, end],
    'conformant',
  ],
])('%s can be', (_name, entries, verdict) => {
  expect(check(read(...entries)).kind).toBe(verdict);
});

test('what is recorded of a server that goes while much waits is read again', async () => {
  const schedule = parseSchedule(
    [
      'leasehold schedule 1',
      'at 0 c1 grant A ttl=2',
      'at 0 c1 watch w1 k',
      'at A.deadline c1 keep-alive A',
      'at +0 c1 keep-alive A',
      'at +0 slow apply',
      'at +0 c1 put k',
      'at +100ms restart down=3s',
      'at +0 slow apply',
      'at +0 c1 put k',
      'at +0 leader lost',
      'at +0 c1 put k',
      'at +1s restart down=1s election=2s',
      'at +20s wait',
    ].join('\n'),
  );
  const { history, verdict } = await tryOut(schedule, simulatorTarget());
  expect(verdict).toEqual({ kind: 'conformant' });
  expect(decodeHistory(encodeHistory(history))).toEqual(history);
});

test('what is recorded of one that goes away in a restart is read again', async () => {
  const target = simulatorTarget();
  const dying: Target = {
    ...target,
    open: async (options, sink) => {
      const session = await target.open(options, sink);
      session.restart = () => sink.lost('it did not come back');
      return session;
    },
  };
  const schedule = parseSchedule('leasehold schedule 1\nat 1s restart down=3s');
  const { history, verdict } = await tryOut(schedule, dying);
  expect(verdict.kind).toBe('inconclusive');
  expect(decodeHistory(encodeHistory(history))).toEqual(history);
});
