/**
 * Properties of the model by itself: total, pure, and right about what the server may and must do.
 */
import { test } from '@fast-check/vitest';
import { afterAll, expect } from 'vitest';
import { asBytes, type Bytes, NO_BYTES } from '../src/api/bytes.ts';
import { type Command, PLAIN_VIEW, PLAIN_WATCH } from '../src/api/command.ts';
import type { Input } from '../src/api/input.ts';
import { after, type Instant, milliseconds } from '../src/api/units.ts';
import type { Entry, History } from '../src/harness/history.ts';
import {
  breach,
  initialState,
  LEASES_PER_TURN,
  nextExpiry,
  type State,
  serverSteps,
  step,
} from '../src/model/index.ts';
import { frozen, tablesOf } from './frozen.ts';
import { historyOf, parameters, SIMULATOR } from './prove.ts';
import { schedules } from './schedules.ts';
import { Sometimes } from './sometimes.ts';

const sometimes = new Sometimes([
  'a state with leases',
  'a state with waiting keep-alives',
  'a refusal',
  'a read',
  'a turn that revokes',
  'a turn that has nothing to revoke',
  'an instant without a turn',
  'a backlog',
]);

test.prop([schedules({ commands: 18 })], parameters(40))(
  'total: every input in every reachable state yields a step and throws nothing',
  async (schedule) => {
    for (const { state, now } of smallStatesOf(await historyOf(schedule, SIMULATOR))) {
      if (state.leases.size > 0) sometimes.saw('a state with leases');
      if (state.waiting.length > 0) sometimes.saw('a state with waiting keep-alives');
      for (const input of anyInputs(state, now)) {
        const { answers, events, rules } = step(state, input, now);
        expect([answers, events, rules].every(Array.isArray)).toBe(true);
        const isAnswered = answers.some(({ token }) => token === ANY_TOKEN);
        const mayWait = SILENT.has(input.kind) || !('token' in input);
        expect(isAnswered || mayWait, input.kind).toBe(true);
      }
    }
  },
);

test.prop([schedules({ commands: 15 })], parameters(20))(
  'pure: a step changes nothing of the state it is given, and gives the same again',
  async (schedule) => {
    for (const { state, now } of smallStatesOf(await historyOf(schedule, SIMULATOR))) {
      const before = structuredClone(tablesOf(frozen(state)));
      for (const input of anyInputs(state, now)) {
        const first = step(state, input, now);
        const second = step(state, input, now);
        expect(first.answers).toEqual(second.answers);
        expect(first.events).toEqual(second.events);
        expect(tablesOf(first.state)).toEqual(tablesOf(second.state));
      }
      expect(tablesOf(state)).toEqual(before);
    }
  },
);

test.prop([schedules({ commands: 30 })], parameters(60))(
  'pure: a refusal and a read give back the very state they were given',
  async (schedule) => {
    for (const { state, now } of smallStatesOf(await historyOf(schedule, SIMULATOR))) {
      for (const input of anyInputs(state, now)) {
        const { answers, state: next } = step(state, input, now);
        const isRefused = answers[0]?.response.kind === 'refused';
        const isRead = READS.has(input.kind);
        if (isRefused) sometimes.saw('a refusal');
        if (isRead) sometimes.saw('a read');
        if (isRefused || isRead) expect(next === state, input.kind).toBe(true);
      }
    }
  },
);

test.prop([schedules({ backlog: [1, 1200], commands: 25 })], parameters(60))(
  'CONST-04: serverSteps foretells each turn of the simulator, and breach has nothing against it',
  async (schedule) => {
    let passed: Instant | null = null;
    for (const { state, entry } of statesOf(await historyOf(schedule, SIMULATOR))) {
      const { may, must } = serverSteps(state, entry.at);
      const turn = may.find((choice) => choice.kind === 'turn');
      if (entry.kind === 'turn') {
        const { revoked } = entry;
        expect(breach(state, { kind: 'turn', revoked }, entry.at)).toBeNull();
        expect(turn?.count).toBe(revoked.length);
        expect(revoked.every((id) => turn?.of.includes(id))).toBe(true);
        expect(must).toHaveLength(1);
        const what = revoked.length > 0 ? 'that revokes' : 'that has nothing to revoke';
        sometimes.saw(`a turn ${what}`);
        if ((turn?.of.length ?? 0) > LEASES_PER_TURN) sometimes.saw('a backlog');
      } else if (turn === undefined) {
        sometimes.saw('an instant without a turn');
        expect(breach(state, { kind: 'turn', revoked: [] }, entry.at)).toBe('CONST-04');
      }
      // Whatever had to be done before this entry is done.
      if (passed !== null && entry.at > passed && entry.kind !== 'turn' && entry.kind !== 'jump') {
        const due = nextExpiry(state);
        expect(due === null || due >= entry.at || isBeforeTurn(entry)).toBe(true);
      }
      passed = entry.at;
    }
  },
);

afterAll(() => sometimes.expectAll('the model'));

/** The answers and events of a turn are seen before it. */
const isBeforeTurn = ({ kind }: Entry): boolean =>
  kind === 'return' || kind === 'watch' || kind === 'delivery';

interface Reached {
  /** Before the entry, at the entry's instant. */
  readonly state: State;
  readonly now: Instant;
  readonly entry: Entry;
}

/** Those with few leases: with hundreds of them nothing else happens, and copies take long. */
function* smallStatesOf(history: History): Iterable<Reached> {
  for (const reached of statesOf(history)) if (reached.state.leases.size <= 30) yield reached;
}

/** The states that the model passes through while it follows a history. */
function* statesOf({ header, entries }: History): Iterable<Reached> {
  let state = initialState({ server: header.config });
  const ids = new Map<number, bigint>();
  for (const entry of entries) {
    if (entry.kind !== 'return' || entry.completion.kind !== 'answered') continue;
    const { response } = entry.completion;
    if (response.kind === 'granted') ids.set(entry.token, response.id);
  }
  for (const entry of entries) {
    const now = entry.at;
    yield { state, now, entry };
    if (entry.kind === 'turn') ({ state } = step(state, entry, now));
    if (entry.kind === 'jump') ({ state } = step(state, entry, now));
    if (entry.kind !== 'call') continue;
    const { command } = entry;
    const id = ids.get(command.token);
    if (command.kind === 'grant' && command.id === 0n && id !== undefined) {
      ({ state } = step(state, { kind: 'assignId', id }, now));
    }
    ({ state } = step(state, command, now));
  }
}

const READS: ReadonlySet<Input['kind']> = new Set(['timeToLive', 'leases', 'range']);

/** Those that may have no answer. */
const SILENT: ReadonlySet<Input['kind']> = new Set(['keepAlive', 'cancelWatch', 'watchProgress']);
const ANY_TOKEN = 1_000_000;

/**
 * Inputs of each kind: on leases and keys that are there, on others, and on those no one can have.
 */
function anyInputs(state: State, now: Instant): Input[] {
  const token = ANY_TOKEN;
  const leases = state.queue.all().map(({ id }) => id);
  const [soonest = 5n, latest = 6n] = [leases[0], leases.at(-1)];
  const ids = [...new Set([soonest, latest, 0n, -1n, -(2n ** 63n), 2n ** 63n - 1n])];
  const keys = [NO_BYTES, asBytes('a'), asBytes('\0'), asBytes('\xff')];
  const ttls = [1n, 0n, -(2n ** 63n), 9_000_000_000n, 9_000_000_001n];
  const commands: Command[] = [{ kind: 'leases', token }];
  for (const id of ids) {
    for (const ttl of ttls) commands.push({ kind: 'grant', token, id, ttl });
    commands.push(
      { kind: 'revoke', token, id },
      { kind: 'keepAlive', token, id, stream: 129 },
      { kind: 'keepAlive', token, id, stream: 7 },
      { kind: 'timeToLive', token, id, keys: true },
    );
  }
  for (const key of keys) {
    for (const rangeEnd of keys) {
      commands.push({ kind: 'range', token, key, rangeEnd, view: PLAIN_VIEW });
      commands.push({ kind: 'deleteRange', token, key, rangeEnd, prevKv: true });
    }
    for (const lease of [0n, soonest, -1n]) commands.push(...anyPuts(token, key, lease));
  }
  return [
    ...commands,
    ...anyOthers(token, soonest),
    { kind: 'turn', revoked: [] },
    { kind: 'turn', revoked: [...leases, soonest, 99n] },
    { kind: 'assignId', id: soonest },
    { kind: 'jump', from: state.now },
    { kind: 'jump', from: after(now, milliseconds(-10_000)) },
  ];
}

const anyPuts = (token: number, key: Bytes, lease: bigint): Command[] =>
  [false, true].flatMap((ignoreLease) =>
    [false, true].map((ignoreValue): Command => {
      const value = lease === -1n ? asBytes('v') : NO_BYTES;
      return { kind: 'put', token, key, value, lease, ignoreLease, ignoreValue, prevKv: true };
    }),
  );

/** Transactions, views, compactions, alarms and watches. */
const anyOthers = (token: number, lease: bigint): Command[] => {
  const key = asBytes('a');
  const all = { key: asBytes('\0'), rangeEnd: asBytes('\0') };
  const flags = { ignoreLease: false, ignoreValue: true, prevKv: true };
  const put = { kind: 'put', key, value: NO_BYTES, lease, ...flags } as const;
  const view = { ...PLAIN_VIEW, limit: 1n, sortTarget: 'value', keysOnly: true } as const;
  const range = { kind: 'range', ...all, view } as const;
  const remove = { kind: 'deleteRange', ...all, prevKv: true } as const;
  const compare = { ...all, result: 'greater', target: 'lease', operand: 0n } as const;
  const nested = { kind: 'txn', compares: [compare], success: [put], failure: [range] } as const;
  const stream = { token, stream: 1 } as const;
  const watch = { ...PLAIN_WATCH, kind: 'watch', ...stream, ...all, prevKv: true } as const;
  return [
    { kind: 'txn', token, compares: [], success: [remove, nested, range], failure: [] },
    { kind: 'txn', token, compares: [compare], success: [put], failure: [put, remove] },
    ...[-1n, 1n, 2n, 2n ** 63n - 1n].flatMap((revision): Command[] => [
      { ...range, token, view: { ...view, revision } },
      { kind: 'compact', token, revision, physical: false },
      { ...watch, watch: revision, startRevision: revision },
    ]),
    { kind: 'alarm', token, action: 'raise' },
    { kind: 'alarm', token, action: 'clear' },
    { kind: 'cancelWatch', ...stream, watch: 0n },
    { kind: 'watchProgress', ...stream },
  ];
};
