/** Which step of its schedule each call of a history belongs to. */
import { asBytes, type Bytes, NO_BYTES } from '../api/bytes.ts';
import type { Command, Token } from '../api/command.ts';
import type { Names } from '../harness/describe.ts';
import type { History } from '../harness/history.ts';
import type { LeaseRef, Schedule, ScheduleStep } from '../harness/schedule.ts';
import { printBytes } from '../harness/words.ts';

export interface Request {
  readonly step: ScheduleStep;
  /** Its number within a group, from 0. */
  readonly index: number;
}

/**
 * Steps make their calls in order, so that the calls of a history (of `session`, when it is given)
 * pair with them one by one. A history that is of another schedule pairs as far as it agrees.
 */
export const requestsOf = (
  schedule: Schedule,
  { entries }: History,
  session: number | undefined,
): ReadonlyMap<Token, Request> => {
  const requests = schedule.steps.flatMap((step) =>
    Array.from({ length: requestCount(step) }, (_, index) => ({ step, index })),
  );
  const pairs = new Map<Token, Request>();
  for (const entry of entries) {
    if (entry.kind !== 'call' || (session !== undefined && entry.session !== session)) continue;
    const request = requests[pairs.size];
    if (request?.step.action.kind !== entry.command.kind) break;
    pairs.set(entry.command.token, request);
  }
  return pairs;
};

/** What the lease of a request is called: `A`, or `B.17` in a group. */
export const leaseOf = ({ step, index }: Request): LeaseRef | undefined => {
  const { action } = step;
  if (!('lease' in action) || action.lease === null) return undefined;
  const isOne = action.count === 1 || (action.kind === 'put' && !action.spread);
  return isOne ? action.lease : `${action.lease}.${index + 1}`;
};

/** What the keys of a request begin with on a shared server, before the key of its step. */
export const keyPrefixOf = ({ step, index }: Request, command: Command): Bytes => {
  const { action } = step;
  if (!('key' in action) || !('key' in command)) return NO_BYTES;
  const isOne = action.kind !== 'put' || action.count === 1;
  const key = isOne ? action.key : `${action.key}${index + 1}`;
  return command.key.endsWith(key) && key !== ''
    ? asBytes(command.key.slice(0, command.key.length - key.length))
    : NO_BYTES;
};

/**
 * The session that ran the schedule: undefined when all did, which is so when all calls pair with
 * its steps.
 */
export const sessionOf = (schedule: Schedule, history: History): number | undefined => {
  const calls = history.entries.filter((entry) => entry.kind === 'call');
  const sessions = [...new Set(calls.map(({ session }) => session))];
  const all = schedule.steps.reduce((sum, step) => sum + requestCount(step), 0);
  const pairs = (session?: number): number => requestsOf(schedule, history, session).size;
  if (sessions.length <= 1 || pairs() >= Math.min(all, calls.length)) return undefined;
  const [best] = sessions
    .map((session) => ({ session, count: pairs(session) }))
    .sort((a, b) => b.count - a.count);
  return best?.session;
};

/** A call that is of no step, such as the mark that a run on a real clock ends with. */
export const wordCommand = (command: Command, { nameOf, keyOf }: Names): string => {
  if ('key' in command) return `${command.kind} ${printBytes(keyOf(command.key))}`;
  return 'id' in command ? `${command.kind} ${nameOf(command.id)}` : command.kind;
};

const requestCount = ({ client, action }: ScheduleStep): number => {
  if ('count' in action) return action.count;
  return client === 0 ? 0 : 1;
};
