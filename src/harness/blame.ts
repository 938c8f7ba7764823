/**
 * Which rule an answer or an event breaks: from what the model expected, what was seen, and the
 * field in which they differ. It is the rule that a reader would name from this evidence and what
 * went before; `Past` tells a wrong renewal from a wrong report of the remaining time.
 */
import type { Bytes } from '../api/bytes.ts';
import type { Command, LeaseId, Put, Token } from '../api/command.ts';
import type { Response, WatchEvent } from '../api/response.ts';
import type { RuleId, State } from '../model/index.ts';
import { blameLeader } from './blame-leader.ts';
import { blameLog } from './blame-log.ts';
import { blameKvRefusal, blameTxn, blameTxnEvents, blameView } from './blame-kv.ts';
import { blameAbsence, blameTimeToLive, overdue } from './blame-time-to-live.ts';
import type { Mismatch } from './mismatch.ts';
import type { Past } from './past.ts';

/** The rule that a wrong answer breaks. */
export function blame(mismatch: Mismatch): RuleId {
  const { command, predicted, observed, field, state } = mismatch;
  const ofLog = blameLog(command, predicted, observed, state);
  if (ofLog !== null) return ofLog;
  const ofLeader = blameLeader(command, predicted, observed);
  if (ofLeader !== null) return ofLeader;
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
      return observed.kind === 'txnResult' && mismatch.command.kind === 'txn'
        ? blameTxn(mismatch.command, predicted, observed)
        : 'KV-10';
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
  command: Command | 'turn' | 'leader' | 'log',
  predicted: readonly WatchEvent[],
  observed: readonly WatchEvent[],
  past?: Past,
  revoked: readonly LeaseId[] = [],
): RuleId {
  if (command === 'leader') return 'RESTART-07';
  if (command === 'log') return 'CONST-10';
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

const blameRefusal = (mismatch: Mismatch): RuleId => {
  const { command, predicted, observed, state, now, past } = mismatch;
  const expected = predicted.kind === 'refused' ? predicted.reason : null;
  const seen = observed.kind === 'refused' ? observed.reason : null;
  const ofOthers = blameKvRefusal(mismatch, expected, seen);
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

const blameRange = ({ command, predicted, observed, state, now }: Mismatch): RuleId => {
  if (predicted.kind !== 'rangeResult' || observed.kind !== 'rangeResult') return 'KV-12';
  const seen = new Map(observed.kvs.map((kv) => [kv.key, kv]));
  const missing = predicted.kvs.filter(({ key }) => !seen.has(key));
  const areOverdue = missing.every(({ lease }) => overdue(state, lease, now));
  // It is as if they had gone already.
  const areGone = predicted.count - observed.count === missing.length;
  if (missing.length > 0 && areOverdue && areGone && !isOfPast(command)) return 'EXP-09';
  const ofView = command.kind === 'range' ? blameView(command.view, predicted, observed) : null;
  if (ofView !== null) return ofView;
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

/** CONST-01 */
const LEAST_TOO_LARGE = 9_000_000_001n;
