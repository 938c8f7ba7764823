import { test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { parameters } from '../../properties/prove.ts';
import { schedules } from '../../properties/schedules.ts';
import { asBytes, NO_BYTES } from '../../src/api/bytes.ts';
import { instant } from '../../src/api/units.ts';
import type { Entry, History } from '../../src/harness/history.ts';
import { decodeHistory, encodeHistory } from '../../src/harness/history-json.ts';
import { parseSchedule } from '../../src/harness/parse-schedule.ts';
import { scheduleOfHistory } from '../../src/harness/recorded.ts';
import { printSchedule, printSteps } from '../../src/harness/schedule-text.ts';
import type { Schedule } from '../../src/harness/schedule.ts';
import type { Session, Target } from '../../src/harness/target.ts';
import { simulatorTarget } from '../../src/harness/targets/simulator-target.ts';
import { trace } from '../../src/harness/trace.ts';
import { tryOut } from '../../src/harness/trial.ts';

const target = simulatorTarget();
const historyOf = async (schedule: Schedule): Promise<History> =>
  (await tryOut(schedule, target)).history;

const parse = (...lines: readonly string[]): Schedule =>
  parseSchedule(['leasehold schedule 1', ...lines].join('\n'));

test.prop([schedules()], parameters(200))(
  'what was recorded runs again the same, through files and back',
  async (schedule) => {
    const first = await historyOf(schedule);
    const recorded = scheduleOfHistory(decodeHistory(encodeHistory(first)));
    const second = await historyOf(parseSchedule(printSchedule(recorded)));
    expect(trace(second.entries)).toBe(trace(first.entries));
    expect(scheduleOfHistory(second)).toEqual(recorded);
  },
);

describe('the words of a recorded schedule', () => {
  test('leases by name, what the server did, what was answered', async () => {
    const history = await historyOf(
      parse(
        'at 0 c1 grant X ttl=5',
        'at 0 c1 put k value=v lease=X',
        'at 0 c1 ttl #42',
        'at 0 c2 grant Y ttl=5 id=-1',
        'at 0 c2 grant Again ttl=5 id=-1',
        'at X.deadline-1ms c1 ttl X keys',
        'at +500ms c2 keep-alive X',
        'at +1ms c2 keep-alive Y stream=3',
        'at +1ms c1 revoke Y',
        'at +5s jump 7s',
        'at +0 c1 leases',
        'at +1s wait',
      ),
    );
    expect(printSteps(scheduleOfHistory(history).steps)).toEqual([
      'at 0        c1  grant A ttl=5          → A ttl=5',
      'at 0        c1  put k value=v lease=A  → ok',
      'at 0        c1  ttl #42                → -1 of 0',
      'at 0        c2  grant B ttl=5 id=-1    → B ttl=5',
      'at 0        c2  grant C ttl=5 id=-1    → refused lease-exists',
      'at 4999ms   c1  ttl A keys             → 0 of 5 keys=k',
      'at 5s           turn A B',
      'at 5499ms   c2  keep-alive A           → ttl=0',
      'at 5500ms   c2  keep-alive B stream=3  → ttl=0',
      'at 5501ms   c1  revoke B               → refused lease-not-found',
      'at 10501ms      jump 7s',
      'at 17501ms      turn',
      'at 17501ms  c1  leases                 → none',
      'at 18501ms      wait',
    ]);
  });

  test('a keep-alive that the server holds waits, and is freed by a turn or a revoke', async () => {
    const history = await historyOf(
      parse(
        'at 100ms c1 grant A ttl=2',
        'at 100ms c1 grant B ttl=2',
        'at 2100ms c1 keep-alive A',
        'at +0 c2 keep-alive B',
        'at +0 c3 keep-alive B',
        'at +1ms c1 revoke A',
        'at +1s wait',
      ),
    );
    expect(printSteps(scheduleOfHistory(history).steps)).toEqual([
      'at 100ms   c1  grant A ttl=2  → A ttl=2',
      'at 100ms   c1  grant B ttl=2  → B ttl=2',
      'at 2100ms  c1  keep-alive A   → waits',
      'at 2100ms  c2  keep-alive B   → waits',
      'at 2100ms  c3  keep-alive B   → waits',
      'at 2101ms  c1  revoke A       → ok',
      'at 2500ms      turn B         → frees c2: ttl=0, c3: ttl=0',
      'at 3101ms      wait',
    ]);
  });

  test('an id that is granted again goes by its newest name', async () => {
    const history = await historyOf(
      parse(
        'at 0 c1 grant A ttl=2 id=7',
        'at 0 c1 revoke A',
        'at 0 c1 grant B ttl=2 id=7',
        'at 0 c1 ttl A',
      ),
    );
    expect(scheduleOfHistory(history).steps.at(-1)).toMatchObject({
      action: { kind: 'timeToLive', lease: 'B' },
    });
  });

  test('after Z comes A1', async () => {
    const grants = Array.from({ length: 28 }, () => 'at 0 c1 grant X ttl=60');
    const { steps } = scheduleOfHistory(await historyOf(parse(...grants)));
    expect(printSteps(steps.slice(25)).map((line) => line.split('→ ')[1])).toEqual([
      'Z ttl=60',
      'A1 ttl=60',
      'B1 ttl=60',
    ]);
  });
});

/** The simulator with a prefix and a mask, as a server has them that sessions share. */
const sharedTarget = (keyPrefix: string, idMask: bigint): Target => ({
  ...target,
  open: (options, sink) => {
    const session = target.open(options, sink) as Session;
    return {
      get now() {
        return session.now;
      },
      keyPrefix: asBytes(keyPrefix),
      idMask,
      call: (client, command) => session.call(client, command),
      advanceTo: (to) => session.advanceTo(to),
      jumpTo: (to) => session.jumpTo(to),
      close: () => session.close(),
    };
  },
});

const withOtherToken = (entry: Entry): Entry => {
  if (entry.kind === 'call') {
    const command = { ...entry.command, token: entry.command.token + 1000 };
    return { ...entry, command };
  }
  return entry.kind === 'return' ? { ...entry, token: entry.token + 1000 } : entry;
};

/** Both in one history, in the order of their instants; the tokens of the second made different. */
const together = (one: History, other: History): History => {
  const entries = [...one.entries, ...other.entries.map(withOtherToken)].sort(
    (a, b) => a.at - b.at,
  );
  return { ...one, entries };
};

describe('a history of several sessions', () => {
  test.prop([schedules({ commands: 30 })], parameters(50))(
    'has each as a schedule of its own, without prefix and mask',
    async (schedule) => {
      const [keyPrefix, idMask] = [asBytes('lh/1/'), 5n << 41n];
      const alone = await tryOut(schedule, target);
      const shared = await tryOut(schedule, sharedTarget(keyPrefix, idMask), undefined, {
        index: 1,
      });
      const other = await tryOut(parse('at 0 c1 leases', 'at 0 c2 get k'), target);
      const history = together(other.history, shared.history);
      const steps = scheduleOfHistory(history, { session: 1, keyPrefix, idMask }).steps;
      const plain = scheduleOfHistory(alone.history).steps;
      expect(printSteps(steps)).toEqual(printSteps(plain));
    },
  );

  test('without a choice has all their clients, under new numbers', async () => {
    const shared = await tryOut(parse('at 1ms c2 get k'), sharedTarget('p/', 0n), undefined, {
      index: 1,
    });
    const other = await tryOut(parse('at 0 c2 get k', 'at 2ms c1 get k'), target);
    const { steps } = scheduleOfHistory(together(other.history, shared.history));
    expect(printSteps(steps)).toEqual([
      'at 0    c1  get k    → none',
      'at 1ms  c2  get p/k  → none',
      'at 2ms  c3  get k    → none',
    ]);
  });
});

test('more clients than a schedule may have share numbers, but not streams', async () => {
  const { header } = await historyOf(parse('at 0 c1 leases'));
  const entries = Array.from({ length: 65 }, (_, session): Entry => {
    const command = { kind: 'keepAlive', token: session, id: 7n, stream: 1 } as const;
    return { kind: 'call', at: instant(0), session, client: 1, command };
  });
  const { steps } = scheduleOfHistory({ header, entries });
  expect(printSteps([steps[0], steps[63], steps[64]] as Schedule['steps'])).toEqual([
    'at 0  c1   keep-alive #7           → waits',
    'at 0  c64  keep-alive #7           → waits',
    'at 0  c1   keep-alive #7 stream=2  → waits',
  ]);
});

describe('a history on a real clock', () => {
  const header = async (): Promise<History['header']> => ({
    ...(await historyOf(parse('at 0 c1 leases'))).header,
    clock: 'real',
    lastTurn: null,
  });
  const call = (at: number, token: number): Entry => ({
    kind: 'call',
    at: instant(at),
    session: 0,
    client: 1,
    command: { kind: 'keepAlive', token, id: 7n, stream: token === 3 ? 9 + 128 : 9 },
  });
  const unknown = { kind: 'unknown', why: 'closed' } as const;

  test('begins with its first call, in whole milliseconds, streams numbered by use', async () => {
    const entries: Entry[] = [
      call(1000.25, 1),
      { kind: 'return', at: instant(1002.5), token: 1, completion: unknown },
      call(1003.75, 2),
      call(1004.9, 3),
      { kind: 'end', at: instant(1010) },
      { kind: 'return', at: instant(1011), token: 2, completion: unknown },
    ];
    const { steps } = scheduleOfHistory({ header: await header(), entries });
    expect(printSteps(steps)).toEqual([
      'at 0     c1  keep-alive #7',
      'at 4ms   c1  keep-alive #7           → waits',
      'at 5ms   c1  keep-alive #7 stream=2  → waits',
      'at 10ms      wait',
    ]);
  });
});

test('nothing recorded is nothing to do', () => {
  const history = { header: {}, entries: [] } as unknown as History;
  expect(scheduleOfHistory(history, { keyPrefix: NO_BYTES }).steps).toEqual([]);
});
