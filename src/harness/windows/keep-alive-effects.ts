/**
 * What a keep-alive did that returns. It is never placed among other effects before that, whatever
 * overlaps with it, since many can be under way at once:
 *
 * One that answered 0 changed nothing. Its lease was absent at some instant of its window: it still
 * is, or goes now (KA-04), or was before the id was granted (again).
 *
 * One that renewed moved the deadline to somewhere in its window and a TTL on, or to where a later
 * renewal did: in both cases to somewhere between its call and its return, and a TTL on. Or it
 * renewed a life that is over.
 */
import type { KeepAlive } from '../../api/command.ts';
import type { KeptAlive } from '../../api/response.ts';
import { type Instant, secondsToMilliseconds } from '../../api/units.ts';
import { takeEffect, windowOf } from './effects.ts';
import {
  type Call,
  type Evidence,
  type Explanation,
  isReason,
  type Reason,
  reason,
} from './explanation.ts';
import { wordInstant } from './windows.ts';

/** All that `call`, which is open no more, can have done by `limit`. */
export function keepAliveEffects(
  from: Explanation,
  call: Call,
  limit: Instant,
  evidence: Evidence,
): readonly (Explanation | Reason)[] {
  const { command, response } = call;
  const effect = takeEffect(from, call, windowOf(call, limit), evidence);
  const named = command.kind === 'keepAlive' ? command : null;
  if (named === null || response.kind !== 'keptAlive' || response.id !== named.id) return [effect];
  if (response.ttl > 0) return renewals(from, call, named, response, effect);
  const wasFree = (from.freeUntil.get(named.id) ?? -Infinity) >= call.at;
  if (wasFree && from.deadlines.has(named.id)) return [withoutEffect(from, call)];
  return [hasWaited(from, call, named) ? withWait(effect) : effect];
}

const renewals = (
  from: Explanation,
  call: Call,
  { id }: KeepAlive,
  { ttl }: KeptAlive,
  effect: Explanation | Reason,
): readonly (Explanation | Reason)[] => {
  const lives = (from.pastLives.get(id) ?? []).filter((life) => life.granted === ttl);
  if (lives.some((life) => life.renewable >= call.at)) return [effect, withoutEffect(from, call)];
  const last = lives.findLast((life) => life.gone >= call.at);
  if (last === undefined || from.deadlines.has(id)) return [effect];
  // EXP-03: renewed in its window, and yet gone before the TTL had passed.
  const due = wordInstant(call.at + secondsToMilliseconds(ttl));
  const expected = `lease ${id}, renewed, not gone before ${due}`;
  return [reason('EXP-03', expected, `gone by ${wordInstant(last.gone)}`)];
};

const withoutEffect = (from: Explanation, { command }: Call): Explanation => ({
  ...from,
  answered: new Set(from.answered).add(command.token),
});

/** KA-04: the lease went while the keep-alive was under way. */
const hasWaited = ({ pastLives }: Explanation, { at }: Call, { id }: KeepAlive): boolean =>
  (pastLives.get(id) ?? []).some((life) => life.gone >= at);

/** Counts the last effect as one of a keep-alive that waited. */
const withWait = (explanation: Explanation | Reason): Explanation | Reason => {
  if (isReason(explanation)) return explanation;
  const last = explanation.effects.at(-1);
  if (last === undefined) return explanation;
  const step = { ...last.step, rules: [...last.step.rules, 'KA-04' as const] };
  return { ...explanation, effects: [...explanation.effects.slice(0, -1), { ...last, step }] };
};
