/** Whether a target can do what a schedule asks of it; one line says what it cannot. */
import type { Instant } from '../api/units.ts';
import { LIMITS } from '../limits.ts';
import type { Ability, ScheduleStep } from './schedule.ts';
import { printWhen } from './schedule-text.ts';
import { type Target, TargetError } from './target.ts';

export const expectAble = (
  { abilities = [], name }: Target,
  needed: ReadonlySet<Ability>,
): void => {
  for (const ability of needed) {
    if (abilities.includes(ability)) continue;
    throw new TargetError(`${name} cannot ${WORDS[ability]}: --target simulator can`);
  }
};

const WORDS: Readonly<Record<Ability, string>> = {
  restart: 'restart',
  leader: 'lose its leader',
  apply: 'be slow to apply',
};

/** Each turn of the server on the way is run, so there is an end to how far one can go. */
export const expectReachable = (step: ScheduleStep, at: Instant, now: Instant): void => {
  const ahead = at - now;
  if (ahead <= LIMITS.advance) return;
  const most = `${LIMITS.advance / 1000} s at most`;
  const given = `«at ${printWhen(step.at)}» lies ${ahead / 1000} s ahead`;
  throw new TargetError(`${given}, ${most}: let the clock leap there, as in «jump 1000h»`);
};
