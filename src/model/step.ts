/**
 * The reference model: what etcd promises about leases, as one total and pure function.
 *
 * Every input in every state yields a step; a refusal is an answer. What a real server is free to
 * choose (which of the due leases a turn takes, the id of a grant that leaves it the choice) comes
 * in as a server step; `serverSteps` and `breach` say which of them are legal. The model never
 * rolls dice.
 */
import type { Command } from '../api/command.ts';
import { type Input, isServerStep, type ServerStep } from '../api/input.ts';
import type { Instant } from '../api/units.ts';
import { invariant } from '../invariant.ts';
import { alarm } from './alarm.ts';
import { CHECKPOINTED, checkpointsUpTo } from './checkpoint.ts';
import { compact } from './compact.ts';
import { keepAlive } from './keep-alive.ts';
import { demote, served, waitsForLeader, wake } from './leadership.ts';
import { deleteRange, put } from './key-value.ts';
import { grant, leases, revoke, timeToLive } from './lease.ts';
import { notify } from './notices.ts';
import { promote, restart } from './restart.ts';
import { assignId, jump } from './server-step.ts';
import { turn } from './expiry.ts';
import { catchUp, proposeRevokes, stall, waitsForLog } from './slow-apply.ts';
import type { State } from './state.ts';
import { joined, type Step } from './outcome.ts';
import { range } from './range.ts';
import { txn } from './txn.ts';
import { cancelWatch, delivered, watch, watchProgress } from './watch.ts';

/** Applies one input at instant `now`. Total and pure: refusals are answers. */
export function step(state: State, input: Input, now: Instant): Step {
  invariant(now >= state.now, 'time does not run backwards', { now, last: state.now });
  if (state.checkpoints.length === 0 || state.landing) return watched(state, input, now);
  // CONST-12, CKPT-02: what was due at turns that had nothing else to do.
  const takesTime = input.kind === 'jump' || input.kind === 'restart';
  const made = checkpointsUpTo(state, takesTime ? input.from : now);
  const next = watched(made, input, now);
  if (made === state) return next;
  const { answers, events, deliveries, rules } = next;
  return { state: next.state, answers, events, deliveries, rules: joined(rules, CHECKPOINTED) };
}

/** With what the watches of clients are told of it. */
function watched(state: State, input: Input, now: Instant): Step {
  const outcome = isServerStep(input)
    ? serverStep(state, input, now)
    : (waiting(state, input, now) ?? command(state, input, now));
  if (outcome.events.length === 0 || state.streams.length === 0) return outcome;
  // Put together of steps that have told them.
  if (input.kind === 'promote' || input.kind === 'wake' || input.kind === 'catchUp') return outcome;
  return delivered(state, outcome);
}

/** What is made of a command that cannot be served now; null: it can. */
function waiting(state: State, input: Command, now: Instant): Step | null {
  const mayWait = !state.leads || state.held.length > 0;
  return (mayWait ? waitsForLeader(state, input, now) : null) ?? waitsForLog(state, input, now);
}

/** What clients ask. */
function command(state: State, input: Command, now: Instant): Step {
  switch (input.kind) {
    case 'grant':
      return grant(state, input, now);
    case 'revoke':
      return revoke(state, input, now);
    case 'keepAlive':
      return keepAlive(state, input, now);
    case 'timeToLive':
      return timeToLive(state, input, now);
    case 'leases':
      return leases(state, input, now);
    case 'put':
      return put(state, input, now);
    case 'range':
      return range(state, input, now);
    case 'deleteRange':
      return deleteRange(state, input, now);
    case 'txn':
      return txn(state, input, now);
    case 'compact':
      return compact(state, input, now);
    case 'alarm':
      return alarm(state, input, now);
    case 'watch':
      return watch(state, input, now);
    case 'cancelWatch':
      return cancelWatch(state, input, now);
    case 'watchProgress':
      return watchProgress(state, input, now);
  }
}

/** What only the server may do. */
function serverStep(state: State, input: ServerStep, now: Instant): Step {
  switch (input.kind) {
    case 'turn':
      return state.backlog === null ? turn(state, input, now) : proposeRevokes(state, input, now);
    case 'assignId':
      return assignId(state, input, now);
    case 'jump':
      return jump(state, input, now);
    case 'restart':
      invariant(state.backlog === null, CAUGHT_UP, { now });
      return restart(state, input, now);
    case 'promote':
      return served(promote(state, input, now), watched, now);
    case 'demote':
      invariant(state.backlog === null, CAUGHT_UP, { now });
      return demote(state, now);
    case 'wake':
      return wake(state, watched, now);
    case 'notify':
      return notify(state, input, now);
    case 'stall':
      return stall(state, now);
    case 'catchUp':
      return catchUp(state, input, watched, now);
  }
}

const CAUGHT_UP = 'a server catches up before it goes or loses its lead';
