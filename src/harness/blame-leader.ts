/** Which rule a member breaks that has no leader, or had none while a request waited. */
import type { Command } from '../api/command.ts';
import type { Reason } from '../api/refusal.ts';
import type { Response } from '../api/response.ts';
import type { RuleId } from '../model/index.ts';

/** By the rule that makes a request of this kind wait for a leader. */
export const ruleOfWait = ({ kind }: Pick<Command, 'kind'>): RuleId =>
  kind === 'keepAlive'
    ? 'KA-12'
    : kind === 'timeToLive'
      ? 'TTL-08'
      : kind === 'leases'
        ? 'LIST-05'
        : 'RESTART-07';

/** The rule that a wrong answer breaks, where one of the two tells of a leader; else null. */
export const blameLeader = (
  command: Command,
  predicted: Response,
  observed: Response | undefined,
): RuleId | null =>
  tellsOfLeader(predicted) || (observed !== undefined && tellsOfLeader(observed))
    ? ruleOfWait(command)
    : null;

const tellsOfLeader = (response: Response): boolean =>
  response.kind === 'refused' && OF_LEADERS.has(response.reason);

const OF_LEADERS: ReadonlySet<Reason> = new Set([
  'no-leader',
  'leader-changed',
  'request-timed-out',
  'proposal-timed-out',
]);
