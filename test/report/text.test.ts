import { test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { parameters } from '../../properties/prove.ts';
import { schedules } from '../../properties/schedules.ts';
import type { Command } from '../../src/api/command.ts';
import { instant } from '../../src/api/units.ts';
import type { Entry } from '../../src/harness/history.ts';
import { parseSchedule } from '../../src/harness/parse-schedule.ts';
import { scheduleOfHistory } from '../../src/harness/recorded.ts';
import type { Schedule, ScheduleStep } from '../../src/harness/schedule.ts';
import { simulatorTarget } from '../../src/harness/targets/simulator-target.ts';
import { type Trial, tryOut } from '../../src/harness/trial.ts';
import { LIMITS } from '../../src/limits.ts';
import { textReport } from '../../src/report/text.ts';
import type { SimulatorOptions } from '../../src/simulator/options.ts';
import { Simulator } from '../../src/simulator/simulator.ts';

const COMMAND = 'npx leasehold replay case.json';

const parse = (...lines: readonly string[]): Schedule =>
  parseSchedule(['leasehold schedule 1', ...lines].join('\n'));

/** A server that forgets a second of each TTL above 4 s, and says nothing of it. */
class Hasty extends Simulator {
  constructor(options: SimulatorOptions) {
    super({
      ...options,
      onAnswer: (token, response) =>
        options.onAnswer(
          token,
          response.kind === 'granted' && response.ttl === 4
            ? { ...response, ttl: 5 as typeof response.ttl }
            : response,
        ),
    });
  }

  override submit(command: Command): void {
    const isLong = command.kind === 'grant' && command.ttl > 4n;
    super.submit(isLong ? { ...command, ttl: command.ttl - 1n } : command);
  }
}

const hasty = simulatorTarget({ implementation: Hasty });

const withoutExpectation = (step: ScheduleStep): ScheduleStep => ({ ...step, expect: null });

/** Without what depends on the machine. */
const reportOf = (trial: Trial): string[] =>
  textReport(trial, COMMAND)
    .replace(/leasehold \d\S+, node v\S+/, 'leasehold V, node V')
    .split('\n');

describe('a violation', () => {
  test('is told from the command that repeats it to the line that shows it', async () => {
    const schedule = parse(
      'at 0 c1 grant A ttl=5',
      'at 0 c1 put k value=v lease=A',
      'at A.deadline-1ms c2 get k',
      'at +1s wait',
    );
    const trial = await tryOut(schedule, hasty);
    const entry = trial.history.entries.findIndex(({ kind }) => kind === 'turn');
    const { revoked } = trial.history.entries[entry] as Entry & { kind: 'turn' };
    const expected = `lease ${revoked[0]} lives for another 1000 ms`;
    const observed = `a turn revoked [${revoked.join(', ')}]`;
    const verdict = { kind: 'violation', rule: 'EXP-03', entry, explanation: '' } as const;
    expect(reportOf({ ...trial, verdict: { ...verdict, expected, observed } })).toEqual([
      'npx leasehold replay case.json',
      '',
      'EXP-03 is broken: a lease never goes before its TTL has passed',
      'see docs/SEMANTICS.md#exp-03-never-early',
      'target simulator (in process), virtual clock, leasehold V, node V',
      '',
      'leasehold schedule 1',
      'config etcd=3.5 heartbeat=100ms election=1s',
      'at 0               c1  grant A ttl=5          → A ttl=5',
      'at 0               c1  put k value=v lease=A  → ok',
      'at A.deadline-1ms  c2  get k                  → none',
      'at +1s                 wait',
      '',
      'timeline',
      '       0 ms  c1  grant A ttl=5          → A ttl=5  (deadline 5000 ms)',
      '       0 ms  c1  put k value=v lease=A  → ok',
      '       0 ms  ·   watch, revision 2: put k=v lease=A',
      '✗   4000 ms  ·   turn: revokes A',
      '                 expected  lease A lives for another 1000 ms',
      '                 observed  a turn revoked [A]',
      '    4000 ms  ·   watch, revision 3: delete k',
      '    4999 ms  c2  get k                  → none',
      '    5999 ms  ·   end',
      '',
    ]);
  });

  test('in one of a group names it', async () => {
    const schedule = parse(
      'at 0 c1 grant B*3 ttl=3',
      'at 0 c1 grant A*2 ttl=5',
      'at 1ms c2 ttl A*2',
    );
    const report = reportOf(await tryOut(schedule, hasty));
    const found = report.findIndex((line) => line.startsWith('✗'));
    expect(report.slice(found - 1, found + 3)).toEqual([
      '       0 ms  c1  grant A*2 ttl=5  → A ttl=5  (deadline 5000 ms)',
      '✗      1 ms  c2  ttl A*2 (A.1)    → 3 of 4',
      '                 expected  4 of 5',
      '                 observed  3 of 4',
    ]);
  });

  test('that is in no line is told at the end', async () => {
    const trial = await tryOut(parse('at 0 c1 leases'), simulatorTarget());
    const verdict = {
      kind: 'violation',
      rule: 'LIST-01',
      entry: 99,
      explanation: '',
      expected: '#7',
      observed: 'none',
    } as const;
    const entries = [...trial.history.entries];
    const report = reportOf({ ...trial, history: { ...trial.history, entries }, verdict });
    expect(report.join('\n')).not.toContain('✗');
    const lost = {
      kind: 'return',
      at: instant(0),
      token: 55,
      completion: { kind: 'unknown', why: 'x' },
    };
    const history = { ...trial.history, entries: [...entries, lost as (typeof entries)[number]] };
    const told = reportOf({ ...trial, history, verdict: { ...verdict, entry: entries.length } });
    expect(told.slice(-3)).toEqual(['✗ expected  #7', '✗ observed  none', '']);
  });
});

describe('what the server does by itself', () => {
  test('keep-alives that wait, turns and leaps have lines of their own', async () => {
    const schedule = parse(
      'at 250ms c1 grant A ttl=2',
      'at A.deadline c2 keep-alive A',
      'at +0 c2 ttl A',
      'at +0 c3 keep-alive A',
      'at A.turn c1 leases',
      'at +1ms jump 2s',
    );
    const report = reportOf(await tryOut(schedule, simulatorTarget()));
    expect(report[2]).toBe('conformant: no rule is broken');
    expect(report.slice(report.indexOf('timeline') + 1)).toEqual([
      '     250 ms  c1  grant A ttl=2  → A ttl=2  (deadline 2250 ms)',
      '    2250 ms  c2  keep-alive A   → waits',
      '    2250 ms  c2  ttl A          → 0 of 2',
      '    2250 ms  c3  keep-alive A   → waits',
      '    2500 ms  ·   turn: revokes A',
      '    2500 ms  c2  keep-alive A   → ttl=0  (waited since 2250 ms)',
      '    2500 ms  c3  keep-alive A   → ttl=0  (waited since 2250 ms)',
      '    2500 ms  c1  leases         → none',
      '    2501 ms  ·   the clock leaps to 4501 ms',
      '    4501 ms  ·   turn: revokes nothing',
      '    4501 ms  ·   end',
      '',
    ]);
  });

  test('large groups are one line, with what differs counted', async () => {
    const schedule = parse(
      'at 0 c1 grant B*501 ttl=5',
      'at 0 c1 put m*501 lease=B*501',
      'at 0 c2 grant D*2 ttl=60 id=6',
      'at 0 c2 grant E*2 ttl=60 id=7',
      'at B.deadline c2 keep-alive B*501',
      'at +500ms wait',
    );
    const report = reportOf(await tryOut(schedule, simulatorTarget()));
    expect(report.slice(report.indexOf('timeline') + 1)).toEqual([
      '       0 ms  c1  grant B*501 ttl=5      → B ttl=5  (deadline 5000 ms)',
      '       0 ms  c1  put m*501 lease=B*501  → ok',
      '       0 ms  ·   watch, revisions 2 to 502: put m1 lease=B.1, put m2 lease=B.2, ' +
        'put m3 lease=B.3, put m4 lease=B.4, put m5 lease=B.5, … (501 events)',
      '       0 ms  c2  grant D*2 ttl=60 id=6  → D ttl=60  (deadline 60000 ms)',
      '       0 ms  c2  grant E*2 ttl=60 id=7  → 1 × refused lease-exists, 1 × E ttl=60  ' +
        '(deadline 60000 ms)',
      '    5000 ms  ·   turn: revokes B.1, B.2, B.3, B.4, B.5, … (500 leases)',
      '    5000 ms  ·   watch, revisions 503 to 1002: delete m1, delete m2, delete m3, ' +
        'delete m4, delete m5, … (500 events)',
      '    5000 ms  c2  keep-alive B*501       → 500 × ttl=0, 1 × waits',
      '    5500 ms  ·   turn: revokes B.501',
      '    5500 ms  ·   watch, revision 1003: delete m501',
      '    5500 ms  c2  keep-alive B*501       → ttl=0  (waited since 5000 ms)',
      '    5500 ms  ·   end',
      '',
    ]);
  });
});

test.prop([schedules()], parameters(150))(
  'a report is bounded, names every lease, and holds the schedule',
  async (schedule) => {
    const trial = await tryOut(schedule, simulatorTarget());
    const text = textReport(trial, COMMAND);
    const lines = text.split('\n');
    expect(lines.length).toBeLessThanOrEqual(LIMITS.reportLines);
    // What the simulator chooses as an id.
    expect(text).not.toMatch(/7587875\d{12}/);
    const [start, end] = [lines.indexOf('leasehold schedule 1'), lines.indexOf('timeline')];
    const { steps } = parseSchedule(lines.slice(start, end).join('\n'));
    expect(steps.map(withoutExpectation)).toEqual(schedule.steps.map(withoutExpectation));
  },
);

describe('what is long or strange', () => {
  test('a report of many steps leaves lines out, but not those of the violation', async () => {
    const gets = Array.from({ length: 600 }, () => 'at +0 c1 get k');
    const schedule = parse(...gets, 'at +0 c1 grant A ttl=5', 'at +0 c1 ttl A', ...gets);
    const report = reportOf(await tryOut(schedule, hasty));
    expect(report.length).toBeLessThanOrEqual(LIMITS.reportLines);
    expect(report).toContain('✗      0 ms  c1  ttl A          → 4 of 4');
    expect(report).toContain('                 expected  5 of 5');
    expect(report.filter((line) => line.endsWith(' lines left out …'))).toHaveLength(3);
  });

  test('lines are cut, and hold nothing that moves a terminal', async () => {
    const trial = await tryOut(parse('at 0 c1 grant A*1200 ttl=60', 'at 0 c1 leases'), hasty);
    const verdict = { kind: 'inconclusive', why: '\u001b[2Jgone\nnext' } as const;
    const report = reportOf({ ...trial, verdict });
    expect(report[2]).toBe('inconclusive:  [2Jgone next');
    const longest = Math.max(...report.map((line) => line.length));
    expect(longest).toBe(LIMITS.reportCharacters);
  });
});

/** So that one call and its return can stand in another history. */
const asToken100 = (entry: Entry): Entry => {
  if (entry.kind === 'call') return { ...entry, command: { ...entry.command, token: 100 } };
  return entry.kind === 'return' ? { ...entry, token: 100 } : entry;
};

/** Fractions of milliseconds apart. */
const spaced = (entry: Entry, index: number): Entry => ({ ...entry, at: instant(10 + index / 8) });

describe('a real clock', () => {
  test('has fractions, says when a call returned, and what cannot be checked', async () => {
    const trial = await tryOut(parse('at 0 c1 grant A ttl=5', 'at 0 c1 put k'), simulatorTarget());
    const { header, entries } = trial.history;
    const history = {
      header: { ...header, clock: 'real', lastTurn: null } as const,
      entries: entries.map(spaced),
    };
    const report = reportOf({ ...trial, history });
    const start = report.indexOf('timeline');
    expect(report.slice(start)).toEqual([
      'timeline',
      '      10 ms  c1  grant A ttl=5  → A ttl=5  (returned at 10.1 ms)',
      '    10.3 ms  c1  put k          → ok  (returned at 10.5 ms)',
      '    10.4 ms  ·   watch, revision 2: put k',
      '    10.6 ms  ·   end',
      '',
      'not checked: the exact instants. A real clock shows only that each operation took effect',
      'between its call and its return; what some instants in between explain is no violation.',
      '',
    ]);
  });

  test('a session of many is told by itself, with its own keys', async () => {
    const schedule = parse('at 0 c1 put k', 'at 0 c1 leases');
    const trial = await tryOut(schedule, simulatorTarget(), undefined, 1);
    const other = await tryOut(parse('at 0 c1 get k', 'at 0 c1 get l'), simulatorTarget());
    const moved = other.history.entries.slice(0, 2).map(asToken100);
    const entries = [...moved, ...trial.history.entries];
    const history = { ...trial.history, entries };
    const told = reportOf({ ...trial, history });
    expect(told).toContain('       0 ms  c1  put k   → ok');
    expect(told.join('\n')).not.toContain('range');
    // A schedule of the whole history has all of it.
    const all = reportOf({ ...trial, history, schedule: scheduleOfHistory(history) });
    expect(all).toContain('       0 ms  c1  get k   → none');
    expect(all).toContain('       0 ms  c2  put k   → ok');
  });

  test('a call that is of no step is told all the same', async () => {
    const trial = await tryOut(parse('at 0 c1 leases', 'at 0 c1 put "~end"'), simulatorTarget());
    const report = reportOf({ ...trial, schedule: parse('at 0 c1 leases') });
    expect(report).toContain('       0 ms  c1  put "~end"  → ok');
  });
});
