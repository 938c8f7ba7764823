/** When the turns of the expiry loop fall (CONST-04), counted from an instant at which one ran. */
import type { MinorVersion } from '../api/config.ts';
import { after, between, type Instant, milliseconds } from '../api/units.ts';
import { PROFILES } from './versions.ts';

/** CONST-04 */
export const TURN_INTERVAL = milliseconds(500);

/** The last turn at or before `now`. */
export const turnUpTo = (lastTurn: Instant, now: Instant): Instant => {
  const turns = Math.floor(between(lastTurn, now) / TURN_INTERVAL);
  return after(lastTurn, milliseconds(turns * TURN_INTERVAL));
};

/** The first turn after `now`. */
export const turnAfter = (lastTurn: Instant, now: Instant): Instant => {
  const next = after(turnUpTo(lastTurn, now), TURN_INTERVAL);
  return next > lastTurn ? next : after(lastTurn, TURN_INTERVAL);
};

/** The first turn at or after `from` that has not run yet. */
export const firstTurnFrom = (lastTurn: Instant, from: Instant): Instant => {
  const upTo = turnUpTo(lastTurn, from);
  return upTo === from && upTo > lastTurn ? upTo : turnAfter(lastTurn, from);
};

/** CONST-04: from where the turns after the one at `now` count. */
export const phaseAfterTurn = (version: MinorVersion, lastTurn: Instant, now: Instant): Instant =>
  PROFILES[version].afterLateTurn === 'from that turn' ? now : turnUpTo(lastTurn, now);
