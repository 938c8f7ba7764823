/**
 * Schedules that are a little smaller than a given one, the boldest cuts first. Pure and lazy.
 * Serves generated and recorded schedules alike; anchored instants keep their meaning when earlier
 * lines go.
 */
import { keepsLegal, smallerRestarts } from './server-life.ts';
import { milliseconds } from '../api/units.ts';
import { type Action, type Schedule, type ScheduleStep, stepWith, type When } from './schedule.ts';
import { smallerOps, smallerWatches } from './smaller-ops.ts';

export function* smaller(schedule: Schedule): Generator<Schedule> {
  for (const candidate of candidates(schedule)) {
    const restarts = candidate.steps.flatMap(({ action }) =>
      action.kind === 'restart' ? [action] : [],
    );
    if (keepsLegal(candidate.config, restarts)) yield candidate;
  }
}

function* candidates(schedule: Schedule): Generator<Schedule> {
  const { steps } = schedule;
  const having = (changed: readonly ScheduleStep[]): Schedule => ({ ...schedule, steps: changed });
  // What a server did by itself is recorded for readers; a replay does not need it.
  if (steps.some(isTurn)) yield having(steps.filter((step) => !isTurn(step)));
  for (let size = steps.length >> 1; size >= 1; size >>= 1) {
    for (let start = steps.length - size; start >= 0; start -= size) {
      yield having([...steps.slice(0, start), ...steps.slice(start + size)]);
    }
  }
  for (let index = 0; index < steps.length - 1; index += 1) {
    const merged = merge(steps[index] as ScheduleStep, steps[index + 1] as ScheduleStep);
    if (merged === null) continue;
    yield having([...steps.slice(0, index), merged, ...steps.slice(index + 2)]);
  }
  for (const client of new Set(steps.map((step) => step.client))) {
    if (client > 1)
      yield having(
        steps.map((step) => (step.client === client ? stepWith(step, { client: 1 }) : step)),
      );
  }
  for (const [index, step] of steps.entries()) {
    for (const replacement of smallerSteps(step)) {
      yield having([...steps.slice(0, index), replacement, ...steps.slice(index + 1)]);
    }
  }
}

/**
 * The second of two steps at its own instant, without the first; null where that changes nothing.
 */
const merge = ({ at: first }: ScheduleStep, second: ScheduleStep): ScheduleStep | null => {
  const { at } = second;
  if (at.from !== 'previous' || first.from === 'start') return null;
  if (first.from === 'previous' && first.offset === 0) return null;
  return stepWith(second, { at: { ...first, offset: milliseconds(first.offset + at.offset) } });
};

/** Less of one step: an earlier instant, a plainer action. */
function* smallerSteps(step: ScheduleStep): Generator<ScheduleStep> {
  if (step.expect !== null) yield stepWith(step, { expect: null });
  if (step.client > 1) yield stepWith(step, { client: 1 });
  for (const at of smallerInstants(step.at)) yield stepWith(step, { at });
  for (const action of smallerActions(step.action)) yield stepWith(step, { action });
}

function* smallerInstants(at: When): Generator<When> {
  const { from, offset } = at;
  // Right after the step before, if that will do: always where the lease of an anchor is gone.
  if (from !== 'previous') yield { from: 'previous', offset: milliseconds(0) };
  if (from === 'start' || offset === 0) return;
  yield { ...at, offset: milliseconds(0) };
  const half = Math.trunc(offset / 2);
  // Whole seconds read better, so they are tried before other fractions.
  const rounded = Math.trunc(half / 1000) * 1000;
  if (rounded !== 0) yield { ...at, offset: milliseconds(rounded) };
  for (const size of smallerNumbers(Math.abs(offset))) {
    yield { ...at, offset: milliseconds(Math.sign(offset) * size) };
  }
}

function* smallerActions(action: Action): Generator<Action> {
  switch (action.kind) {
    case 'grant':
      for (const count of smallerCounts(action.count)) yield { ...action, count };
      if (action.id !== 0n) yield { ...action, id: 0n };
      if (action.ttl > 5n || action.ttl < 2n) yield { ...action, ttl: 5n };
      if (action.ttl > 2n) yield { ...action, ttl: 2n };
      return;
    case 'revoke':
      for (const count of smallerCounts(action.count)) yield { ...action, count };
      return;
    case 'keepAlive':
      for (const count of smallerCounts(action.count)) yield { ...action, count };
      if (action.stream > 1) yield { ...action, stream: 1 };
      return;
    case 'timeToLive':
      for (const count of smallerCounts(action.count)) yield { ...action, count };
      if (action.keys) yield { ...action, keys: false };
      return;
    case 'put':
      for (const count of smallerCounts(action.count)) {
        yield { ...action, count, spread: action.spread && count > 1 };
      }
      yield* smallerOps(action);
      return;
    case 'range':
    case 'deleteRange':
    case 'txn':
      yield* smallerOps(action);
      return;
    case 'compact':
      if (action.physical) yield { ...action, physical: false };
      return;
    case 'watch':
      yield* smallerWatches(action);
      return;
    case 'cancelWatch':
    case 'watchProgress':
      if (action.stream > 1) yield { ...action, stream: 1 };
      return;
    case 'jump':
      if (action.by > 1000)
        yield { ...action, by: milliseconds(Math.trunc(action.by / 2000) * 1000) };
      for (const by of smallerNumbers(action.by)) yield { ...action, by: milliseconds(by) };
      return;
    case 'restart':
      yield* smallerRestarts(action);
      return;
    case 'alarm':
    case 'leader':
    case 'apply':
    case 'leases':
    case 'wait':
    case 'turn':
      return;
  }
}

function* smallerCounts(count: number): Generator<number> {
  if (count === 1) return;
  yield 1;
  for (const smaller of smallerNumbers(count)) if (smaller > 1) yield smaller;
}

/** Less by half, by a quarter, … by one: the least that will do is found in a few steps. */
function* smallerNumbers(number: number): Generator<number> {
  for (let less = Math.floor(number / 2); less >= 1; less = Math.floor(less / 2)) {
    yield number - less;
  }
}

const isTurn = ({ action }: ScheduleStep): boolean => action.kind === 'turn';
