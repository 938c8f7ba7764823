/**
 * Which calls of a real-clock history a model is asked about. The others change nothing, and what
 * they were answered depends on what nobody has seen: they prove nothing either way.
 */
import type { Command, LeaseId, RequestOp } from '../../api/command.ts';
import type { Response } from '../../api/response.ts';
import type { HistoryHeader } from '../history.ts';

/** Whether the answer to the command can be judged; if not, it can be passed over. */
export const isJudged = (
  command: Command,
  response: Response,
  { exclusive }: Pick<HistoryHeader, 'exclusive'>,
): boolean => {
  switch (command.kind) {
    case 'watch':
    case 'cancelWatch':
    case 'watchProgress':
      // Their deliveries are judged by themselves.
      return false;
    case 'alarm':
      return command.action !== 'list' || exclusive;
    default:
      break;
  }
  // A member that lags behind answers as of then.
  if (!exclusive && mayBeStale(command)) return false;
  if (response.kind !== 'refused') return true;
  // KV-08: a revision that is read before may have been in the future, which hangs on what others
  // had written.
  const isBehindRead = command.kind === 'txn' && looksBack(command);
  switch (response.reason) {
    case 'future-revision':
      return false;
    case 'key-not-found':
      return !isBehindRead;
    // Somebody else may have compacted, or filled the server.
    case 'compacted':
      return exclusive && !isBehindRead;
    case 'no-space':
      return exclusive;
    case 'lease-not-found':
      return !isBehindRead && (command.kind !== 'txn' || leasesOf(command).length === 1);
    default:
      return true;
  }
};

/** The leases that a command names to attach keys to, or itself is about; each once. */
export const leasesOf = (command: Command | RequestOp): readonly LeaseId[] => {
  const named =
    command.kind === 'txn'
      ? [...command.success, ...command.failure].flatMap(leasesOf)
      : 'id' in command
        ? [command.id]
        : command.kind === 'put'
          ? [command.lease]
          : [];
  return [...new Set(named)].filter((id) => id !== 0n);
};

/** Whether a command shows keys as they were at an older revision. */
export const looksBack = (command: Command | RequestOp): boolean => {
  if (command.kind === 'range') return command.view.revision > 0n;
  return command.kind === 'txn' && [...command.success, ...command.failure].some(looksBack);
};

const mayBeStale = (command: Command | RequestOp): boolean => {
  if (command.kind === 'range') return command.view.serializable;
  if (command.kind !== 'txn') return false;
  const ops = [...command.success, ...command.failure];
  return isReadOnly(command) && ops.some(mayBeStale);
};

const isReadOnly = (command: RequestOp): boolean => {
  if (command.kind === 'txn') return [...command.success, ...command.failure].every(isReadOnly);
  return command.kind === 'range';
};
