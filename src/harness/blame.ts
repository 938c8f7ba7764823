/**
 * Which rule an answer or an event breaks: from what the model expected, what was seen, and the
 * field in which they differ. It is the rule that a reader would name from this evidence and what
 * went before; `Past` tells a wrong renewal from a wrong report of the remaining time.
 */
import type { Bytes } from '../api/bytes.ts';
import type { Command, LeaseId, Put, Token } from '../api/command.ts';
import type { Response, WatchEvent } from '../api/response.ts';
import { after, type Instant, secondsToMilliseconds } from '../api/units.ts';
import { isOverdue, type RuleId, type State } from '../model/index.ts';
import { blameKvRefusal, blameTxn, blameTxnEvents, blameView } from './blame-kv.ts';
import type { Past } from './past.ts';

export interface Mismatch {
  /** The state in which the command was given, and when. */
  readonly state: State;
  readonly now: Instant;
  readonly command: Command;
  readonly predicted: Response;
  readonly observed: Response;
  readonly field: string;
  /** Undefined: not known. */
  readonly past: Past | undefined;
}

/** The rule that a wrong answer breaks. */
export function blame(mismatch: Mismatch): RuleId {
  const { predicted, observed, field } = mismatch;
  if (predicted.kind === 'refused' || observed.kind === 'refused') return blameRefusal(mismatch);
  switch (predicted.kind) {
    case 'granted':
      return blameGrant(mismatch);
    case 'revoked':
      return blameRevoked(mismatch);
    case 'keptAlive':
      return blameKeepAlive(mismatch);
    case 'remainingTtl':
      return blameTimeToLive(mismatch);
    case 'leaseList':
      return blameList(mismatch);
    case 'putDone':
      return field === 'prevKv' ? 'KV-13' : 'EXP-07';
    case 'rangeResult':
      return field === 'revision' && !isOfPast(mismatch.command) ? 'EXP-07' : blameRange(mismatch);
    case 'txnResult':
      return blameTxnResult(mismatch);
    case 'compacted':
      return 'KV-20';
    case 'alarms':
      return 'KV-21';
    case 'watchCreated':
      return field === 'watch' ? 'KV-25' : 'KV-23';
    case 'watchCanceled':
      return 'KV-26';
    case 'progress':
      return 'KV-27';
    case 'deleted':
      if (field === 'prevKvs') return 'KV-13';
      return field === 'revision' ? 'EXP-07' : 'KV-06';
  }
}

/** The rule that wrong watch events break. `revoked`: the leases that went, if any. */
export function blameEvents(
  command: Command | 'turn',
  predicted: readonly WatchEvent[],
  observed: readonly WatchEvent[],
  past?: Past,
  revoked: readonly LeaseId[] = [],
): RuleId {
  if (command !== 'turn' && command.kind === 'put') {
    return blamePutEvent(command, predicted[0], observed[0]);
  }
  if (command !== 'turn' && command.kind === 'txn') return blameTxnEvents(predicted, observed);
  const byRevoke = command === 'turn' || command.kind === 'revoke';
  const expected = new Set(keysOf(predicted));
  const extra = keysOf(observed).find((key) => !expected.has(key));
  if (extra !== undefined) {
    const left = revoked.map((id) => past?.departure(id, extra)).find((rule) => rule !== undefined);
    return byRevoke ? (left ?? 'GRANT-05') : 'KV-06';
  }
  if (String(keysOf(predicted)) !== String(keysOf(observed))) {
    return byRevoke ? 'REVOKE-02' : 'KV-06';
  }
  const sameRevisions = predicted.every(
    ({ kv }, index) => kv.modRevision === observed[index]?.kv.modRevision,
  );
  if (sameRevisions) return 'REVOKE-05';
  return command === 'turn' ? 'EXP-07' : byRevoke ? 'REVOKE-02' : 'KV-06';
}

/** The rule that a missing answer breaks. `later`: what came after all. */
export const blameSilence = (
  token: Token,
  predicted: Response,
  later: Response | undefined,
  state: State,
): RuleId => {
  const ofWatch = SILENCE[predicted.kind];
  if (ofWatch !== undefined) return ofWatch;
  if (predicted.kind !== 'keptAlive') return 'EXP-09';
  // Held although nothing ahead of it on its stream is, while other streams are.
  const own = state.waiting.find(({ command }) => command.token === token);
  if (own === undefined && state.waiting.length > 0) return 'KA-05';
  if (predicted.ttl > 0) return later === undefined ? 'KA-01' : 'KA-02';
  return own === undefined || own.revision === null ? 'KA-01' : 'KA-04';
};

const SILENCE: Partial<Record<Response['kind'], RuleId>> = {
  watchCreated: 'KV-25',
  watchCanceled: 'KV-26',
  progress: 'KV-27',
};

const blameRefusal = ({ command, predicted, observed, state, now, past }: Mismatch): RuleId => {
  const expected = predicted.kind === 'refused' ? predicted.reason : null;
  const seen = observed.kind === 'refused' ? observed.reason : null;
  const ofOthers = blameKvRefusal(command, expected, seen);
  if (ofOthers !== null) return ofOthers;
  switch (command.kind) {
    case 'grant':
      if (expected !== null && seen !== null) return 'GRANT-01';
      if (expected === 'lease-exists') return 'GRANT-04';
      if (expected !== null) return command.ttl === LEAST_TOO_LARGE ? 'CONST-01' : 'GRANT-03';
      if (seen === 'ttl-too-large') return 'CONST-01';
      return command.id === 0n ? 'CONST-14' : 'GRANT-05';
    case 'revoke':
      if (expected !== null) return 'REVOKE-01';
      return overdue(state, command.id, now) ? 'REVOKE-07' : blameAbsence(command.id, now, past);
    case 'keepAlive':
      return 'KA-03';
    case 'timeToLive':
      return 'TTL-03';
    case 'put':
      if (expected !== null && seen !== null) return 'KV-05';
      if (expected === 'lease-not-found') return 'KV-01';
      if (expected === null && seen === 'lease-not-found') {
        if (overdue(state, command.lease, now)) return 'EXP-10';
        return past?.hasLostKeys(command.lease) === true ? 'KV-06' : 'KV-01';
      }
      return command.ignoreLease ? 'KV-03' : command.ignoreValue ? 'KV-04' : 'KV-05';
    default:
      return 'KV-05';
  }
};

const blameGrant = ({ command, field, observed }: Mismatch): RuleId => {
  if (command.kind !== 'grant' || observed.kind !== 'granted') return 'GRANT-01';
  if (field === 'revision') return 'GRANT-06';
  if (field === 'id') return command.id === 0n ? 'CONST-14' : 'CONST-15';
  // Raised, but not to the minimum.
  return BigInt(observed.ttl) > command.ttl ? 'CONST-02' : 'GRANT-02';
};

/** The deletion itself is judged by its events, where there are any. */
const blameRevoked = ({ state, predicted, observed }: Mismatch): RuleId => {
  if (predicted.kind !== 'revoked' || observed.kind !== 'revoked') return 'REVOKE-04';
  return predicted.revision === state.revision ? 'REVOKE-03' : 'REVOKE-04';
};

const blameKeepAlive = (mismatch: Mismatch): RuleId => {
  const { predicted, observed, field, state, now, past } = mismatch;
  if (predicted.kind !== 'keptAlive' || observed.kind !== 'keptAlive') return 'KA-01';
  if (field === 'revision') return 'KA-06';
  if (field === 'id') return 'KA-01';
  if (predicted.ttl > 0) {
    return observed.ttl === 0 ? blameAbsence(predicted.id, now, past) : 'KA-02';
  }
  if (!overdue(state, predicted.id, now)) return 'KA-03';
  return state.leases.find(predicted.id)?.deadline === now ? 'EXP-01' : 'KA-04';
};

const blameTimeToLive = (mismatch: Mismatch): RuleId => {
  const { command, predicted, observed, field, state, now, past } = mismatch;
  if (command.kind !== 'timeToLive') return 'TTL-03';
  if (predicted.kind !== 'remainingTtl' || observed.kind !== 'remainingTtl') return 'TTL-03';
  if (field === 'revision') return 'EXP-07';
  if (field === 'keys')
    return blameKeys(command.keys, predicted.keys, observed.keys, command, past);
  if (predicted.grantedTtl === 0 || field === 'id') {
    return past?.wasTooLarge(command.id) === true ? 'GRANT-03' : 'TTL-03';
  }
  const { id } = command;
  if (observed.grantedTtl === 0) {
    return overdue(state, id, now) ? 'EXP-09' : blameAbsence(id, now, past);
  }
  if (observed.grantedTtl !== predicted.grantedTtl) {
    return past?.replacedDeadline(id) === undefined ? 'GRANT-02' : 'KA-02';
  }
  return blameRemaining(mismatch, observed.ttl);
};

/** Which rule a wrong remaining TTL of a lease that is there breaks. */
const blameRemaining = ({ state, now, predicted, past }: Mismatch, ttl: number): RuleId => {
  if (predicted.kind !== 'remainingTtl') return 'TTL-01';
  if (predicted.ttl < 0) return 'TTL-02';
  // JavaScript's negative zero.
  if (ttl === predicted.ttl) return 'TTL-01';
  const left = (deadline: number): number => (deadline - now) / 1000;
  const exact = left(state.leases.find(predicted.id)?.deadline ?? now);
  const isRounded = [Math.ceil, Math.floor, Math.round].some((round) => round(exact) === ttl);
  if (isRounded && past?.sawTruncation !== true) return 'TTL-01';
  const shows = (deadline: number): boolean => Math.trunc(left(deadline)) === ttl;
  const life = secondsToMilliseconds(predicted.grantedTtl);
  const replaced = past?.replacedDeadline(predicted.id);
  if (replaced !== undefined && (shows(replaced) || shows(after(replaced, life)))) return 'KA-02';
  // Its own question is none of the reasons.
  const touches = (past?.touches(predicted.id) ?? []).filter(
    ({ rule, at }) => rule !== 'TTL-10' || at < now,
  );
  const renewedBy = touches.find(({ at }) => shows(after(at, life)));
  return renewedBy?.rule ?? (isRounded || replaced === undefined ? 'TTL-01' : 'KA-02');
};

/** Which rule breaks when a lease that lives is gone. */
const blameAbsence = (id: LeaseId, now: Instant, past: Past | undefined): RuleId => {
  if (past?.hasLostKeys(id) === true) return 'KV-06';
  const replaced = past?.replacedDeadline(id);
  return replaced !== undefined && replaced <= now ? 'KA-02' : 'EXP-03';
};

/** Which rule a wrong list of the keys of a lease breaks. */
const blameKeys = (
  asked: boolean,
  predicted: readonly Bytes[],
  observed: readonly Bytes[],
  { id }: { readonly id: LeaseId },
  past: Past | undefined,
): RuleId => {
  if (!asked) return 'TTL-04';
  const extra = observed.find((key) => !predicted.includes(key));
  if (extra !== undefined) return past?.departure(id, extra) ?? 'GRANT-05';
  return observed.length === 0 ? 'TTL-04' : 'KV-02';
};

const blameList = ({ predicted, observed, field, past }: Mismatch): RuleId => {
  if (predicted.kind !== 'leaseList' || observed.kind !== 'leaseList') return 'LIST-01';
  if (field === 'revision') return 'EXP-07';
  if (field === 'order') return 'LIST-03';
  const extra = observed.ids.find((id) => !predicted.ids.includes(id));
  if (extra !== undefined && past?.wasTooLarge(extra) === true) return 'GRANT-03';
  const missing = predicted.ids.find((id) => !observed.ids.includes(id));
  return missing !== undefined && past?.hasLostKeys(missing) === true ? 'KV-06' : 'LIST-02';
};

/** KV-19: such a range answers with the current revision all the same. */
const isOfPast = (command: Command): boolean =>
  command.kind === 'range' && command.view.revision > 0n;

const blameTxnResult = ({ command, predicted, observed }: Mismatch): RuleId =>
  command.kind === 'txn' && predicted.kind === 'txnResult' && observed.kind === 'txnResult'
    ? blameTxn(command, predicted, observed)
    : 'KV-10';

const blameRange = ({ command, predicted, observed, state, now }: Mismatch): RuleId => {
  if (predicted.kind !== 'rangeResult' || observed.kind !== 'rangeResult') return 'KV-12';
  const found = new Set(observed.kvs.map((kv) => kv.key));
  const missing = predicted.kvs.filter((kv) => !found.has(kv.key));
  if (missing.some((kv) => overdue(state, kv.lease, now))) return 'EXP-09';
  const ofView = command.kind === 'range' ? blameView(command.view, predicted, observed) : null;
  if (ofView !== null) return ofView;
  const seen = new Map(observed.kvs.map((kv) => [kv.key, kv]));
  for (const kv of predicted.kvs) {
    const other = seen.get(kv.key);
    if (other === undefined) return overdue(state, kv.lease, now) ? 'EXP-09' : 'KV-06';
    if (other.lease !== kv.lease) return 'KV-12';
    if (other.value !== kv.value) return 'KV-04';
    if (other.modRevision !== kv.modRevision) return 'EXP-07';
    seen.delete(kv.key);
  }
  return seen.size > 0 ? 'REVOKE-02' : 'KV-12';
};

const blamePutEvent = (
  command: Put,
  predicted: WatchEvent | undefined,
  observed: WatchEvent | undefined,
): RuleId => {
  if (predicted === undefined) return 'KV-05';
  if (observed === undefined) return 'KV-01';
  if (predicted.kv.lease !== observed.kv.lease) {
    if (command.ignoreLease) return 'KV-03';
    return command.ignoreValue ? 'KV-04' : command.lease === 0n ? 'KV-02' : 'KV-01';
  }
  if (predicted.kv.value !== observed.kv.value && command.ignoreValue) return 'KV-04';
  return predicted.kv.modRevision === observed.kv.modRevision ? 'KV-13' : 'EXP-07';
};

const keysOf = (events: readonly WatchEvent[]): readonly Bytes[] => events.map(({ kv }) => kv.key);

const overdue = (state: State, id: LeaseId, now: Instant): boolean => {
  const lease = state.leases.find(id);
  return lease !== undefined && isOverdue(lease, now);
};

/** CONST-01 */
const LEAST_TOO_LARGE = 9_000_000_001n;
