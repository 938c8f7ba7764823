/**
 * The reference model: what etcd promises about leases, as one total and pure function.
 *
 * Every input in every state yields a step; a refusal is an answer. What a real server is free to
 * choose (which of the due leases a turn takes, the id of a grant that leaves it the choice) comes
 * in as a server step; `serverSteps` and `breach` say which of them are legal. The model never
 * rolls dice.
 */
import type { Input } from '../api/input.ts';
import type { Instant } from '../api/units.ts';
import { invariant } from '../invariant.ts';
import { alarm } from './alarm.ts';
import { compact } from './compact.ts';
import { keepAlive } from './keep-alive.ts';
import { deleteRange, put } from './key-value.ts';
import { grant, leases, revoke, timeToLive } from './lease.ts';
import { assignId, jump, turn } from './server-step.ts';
import type { State } from './state.ts';
import type { Step } from './outcome.ts';
import { range } from './range.ts';
import { txn } from './txn.ts';
import { cancelWatch, delivered, watch, watchProgress } from './watch.ts';

/** Applies one input at instant `now`. Total and pure: refusals are answers. */
export function step(state: State, input: Input, now: Instant): Step {
  invariant(now >= state.now, 'time does not run backwards', { now, last: state.now });
  const outcome = apply(state, input, now);
  if (outcome.events.length === 0 || state.streams.length === 0) return outcome;
  return delivered(state, outcome);
}

function apply(state: State, input: Input, now: Instant): Step {
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
      return watchProgress(state, input);
    case 'turn':
      return turn(state, input, now);
    case 'assignId':
      return assignId(state, input, now);
    case 'jump':
      return jump(state, input, now);
  }
}
