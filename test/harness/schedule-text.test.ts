import { describe, expect, test } from 'vitest';
import { DEFAULT_CONFIG, type MinorVersion } from '../../src/api/config.ts';
import { generate } from '../../src/harness/generate.ts';
import { parseSchedule } from '../../src/harness/parse-schedule.ts';
import { ScheduleSyntaxError } from '../../src/harness/parse-words.ts';
import { printSchedule, SCHEDULE_HEADER } from '../../src/harness/schedule-text.ts';
import { Seed } from '../../src/seed.ts';

const VERSIONS: readonly MinorVersion[] = ['3.4', '3.5', '3.6', '3.7'];

test('300 generated schedules are read as they were printed', () => {
  for (let index = 0; index < 300; index += 1) {
    const schedule = generate(Seed.of(3n).split('text', index), {
      config: { ...DEFAULT_CONFIG, etcd: VERSIONS[index % 4] ?? '3.5' },
      commands: 60,
      clients: 1 + (index % 5),
      clock: index % 3 === 0 ? 'real' : 'virtual',
    });
    const text = printSchedule(schedule);
    const read = parseSchedule(text);
    expect(read).toEqual(schedule);
    expect(printSchedule(read)).toBe(text);
  }
});

/** The one line of a schedule, read and printed again; its columns one blank apart. */
const reprinted = (line: string): string =>
  (printSchedule(parseSchedule(`${SCHEDULE_HEADER}\n${line}\n`)).split('\n')[2] ?? '')
    .replace(/ {2,}/g, ' ')
    .trim();

describe('lines', () => {
  test.each([
    'at 0 c1 grant A ttl=5 → A ttl=5',
    'at 12s c64 grant A ttl=-9223372036854775808 id=-1',
    'at +500ms c1 grant B*501 ttl=9000000000',
    'at A.deadline-1ms c1 ttl A keys → 0 of 5',
    'at A.deadline c2 keep-alive A stream=7 → waits',
    'at B.17.turn+500ms c1 revoke B.17',
    'at 0 c1 ttl keys.2 keys',
    'at 0 c1 txn if lease(k)=none lease(j)=none.2 then put k → else nothing',
    'at #-5.deadline c1 ttl #-5',
    'at 0 c1 leases → none',
    'at 0 c1 put k value=v lease=A ignore-lease ignore-value prev-kv',
    'at 0 c1 put k*12 lease=B*12',
    'at 0 c1 put "" value="\\u0000ÿ"',
    'at 0 c1 get a to c',
    'at 0 c1 get a prefix',
    'at 0 c1 get "\\u0000" from-key',
    'at 0 c1 get "prefix"',
    'at 0 c1 get "a -> b"',
    'at 0 c1 put " -> " value="->" → says "a -> b"',
    'at 0 c1 txn if value("\\"" to "\\" -> ")=" -> " then put " -> " value="a -> \\"b" → ok',
    'at 0 c1 del k prev-kv → deleted 1',
    'at +0 wait',
    'at +1s jump 10s',
    'at A.turn turn A B.2 → frees c2: ttl=0',
    'at 0 turn',
  ])('%s', (line) => {
    expect(reprinted(line)).toBe(line);
  });

  test.each([
    ['minutes and hours', 'at 2m c1 leases', 'at 120s c1 leases'],
    ['', 'at 1h c1 leases', 'at 3600s c1 leases'],
    ['the plain arrow', 'at 0 c1 leases -> none', 'at 0 c1 leases → none'],
    ['blanks', '  at   0    c1   leases   ', 'at 0 c1 leases'],
    ['a quoted plain key', 'at 0 c1 get "k"', 'at 0 c1 get k'],
    ['what is the default', 'at 0 c1 keep-alive A stream=1', 'at 0 c1 keep-alive A'],
    ['a prefix', 'at 0 c1 get a to b', 'at 0 c1 get a prefix'],
    ['the order of flags', 'at 0 c1 put k prev-kv lease=A', 'at 0 c1 put k lease=A prev-kv'],
  ])('%s: %s', (_what, line, plain) => {
    expect(reprinted(line)).toBe(plain);
  });

  test('keys of any bytes, with quotes and arrows, are read as they were printed', () => {
    const bytes = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));
    const keys = bytes.flatMap((byte) => [byte, `${byte}"`, `\\${byte}`, `${byte} -> ${byte}`]);
    for (const key of keys) {
      const quoted = JSON.stringify(key);
      const action = `txn if value(${quoted})=${quoted} then put k value=${quoted}`;
      const line = `at 0 c1 ${action} → ${quoted}`;
      const schedule = parseSchedule(`${SCHEDULE_HEADER}\n${line}\n`);
      expect(schedule.steps).toMatchObject([
        {
          action: { compares: [{ key, operand: key }], success: [{ kind: 'put', value: key }] },
          expect: quoted,
        },
      ]);
      expect(parseSchedule(printSchedule(schedule))).toEqual(schedule);
    }
  });

  test('comments, empty lines and the other line end are passed over', () => {
    const text = ['# A comment', '', SCHEDULE_HEADER, '# another', 'at 0 c1 leases', '', ''];
    expect(parseSchedule(text.join('\r\n')).steps).toHaveLength(1);
  });

  test('the settings', () => {
    const line = 'config etcd=3.6 heartbeat=500ms election=5s';
    const { config } = parseSchedule(`${SCHEDULE_HEADER}\n${line}\n`);
    expect(config).toEqual({ etcd: '3.6', heartbeat: 500, election: 5000 });
    const quick = `${SCHEDULE_HEADER}\nconfig etcd=3.5 heartbeat=100ms election=1s progress=5s\n`;
    expect(parseSchedule(quick).config).toEqual({ ...DEFAULT_CONFIG, progressInterval: 5000 });
    expect(printSchedule(parseSchedule(quick))).toBe(quick);
    expect(parseSchedule(SCHEDULE_HEADER).config).toEqual(DEFAULT_CONFIG);
  });
});

const errorOf = (text: string): string => {
  try {
    parseSchedule(text);
  } catch (error) {
    if (error instanceof ScheduleSyntaxError) return error.message;
    throw error;
  }
  return 'no error';
};

describe('an error is one line: where it is, what is there, what would be right', () => {
  test.each([
    ['leases', '"leases"', 'at INSTANT [cN] ACTION'],
    ['at', '""', 'a duration such as'],
    ['at 5 c1 leases', '"5"', 'a duration such as 0, 500ms, 12s, 1h'],
    ['at 5min c1 leases', '"5min"', 'a duration such as'],
    ['at -1s c1 leases', '"-1s"', 'a duration such as'],
    ['at +-1s c1 leases', '"-1s"', 'a duration such as'],
    ['at 1.5s c1 leases', '"1.5s"', 'a duration such as'],
    ['at 99999999999999999s c1 leases', '"99999999999999999s"', 'a duration such as'],
    ['at A.deadline-x c1 leases', '"x"', 'a duration such as'],
    ['at A-b.turn c1 leases', '"A-b"', 'a lease such as A, B.2, #-5'],
    ['at 0 leases', '"at 0 leases"', 'a client before the action'],
    ['at 0 c0 leases', '"c0"', 'one of grant, revoke'],
    ['at 0 c65 leases', '"c65"', 'a client from c1 to c64'],
    ['at 0 c1 wait', '"at 0 c1 wait"', 'wait without a client'],
    ['at 0 c1', '""', 'one of grant, revoke, keep-alive, ttl, leases, put, get, del, txn, compact'],
    ['at 0 c1 steal A', '"steal"', 'one of grant, revoke'],
    ['at 0 c1 grant A', '"no ttl"', 'ttl=SECONDS'],
    ['at 0 c1 grant ttl=5', '', 'a lease'],
    ['at 0 c1 grant A ttl=5s', '"5s"', 'an int64'],
    ['at 0 c1 grant A ttl=9223372036854775808', '"9223372036854775808"', 'an int64'],
    ['at 0 c1 grant A ttl=5 id=x', '"x"', 'an int64'],
    ['at 0 c1 grant A*0 ttl=5', '"A*0"', 'a lease such as'],
    ['at 0 c1 grant A*10001 ttl=5', '"A*10001"', 'a group of at most 10000'],
    ['at 0 c1 grant A ttl=5 B', '"B"', 'the end of the line'],
    ['at 0 c1 grant none ttl=5', '"none"', 'another name: this is a word of schedules'],
    ['at 0 c1 grant keys*3 ttl=5', '"keys"', 'another name: this is a word of schedules'],
    ['at 0 c1 put k lease=none', '"none"', 'another name: this is a word of schedules'],
    ['at keys.turn c1 leases', '"keys"', 'another name: this is a word of schedules'],
    ['at 0 c1 revoke', '', 'a lease'],
    ['at 0 c1 revoke 5', '"5"', 'a lease such as'],
    ['at 0 c1 revoke #9223372036854775808', '"9223372036854775808"', 'an int64'],
    ['at 0 c1 keep-alive A stream=0', '"0"', 'a stream from 1 to 100'],
    ['at 0 c1 put', '', 'a key'],
    ['at 0 c1 put "k', '', 'a key such as'],
    ['at 0 c1 put "\u20ac"', '', 'one character per byte'],
    ['at 0 c1 put "a → b" → ok', '"\\"a → b\\""', 'one character per byte'],
    ['at 0 c1 put "a → ok', '"\\"a → ok"', 'a key such as'],
    ['at 0 c1 put k*2 lease=A*3', '"lease=A*3"', 'as many leases as keys, 2'],
    ['at 0 c1 get a to', '', 'a key'],
    ['at 0 jump', '', 'a duration'],
    ['config etcd=2.3', '"2.3"', '3.4, 3.5, 3.6, 3.7'],
    ['config heartbeat=1s election=1s', '"heartbeat=1s election=1s"', '5 heartbeats ≤ election'],
    ['config progress=999ms', '"999ms"', 'a second at least'],
    [
      'config retries=3',
      '"retries=3"',
      'heartbeat=, election=, checkpoint=, persist= or progress=',
    ],
  ])('%s', (line, given, wanted) => {
    const message = errorOf(`${SCHEDULE_HEADER}\n\n${line}\n`);
    expect(message).toMatch(/^line 3: /);
    expect(message).toContain(given);
    expect(message).toContain(wanted);
    expect(message).not.toContain('\n');
  });

  /** The first three took the square of their length: minutes. */
  test.each([
    ['quotes in one that is not closed', `at 0 c1 get "${'\\"'.repeat(500_000)}`],
    ['the same in a comparison', `at 0 c1 txn if lease("${'\\"'.repeat(500_000)}`],
    ['anchors in one instant', `at ${'A.turn+'.repeat(150_000)}"\u2028" c1 leases`],
    ['arrows in quotes', `at 0 c1 get "${' → '.repeat(330_000)}`],
  ])('a line of a million characters is read in one go: %s', (_what, line) => {
    expect(errorOf(`${SCHEDULE_HEADER}\n${line}`)).toMatch(/^line 2: found/);
  });

  test('transactions in one another', () => {
    const nested = (depth: number): string =>
      `${SCHEDULE_HEADER}\nat 0 c1 txn ${'then (txn '.repeat(depth)}${')'.repeat(depth)}`;
    expect(parseSchedule(nested(100)).steps).toHaveLength(1);
    for (const depth of [101, 10_000]) {
      const wanted = 'line 2: found "(txn", expected 100 transactions in one another at most';
      expect(errorOf(nested(depth))).toBe(wanted);
    }
  });

  test('settings behind the first step', () => {
    const text = `${SCHEDULE_HEADER}\nat 0 c1 leases\nconfig etcd=3.4\n`;
    expect(errorOf(text)).toMatch(/^line 3: found "config etcd=3.4", expected at INSTANT/);
  });

  test.each([
    ['', 'not a schedule: it begins with "", not "leasehold schedule 1"'],
    ['{"schema": 1}', 'not a schedule: it begins with'],
    ['leasehold schedule 2', 'not a schedule: it begins with "leasehold schedule 2"'],
  ])('a file that is no schedule: %j', (text, message) => {
    expect(errorOf(text)).toContain(message);
  });
});
