/** What the checker says of histories in which the server did something else: mostly of watches. */
import { describe, expect, test } from 'vitest';
import type { Response } from '../../src/api/response.ts';
import { instant } from '../../src/api/units.ts';
import { check } from '../../src/harness/check.ts';
import type { Entry } from '../../src/harness/history.ts';
import { parseSchedule } from '../../src/harness/parse-schedule.ts';
import { SCHEDULE_HEADER } from '../../src/harness/schedule-text.ts';
import { simulatorTarget } from '../../src/harness/targets/simulator-target.ts';
import { trace } from '../../src/harness/trace.ts';
import { tryOut } from '../../src/harness/trial.ts';

interface Story {
  readonly config: string;
  readonly lines: readonly string[];
}

const runOf = async ({ config, lines }: Story) => {
  const text = [SCHEDULE_HEADER, `config ${config}`, ...lines].join('\n');
  return (await tryOut(parseSchedule(text), simulatorTarget())).history;
};

/** The rule that is broken once the entries are altered; null: none. Unaltered they break none. */
async function brokenIn(story: Story, alter: (entries: Entry[]) => Entry[]) {
  const history = await runOf(story);
  expect(check(history).kind).toBe('conformant');
  const verdict = check({ ...history, entries: alter([...history.entries]) });
  return verdict.kind === 'violation' ? verdict.rule : null;
}

/** Without the last entry that is `wanted`. */
const withoutLast = (entries: Entry[], wanted: (entry: Entry) => boolean): Entry[] => {
  const index = entries.findLastIndex(wanted);
  if (index < 0) throw new Error('there is none');
  return entries.toSpliced(index, 1);
};

const answers = (kind: Response['kind']) => (entry: Entry) =>
  entry.kind === 'return' &&
  entry.completion.kind === 'answered' &&
  entry.completion.response.kind === kind;

test('KV-27: a watch that was cancelled before it began leaves no doubt', async () => {
  const story = {
    config: 'etcd=3.5',
    lines: [
      'at 0 c1 watch w1 a from=rev+5',
      'at 1ms c1 cancel w1',
      'at 2ms c1 watch w2 a',
      'at 3ms c1 progress',
    ],
  };
  expect(await brokenIn(story, (entries) => withoutLast(entries, answers('progress')))).toBe(
    'KV-27',
  );
});

test('KV-22: what a stream had to catch up with is no excuse after a restart', async () => {
  const story = {
    config: 'etcd=3.5',
    lines: [
      'at 0 c1 put a',
      'at 0 c1 watch w1 a from=1',
      'at 0 c1 cancel w1',
      'at 1s restart',
      'at +0 c1 watch w2 a',
      'at +1s c1 put a',
    ],
  };
  const isDelivery = ({ kind }: Entry): boolean => kind === 'delivery';
  expect(await brokenIn(story, (entries) => withoutLast(entries, isDelivery))).toBe('KV-22');
});

test('KV-23: a negative start that is not refused', async () => {
  const story = { config: 'etcd=3.6', lines: ['at 0 c1 watch w1 a from=-1'] };
  const taken = (entry: Entry): Entry => {
    if (!answers('refused')(entry) || entry.kind !== 'return') return entry;
    const response = { kind: 'watchCreated', revision: 1, watch: 0n } as const;
    return { ...entry, completion: { kind: 'answered', response: response as Response } };
  };
  expect(await brokenIn(story, (entries) => entries.map(taken))).toBe('KV-23');
});

describe('KV-23: a pass each 100 ms brings a watch 1,000 revisions further', () => {
  /** As if the watch had heard of the past only after so many milliseconds. */
  const late = (ms: number) => (entries: Entry[]) => {
    const at = instant(ms);
    const told: Entry[] = [];
    for (const entry of entries) if (entry.kind === 'delivery') told.push({ ...entry, at });
    const others = entries.filter(({ kind }) => kind !== 'delivery');
    const index = others.findIndex((entry) => entry.at >= at);
    return others.toSpliced(index, 0, ...told);
  };

  test.each([
    // The first revision is 1, and each put makes one more.
    [999, 100, 100, null],
    [999, 100, 101, 'KV-22'],
    [1000, 100, 101, null],
    [1000, 200, 200, null],
    [1000, 200, 201, 'KV-22'],
  ])('%i puts, looked at after %i ms, told after %i: %o', async (puts, looked, told, rule) => {
    const story = {
      config: 'etcd=3.5',
      lines: [
        `at 0 c1 put k*${puts}`,
        'at 0 c1 watch w1 k from-key from=1',
        `at ${looked}ms c1 leases`,
        'at 300ms c1 leases',
      ],
    };
    expect(await brokenIn(story, late(told))).toBe(rule);
  });

  test('counted are those of the time of the pass', async () => {
    const story = {
      config: 'etcd=3.5',
      lines: [
        'at 0 c1 put k*600',
        'at 0 c1 watch w1 k from-key no-put from=1',
        'at 50ms c1 put j*400',
        'at 150ms c1 progress',
        'at 300ms c1 leases',
      ],
    };
    expect(
      await brokenIn(story, (entries) => withoutLast(entries, answers('progress'))),
    ).toBeNull();
  });
});

describe('a watch that is behind', () => {
  const behind = (line: string) => ({
    config: 'etcd=3.5',
    lines: ['at 0 c1 put a*2', 'at 0 c1 watch w1 a from-key from=1', line, 'at +1s c1 leases'],
  });
  const isDelivery = ({ kind }: Entry): boolean => kind === 'delivery';

  test('as the server is restarted may never be told', async () => {
    const story = behind('at 1ms restart kill');
    const untold = (entries: readonly Entry[]) => entries.filter((entry) => !isDelivery(entry));
    expect(await brokenIn(story, untold)).toBeNull();
    const { entries } = await runOf(story);
    expect(trace(untold(entries))).toBe(trace(entries));
  });

  test('as the clock leaps is told where it lands', async () => {
    const story = behind('at 1ms jump 3s');
    // The last delivery of two.
    const later = (entries: readonly Entry[]) => {
      const last = entries.findLastIndex(isDelivery);
      const others = entries.toSpliced(last, 1);
      const leap = others.findIndex(({ kind }) => kind === 'jump');
      const { at } = others[leap] as Entry;
      return others.toSpliced(leap + 1, 0, Object.assign({}, entries[last] as Entry, { at }));
    };
    expect(await brokenIn(story, later)).toBeNull();
    const { entries } = await runOf(story);
    expect(trace(later(entries))).toBe(trace(entries));
  });
});

test('what a watch delivers is part of the trace', async () => {
  const { entries } = await runOf({
    config: 'etcd=3.5',
    lines: ['at 0 c1 watch w1 a', 'at 1s c1 put a', 'at 2s c1 leases'],
  });
  const deaf = entries.filter(({ kind }) => kind !== 'delivery');
  expect(deaf).toHaveLength(entries.length - 1);
  expect(trace(deaf)).not.toBe(trace(entries));
});
