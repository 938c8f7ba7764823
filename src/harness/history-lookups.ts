/** What a history tells of a request or a lease elsewhere than where one reads. */
import type { Command, LeaseId, Token } from '../api/command.ts';
import type { Response } from '../api/response.ts';
import type { Instant } from '../api/units.ts';
import { InvariantViolation } from '../invariant.ts';
import { initialState, type State } from '../model/index.ts';
import type { Overstay } from './blame-expiry.ts';
import { type Entry, hasFrom, type History } from './history.ts';

/** The server as the history found it. */
export const beginningOf = ({ header: { config, lastTurn, minimumTtl } }: History): State =>
  initialState({
    server: config,
    ...(lastTurn === null ? {} : { lastTurn, now: lastTurn }),
    ...(minimumTtl === null ? {} : { minimumTtl }),
  });

/** What becomes of a lease in these entries, until it goes, or something else happens to it. */
export const fateOf = (
  entries: readonly Entry[],
  lease: LeaseId,
  now: Instant,
): Pick<Overstay, 'gone' | 'until'> => {
  let until = now;
  for (const entry of entries) {
    until = entry.at;
    if (entry.kind === 'turn' && entry.revoked.includes(lease)) return { gone: until, until };
    if (hasFrom(entry) || (entry.kind === 'call' && endsOrRenews(entry.command, lease))) break;
  }
  return { gone: null, until };
};

/** The call that a token names, which is in the history. */
export const commandOf = ({ entries }: History, token: Token): Command => {
  for (const entry of entries) {
    if (entry.kind === 'call' && entry.command.token === token) return entry.command;
  }
  throw new InvariantViolation('an answer belongs to a call', { token });
};

/** What a request is answered from an entry on; undefined: nothing that is known. */
export const answerAfter = (
  { entries }: History,
  token: Token,
  from: number,
): Response | undefined => {
  for (let index = from; index < entries.length; index += 1) {
    const entry = entries[index] as Entry;
    if (entry.kind !== 'return' || entry.token !== token) continue;
    return entry.completion.kind === 'answered' ? entry.completion.response : undefined;
  }
  return undefined;
};

const endsOrRenews = (command: Command, lease: LeaseId): boolean =>
  (command.kind === 'revoke' || command.kind === 'keepAlive') && command.id === lease;
