/** Which rule a member breaks that is slow to apply, where a request joined its log or waits. */
import type { Command, Token } from '../api/command.ts';
import type { Reason } from '../api/refusal.ts';
import type { Response } from '../api/response.ts';
import type { RuleId, State } from '../model/index.ts';

/** By the rule that makes a request wait; null: this one does not. */
export const ruleOfLog = (
  { backlog }: Pick<State, 'backlog'>,
  { kind, token }: { readonly kind: Command['kind']; readonly token: Token },
): RuleId | null => {
  if (backlog === null) return null;
  const isReader = backlog.readers.some(({ command }) => command.token === token);
  const isInLog = backlog.log
    .all()
    .some((entry) => entry.kind === 'asked' && entry.command.token === token);
  if (!isReader && !isInLog) return null;
  return kind === 'keepAlive' ? 'KA-15' : 'CONST-10';
};

/** The rule that a wrong answer breaks, where one of the two tells of a wait; else null. */
export const blameLog = (
  { kind }: Command,
  predicted: Response,
  observed: Response | undefined,
  { backlog }: Pick<State, 'backlog'>,
): RuleId | null => {
  const reasons = [predicted, observed].map((each) => (each === undefined ? null : reasonOf(each)));
  if (reasons.includes('too-many-requests')) return 'CONST-16';
  // What is refused in one order of the log is not in another.
  const isRefused = reasons.some((reason) => reason !== null);
  if (!reasons.includes('apply-timed-out') && (backlog === null || !isRefused)) return null;
  return kind === 'keepAlive' ? 'KA-15' : 'CONST-10';
};

const reasonOf = (response: Response): Reason | null =>
  response.kind === 'refused' ? response.reason : null;
