/**
 * All that can have happened next in an explanation, so that an entry of the history is accounted
 * for: its own call takes effect, or another one first, or a lease goes.
 */
import type { Command, LeaseId } from '../../api/command.ts';
import { type Instant, instant } from '../../api/units.ts';
import { keysOf } from '../../model/index.ts';
import { absence, shownAbsent } from './absence.ts';
import { expire, takeEffect, windowOf } from './effects.ts';
import { wordEvents } from './explained-step.ts';
import {
  type Call,
  type Delivery,
  type Evidence,
  type Explanation,
  type Inference,
  isReason,
  nextDelivery,
  type Reason,
  reason,
} from './explanation.ts';
import type { Entry } from '../history.ts';
import { keepAliveEffects } from './keep-alive-effects.ts';
import { takenBy } from './revisions.ts';

/** Those explanations, and the reasons for those that there are not; the own call's first. */
export function* successors(
  from: Explanation,
  entry: Entry,
  evidence: Evidence,
): Generator<Explanation | Reason> {
  const token = entry.kind === 'return' ? entry.token : null;
  const own = from.open.find((call) => call.command.token === token);
  const grants = own === undefined ? [] : grantsFor(own, from);
  let failed = own === undefined;
  if (own !== undefined) {
    const effects = effectsOf(from, own, entry.at, evidence);
    failed = effects.every(isReason);
    const isOrder = grants.length > 0;
    for (const result of effects)
      yield isReason(result) && isOrder ? { ...result, isOrder } : result;
  }
  for (const call of from.open) {
    if (call === own || call.command.kind === 'keepAlive') continue;
    // What cannot have come first tells nothing, unless it must have.
    const isOrder = takenBy(call.response) === null && !grants.includes(call);
    for (const result of effectsOf(from, call, entry.at, evidence)) {
      failed ||= isReason(result);
      yield isReason(result) && isOrder ? { ...result, isOrder } : result;
    }
  }
  const delivery = nextDelivery(from, evidence);
  // A lease goes no sooner than something shows that.
  if (delivery !== undefined && failed) yield* deliver(from, delivery, own, entry.at, evidence);
  if (delivery === undefined) yield* leaveUnwatched(from, own, entry.at, evidence);
}

/** The grants under way that may have to come first: what is asked may be about their leases. */
const grantsFor = ({ command }: Call, { open }: Explanation): readonly Call[] => {
  if (command.kind !== 'put' && command.kind !== 'txn' && !('id' in command)) return [];
  return open.filter(({ command: other, response }) => {
    if (other === command || response.kind !== 'granted') return false;
    if (command.kind === 'txn') return true;
    return response.id === (command.kind === 'put' ? command.lease : command.id);
  });
};

const effectsOf = (
  from: Explanation,
  call: Call,
  limit: Instant,
  evidence: Evidence,
): readonly (Explanation | Reason)[] => {
  const open = from.open.filter((other) => other !== call);
  const rest = { ...from, open };
  if (call.command.kind === 'keepAlive') return keepAliveEffects(rest, call, limit, evidence);
  const effect = takeEffect(rest, call, windowOf(call, limit), evidence);
  if (call.command.kind !== 'timeToLive' || !isReason(effect)) return [effect];
  return [effect, ...renewedFirst(rest, call, call.command.id, limit, evidence)];
};

/** The remaining TTL may be that after a renewal that has not returned yet. */
const renewedFirst = (
  from: Explanation,
  call: Call,
  id: LeaseId,
  limit: Instant,
  evidence: Evidence,
): readonly (Explanation | Reason)[] =>
  from.open
    .filter(({ command, response }) => {
      const renews = response.kind === 'keptAlive' && response.ttl > 0;
      return command.kind === 'keepAlive' && command.id === id && renews;
    })
    .flatMap((renewal) => {
      const rest = { ...from, open: from.open.filter((other) => other !== renewal) };
      return keepAliveEffects(rest, renewal, limit, evidence);
    })
    .map((renewed) =>
      isReason(renewed) ? renewed : takeEffect(renewed, call, windowOf(call, limit), evidence),
    );

/** The next delivery may be that of a lease that went. */
function* deliver(
  from: Explanation,
  delivery: Delivery,
  own: Call | undefined,
  limit: Instant,
  evidence: Evidence,
): Generator<Explanation | Reason> {
  if (delivery.events.some((event) => event.kind !== 'delete')) return;
  const isOrder = from.open.some(({ command }) => DELETES.has(command.kind));
  const id = leaseBehind(from, delivery);
  if (id === null) {
    const isThere = delivery.events.some(({ kv }) => from.state.kvs.find(kv.key) !== undefined);
    const rule = isThere ? 'KV-02' : 'KV-06';
    yield { ...reason(rule, 'no event', wordEvents(delivery.events)), isOrder };
    return;
  }
  const latest = instant(Math.min(delivery.at, limit));
  const result = expire(from, id, latest, evidence, inferenceOf(own, id, from));
  yield isReason(result) ? { ...result, isOrder } : result;
}

const DELETES: ReadonlySet<Command['kind']> = new Set(['revoke', 'deleteRange']);

/** A lease may have to go because of the entry's own answer. */
const inferenceOf = (own: Call | undefined, id: LeaseId, from: Explanation): Inference | null =>
  own !== undefined && shownAbsent(own, from).includes(id) ? absence(own, id) : null;

/** The lease whose keys were deleted, as the explanation has it; else as the events say. */
const leaseBehind = ({ state, deadlines }: Explanation, { events }: Delivery): LeaseId | null => {
  const attached = events.map((event) => state.kvs.find(event.kv.key)?.lease);
  const said = events.map((event) => event.prevKv?.lease);
  return [...attached, ...said].find((id) => id !== undefined && deadlines.has(id)) ?? null;
};

/** Where the watches show no more, any lease with keys that is due may have gone. */
function* leaveUnwatched(
  from: Explanation,
  own: Call | undefined,
  limit: Instant,
  evidence: Evidence,
): Generator<Explanation | Reason> {
  for (const [id, deadline] of from.deadlines) {
    if (deadline.from > limit || keysOf(from.state, id).length === 0) continue;
    yield expire(from, id, limit, evidence, inferenceOf(own, id, from));
  }
}
