import { test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { parameters } from '../../properties/prove.ts';
import { schedules } from '../../properties/schedules.ts';
import { DecodeError } from '../../src/api/codec.ts';
import { VERSION } from '../../src/version.ts';
import {
  COUNTEREXAMPLE_SCHEMA,
  type Counterexample,
  decodeCounterexample,
  encodeCounterexample,
  readCase,
} from '../../src/harness/counterexample.ts';
import { encodeHistory } from '../../src/harness/history-json.ts';
import { parseSchedule } from '../../src/harness/parse-schedule.ts';
import { printSchedule } from '../../src/harness/schedule-text.ts';
import type { Schedule } from '../../src/harness/schedule.ts';
import { simulatorTarget } from '../../src/harness/targets/simulator-target.ts';
import { tryOut } from '../../src/harness/trial.ts';
import type { Verdict } from '../../src/harness/verdict.ts';

const target = simulatorTarget();

const counterexampleOf = async (schedule: Schedule): Promise<Counterexample> => {
  const { history } = await tryOut(schedule, target);
  const verdict: Verdict = {
    kind: 'violation',
    rule: 'EXP-03',
    entry: history.entries.length - 1,
    explanation: 'a lease never goes before its TTL has passed: at 7 ms it went',
    expected: 'A lives',
    observed: 'A is gone',
  };
  return {
    schema: COUNTEREXAMPLE_SCHEMA,
    versions: { leasehold: VERSION, node: 'v20.19.0' },
    seed: 2n ** 64n - 1n,
    run: 17,
    target: { name: target.name, version: target.version },
    config: schedule.config,
    schedule,
    originalSteps: 50,
    shrink: { attempts: 1234, complete: true },
    verdict,
    history,
  };
};

test.prop([schedules()], parameters(100))(
  'a file of any of the three kinds reads back the same',
  async (given) => {
    const schedule = parseSchedule(printSchedule(given));
    const counterexample = await counterexampleOf(schedule);
    const text = encodeCounterexample(counterexample);
    expect(decodeCounterexample(text)).toEqual(counterexample);
    expect(readCase(text)).toEqual({ kind: 'counterexample', counterexample });
    const { history } = counterexample;
    expect(readCase(encodeHistory(history))).toEqual({ kind: 'history', history });
    expect(readCase(printSchedule(schedule))).toEqual({ kind: 'schedule', schedule });
  },
);

const SCHEDULE = 'leasehold schedule 1\nat 0 c1 grant A ttl=5\nat A.turn c1 leases\n';

describe('a counterexample', () => {
  test('is JSON with a line for each field and for each entry', async () => {
    const text = encodeCounterexample(await counterexampleOf(parseSchedule(SCHEDULE)));
    const lines = text.split('\n');
    expect(lines.map((line) => line.slice(0, 34))).toEqual([
      '{',
      '  "schema": "leasehold-counterexam',
      '  "versions": {"leasehold":"0.1.0"',
      '  "seed": "18446744073709551615",',
      '  "run": 17,',
      '  "target": {"name":"simulator","v',
      '  "config": {"etcd":"3.5","heartbe',
      '  "originalSteps": 50,',
      '  "shrink": {"attempts":1234,"comp',
      '  "verdict": {"kind":"violation","',
      '  "schedule": "leasehold schedule ',
      '  "history": [',
      '    {"schema":"leasehold-history/1',
      '    {"seq":0,"kind":"call","at":0,',
      '    {"seq":1,"kind":"return","at":',
      '    {"seq":2,"kind":"turn","at":50',
      '    {"seq":3,"kind":"call","at":50',
      '    {"seq":4,"kind":"return","at":',
      '    {"seq":5,"kind":"end","at":500',
      '  ]',
      '}',
      '',
    ]);
  });

  test('may have no seed, no run and no shrinking, and stand in one line', async () => {
    const full = await counterexampleOf(parseSchedule(SCHEDULE));
    const verdict: Verdict = { kind: 'inconclusive', why: 'the target went away' };
    const plain = { ...full, seed: null, run: null, shrink: null, verdict };
    const text = JSON.stringify(JSON.parse(encodeCounterexample(plain)));
    expect(readCase(text)).toEqual({ kind: 'counterexample', counterexample: plain });
  });

  test('may have fields that are not known', async () => {
    const full = await counterexampleOf(parseSchedule(SCHEDULE));
    const value = JSON.parse(encodeCounterexample(full)) as object;
    expect(decodeCounterexample(JSON.stringify({ ...value, mood: 'bad' }))).toEqual(full);
  });

  const A_RULE = 'a rule of docs/SEMANTICS.md, such as';
  test.each<[Record<string, unknown>, string]>([
    [
      { schema: 'leasehold-counterexample/2' },
      'schema: found "leasehold-counterexample/2", expected "leasehold-counterexample/1"',
    ],
    [{ seed: 5 }, 'seed: found 5, expected a seed from "0" to "18446744073709551615"'],
    [{ run: -1 }, 'run: found -1, expected a whole number of at least 0'],
    [{ target: 'etcd' }, 'target: found "etcd", expected an object'],
    [{ shrink: { attempts: 1 } }, 'shrink.complete: found nothing, expected true or false'],
    [
      { verdict: { kind: 'guilty' } },
      'verdict.kind: found "guilty", expected one of conformant, violation, inconclusive',
    ],
    [
      { verdict: { kind: 'violation', rule: 'KA-one' } },
      `verdict.rule: found "KA-one", expected ${A_RULE} KA-01, KA-02, KA-03`,
    ],
    [
      { verdict: { kind: 'violation', rule: 5 } },
      `verdict.rule: found 5, expected ${A_RULE} CONST-01, CONST-02, CONST-03`,
    ],
    [
      { schedule: 'leasehold schedule 1\nat noon c1 leases' },
      'schedule: line 2: found "noon", expected a duration such as 0, 500ms, 12s, 1h',
    ],
    [{ schedule: 1 }, 'schedule: found 1, expected a text'],
    [{ history: {} }, 'history: found an object, expected a list'],
    [
      { history: [] },
      'history[0]: found nothing, expected a header with schema "leasehold-history/1"',
    ],
  ])('%j is refused', async (changed, message) => {
    const full = await counterexampleOf(parseSchedule(SCHEDULE));
    const value = JSON.parse(encodeCounterexample(full)) as object;
    const text = JSON.stringify({ ...value, ...changed });
    expect(() => readCase(text)).toThrow(new DecodeError(message));
  });

  test('does not point beyond its history', async () => {
    const full = await counterexampleOf(parseSchedule(SCHEDULE));
    const verdict: Verdict = { ...(full.verdict as Verdict & { kind: 'violation' }), entry: 6 };
    const text = encodeCounterexample({ ...full, verdict });
    expect(() => readCase(text)).toThrow('verdict.entry: found 6, expected an entry from 0 to 5');
  });
});

const KINDS =
  'a schedule ("leasehold schedule 1"), a history or a counterexample ' +
  '(JSON with schema "leasehold-history/1" or "leasehold-counterexample/1")';

describe('a file', () => {
  test('may begin with a byte order mark, comments and empty lines', () => {
    const text = `\uFEFF\n# what went wrong\n\n${SCHEDULE.replaceAll('\n', '\r\n')}`;
    expect(readCase(text)).toMatchObject({ kind: 'schedule', schedule: { steps: { length: 2 } } });
  });

  test.each([
    ['empty', '', `the file is empty, expected ${KINDS}`],
    ['blank', ' \n\n# nothing\n', `the file is empty, expected ${KINDS}`],
    ['binary', 'PK\x03\x04\x14', `the file is not text, expected ${KINDS}`],
    ['not UTF-8', 'a\uFFFDb', `the file is not text, expected ${KINDS}`],
    [
      'something else',
      '# A heading is a comment\nDear etcd,\n',
      `the file begins with "Dear etcd,", expected ${KINDS}`,
    ],
    [
      'a long line',
      'x'.repeat(100),
      `the file begins with "${'x'.repeat(60)}…", expected ${KINDS}`,
    ],
    ['a list', '[1]', `the file begins with "[1]", expected ${KINDS}`],
    [
      'JSON of others',
      '{\n  "name": "leasehold"\n}',
      'schema: found nothing, expected "leasehold-counterexample/1", ' +
        'or lines of which the first has "leasehold-history/1"',
    ],
    [
      'a history of another version',
      '{"versions":{},"schema":"leasehold-history/9"}\n',
      'line 1: schema: found "leasehold-history/9", expected "leasehold-history/1"',
    ],
    [
      'a header cut off',
      '{"schema":"leasehold-history/1","vers',
      'line 1: found no complete JSON (cut off?), expected one value',
    ],
    [
      'a schedule of another version',
      'leasehold schedule 2\nat 0 c1 leases\n',
      'not a schedule: it begins with "leasehold schedule 2", not "leasehold schedule 1"',
    ],
    [
      'a schedule with a mistake',
      `${SCHEDULE}at 1 c1 leases`,
      'line 4: found "1", expected a duration such as 0, 500ms, 12s, 1h',
    ],
  ])('%s is refused in one line', (_, text, message) => {
    expect(() => readCase(text)).toThrow(new DecodeError(message));
  });

  test('that is cut off is refused, wherever it is cut', async () => {
    const text = encodeCounterexample(await counterexampleOf(parseSchedule(SCHEDULE)));
    for (let length = 2; length < text.length - 2; length += 7) {
      expect(() => readCase(text.slice(0, length))).toThrow(
        /^the JSON that begins with ".+" is cut off or damaged$/,
      );
    }
  });
});
