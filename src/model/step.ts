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
import { checkpointsUpTo, rulesOfCheckpoints } from './checkpoint.ts';
import { keepAlive } from './keep-alive.ts';
import { deleteRange, put, range } from './key-value.ts';
import { grant, leases, revoke, timeToLive } from './lease.ts';
import { promote, restart } from './restart.ts';
import { assignId, jump, turn } from './server-step.ts';
import type { State } from './state.ts';
import type { Step } from './outcome.ts';

/** Applies one input at instant `now`. Total and pure: refusals are answers. */
export function step(state: State, input: Input, now: Instant): Step {
  invariant(now >= state.now, 'time does not run backwards', { now, last: state.now });
  if (state.checkpoints.length === 0 || state.landing) return apply(state, input, now);
  // CONST-12, CKPT-02: what was due at turns that had nothing else to do.
  const made = checkpointsUpTo(state, 'from' in input ? input.from : now);
  const next = apply(made, input, now);
  return { ...next, rules: [...next.rules, ...rulesOfCheckpoints(state, made)] };
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
    case 'turn':
      return turn(state, input, now);
    case 'assignId':
      return assignId(state, input, now);
    case 'jump':
      return jump(state, input, now);
    case 'restart':
      return restart(state, input, now);
    case 'promote':
      return promote(state, input, now);
  }
}
