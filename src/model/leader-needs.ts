/** What needs a leader: all that is proposed or asks it; the member alone serves the rest. */
import type { Command, Txn } from '../api/command.ts';
import { changed } from './changes.ts';
import { malformation } from './key-value.ts';
import type { RuleId } from './rules.ts';
import type { State } from './state.ts';
import { unfit } from './txn-checks.ts';

/** The rules by which a command has to wait for a leader; null: it need not. */
export const rulesOfWait = (state: State, input: Command): readonly RuleId[] | null => {
  switch (input.kind) {
    case 'keepAlive':
    case 'timeToLive':
    case 'grant':
    case 'revoke':
    case 'compact':
    case 'alarm':
      return rulesOfServing(input);
    // KV-05: what is wrong with a request by itself is said at once.
    case 'put':
      return malformation(input) === null ? rulesOfServing(input) : null;
    case 'deleteRange':
      return input.key === '' ? null : rulesOfServing(input);
    case 'range':
      // RESTART-07: a serializable read asks nobody.
      return input.key === '' || input.view.serializable ? null : rulesOfServing(input);
    case 'txn':
      if (unfit(changed(state, { noSpace: false }), input) !== null) return null;
      if (asksNobody(input)) return null;
      return rulesOfServing(input);
    // LIST-05
    case 'leases':
    case 'watch':
    case 'cancelWatch':
    case 'watchProgress':
      return null;
  }
};

/** Nothing but reads, in whatever branch: such a one is not proposed to anybody. */
export const isRead = (command: Command): boolean =>
  command.kind === 'range' ||
  (command.kind === 'txn' &&
    [...command.success, ...command.failure].every(({ kind }) => kind === 'range'));

export const isOnOneStream = (one: Command, other: Command): boolean =>
  one.kind === 'keepAlive' && other.kind === 'keepAlive' && one.stream === other.stream;

export const rulesOfServing = ({ kind }: Command): readonly RuleId[] =>
  kind === 'keepAlive' ? KEEP_ALIVE : kind === 'timeToLive' ? TIME_TO_LIVE : OTHER;

/** Nothing but serializable reads, in whatever branch. */
const asksNobody = ({ success, failure }: Txn): boolean =>
  [...success, ...failure].every((op) => op.kind === 'range' && op.view.serializable);

const KEEP_ALIVE: readonly RuleId[] = ['KA-12'];
const TIME_TO_LIVE: readonly RuleId[] = ['TTL-08'];
const OTHER: readonly RuleId[] = ['RESTART-07'];
