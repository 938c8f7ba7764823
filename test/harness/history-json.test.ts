import { test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { parameters } from '../../properties/prove.ts';
import { schedules } from '../../properties/schedules.ts';
import { DecodeError } from '../../src/api/codec.ts';
import { check } from '../../src/harness/check.ts';
import { decodeHistory, encodeHistory } from '../../src/harness/history-json.ts';
import { simulatorTarget } from '../../src/harness/targets/simulator-target.ts';
import { tryOut } from '../../src/harness/trial.ts';

test.prop([schedules()], parameters(200))(
  'a history reads back the same, and is judged the same',
  async (schedule) => {
    const { history, verdict } = await tryOut(schedule, simulatorTarget());
    const text = encodeHistory(history);
    const again = decodeHistory(text);
    expect(again).toEqual(history);
    expect(encodeHistory(again)).toBe(text);
    expect(check(again)).toEqual(verdict);
  },
);

const HEADER = {
  schema: 'leasehold-history/1',
  versions: { recorder: '7' },
  target: 'mine',
  config: { etcd: '3.5', heartbeat: 100, election: 1000 },
  clock: 'virtual',
  lastTurn: 0,
  minimumTtl: null,
  exclusive: true,
};
const grant = { kind: 'grant', token: 1, id: '0', ttl: '5' };
const granted = { kind: 'granted', revision: 1, id: '77', ttl: 5 };
const call = { seq: 0, kind: 'call', at: 0, session: 0, client: 1, command: grant };
const answer = {
  seq: 1,
  kind: 'return',
  at: 0,
  token: 1,
  completion: { kind: 'answered', response: granted },
};
const end = { seq: 2, kind: 'end', at: 10 };

const lines = (...values: readonly unknown[]): string =>
  values.map((value) => JSON.stringify(value)).join('\n');

describe('what others recorded', () => {
  test('needs no sequence numbers, and may have empty lines and Windows line ends', () => {
    const unnumbered = { ...call, seq: undefined };
    const text = `${lines(HEADER, unnumbered, answer, end)}\n`.replaceAll('\n', '\r\n\r\n');
    expect(decodeHistory(text).entries).toHaveLength(3);
  });

  test('keeps the unknown fields of the header', () => {
    const history = decodeHistory(lines({ ...HEADER, host: { name: 'h' } }, call, answer, end));
    expect(history.header).toMatchObject({ host: { name: 'h' } });
    expect(JSON.parse(encodeHistory(history).split('\n')[0] ?? '')).toEqual({
      ...HEADER,
      host: { name: 'h' },
    });
  });

  test('passes over the unknown fields of entries, and keeps who answered', () => {
    const header = { member: '8e9e', term: '2' };
    const named = { ...answer, thread: 4, completion: { ...answer.completion, header } };
    const { entries } = decodeHistory(lines(HEADER, { ...call, thread: 4 }, named, end));
    expect(entries[0]).not.toHaveProperty('thread');
    expect(entries[1]).toMatchObject({ completion: { header } });
  });

  test('may have answers that are unknown after the end', () => {
    const unknown = { ...answer, seq: 2, at: 10, completion: { kind: 'unknown', why: 'closed' } };
    const { entries } = decodeHistory(lines(HEADER, call, { ...end, seq: 1 }, unknown));
    expect(entries.at(-1)).toMatchObject({ kind: 'return' });
  });
});

test.each<[string, string, string]>([
  ['nothing', '', 'line 1: found nothing, expected a header with schema "leasehold-history/1"'],
  [
    'another version',
    lines({ ...HEADER, schema: 'leasehold-history/2' }, call),
    'line 1: schema: found "leasehold-history/2", expected "leasehold-history/1"',
  ],
  ['an entry first', lines(call), 'line 1: schema: found nothing, expected "leasehold-history/1"'],
  [
    'no configuration',
    lines({ ...HEADER, config: undefined }, call),
    'line 1: config: found nothing, expected an object',
  ],
  [
    'a line cut off',
    lines(HEADER, call, answer).slice(0, -5),
    'line 3: found no complete JSON (cut off?), expected one value',
  ],
  [
    'lines cut off',
    lines(HEADER, call, answer),
    'line 3: the history is cut off: it ends with return, expected an entry of kind end',
  ],
  [
    'no entries',
    lines(HEADER),
    'line 1: the history is cut off: it ends with nothing, expected an entry of kind end',
  ],
  [
    'a line missing',
    lines(HEADER, answer, end),
    'line 2: seq: found 1, expected 0 (lines are missing, or not in their order)',
  ],
  [
    'an entry of another kind',
    lines(HEADER, { kind: 'crash', at: 0 }),
    'line 2: kind: found "crash", expected one of call, return, watch, ' +
      'delivery, turn, jump, restart, promote, demote, stall, catchUp, ' +
      'lost, end',
  ],
  [
    'a return without a call',
    lines(HEADER, { ...answer, seq: 0 }),
    'line 2: token: found 1, expected the token of an earlier call',
  ],
  [
    'a second return',
    lines(HEADER, call, answer, { ...answer, seq: 2 }),
    'line 4: token: found 1, expected the token of a call that has not returned',
  ],
  [
    'a second call',
    lines(HEADER, call, answer, { ...call, seq: 2 }),
    'line 4: command.token: found 1, expected a token of its own for each call',
  ],
  [
    'the answer to something else',
    lines(HEADER, call, {
      ...answer,
      completion: { kind: 'answered', response: { kind: 'revoked', revision: 1 } },
    }),
    'line 3: completion.response.kind: found "revoked", ' +
      'expected granted or refused, the answers to grant',
  ],
  [
    'time that runs backwards',
    lines(HEADER, { ...call, at: 5 }, { ...answer, at: 4 }),
    'line 3: at: found 4, expected no less than 5, where the clock was before',
  ],
  [
    'a leap backwards',
    lines(HEADER, { kind: 'jump', from: 9, at: 5 }),
    'line 2: at: found 5, expected no less than from, 9',
  ],
  [
    'a fraction on a virtual clock',
    lines(HEADER, { ...call, at: 0.5 }),
    'line 2: at: found 0.5, expected whole milliseconds on a virtual clock',
  ],
  [
    'an instant before the clock’s origin',
    lines(HEADER, { ...call, at: -1 }),
    'line 2: at: found -1, expected milliseconds from the clock’s origin, 0 or more',
  ],
  [
    'an int64 as a number',
    lines(HEADER, { ...call, command: { ...grant, ttl: 5 } }),
    'line 2: command.ttl: found 5, expected an int64 as a decimal text such as "-5"',
  ],
])('%s is refused in one line', (_, text, message) => {
  expect(() => decodeHistory(text)).toThrow(new DecodeError(message));
  expect(message).not.toContain('\n');
});
