/** Which rule a watch of a client breaks that delivers what it should not. */
import { FROM_KEY } from '../api/bytes.ts';
import type { Watch } from '../api/command.ts';
import type { WatchEvent } from '../api/response.ts';
import type { Revision } from '../api/units.ts';
import type { RuleId } from '../model/index.ts';

/** One event of a watch, or its end. */
export type Delivered = WatchEvent | WatchEnd;

interface WatchEnd {
  readonly kind: 'ended';
  readonly compactRevision: Revision;
}

/** The rule that a wrong delivery breaks; undefined: nothing. */
export const blameDelivery = (
  predicted: Delivered | undefined,
  observed: Delivered | undefined,
  command: Watch | undefined,
): RuleId => {
  if (predicted?.kind === 'ended' || observed?.kind === 'ended') return 'KV-17';
  const [left, right] = [predicted, observed];
  if (right !== undefined && command !== undefined) {
    if (right.kv.modRevision < command.startRevision) return 'KV-23';
    if (!isAskedFor(command, right)) return 'KV-24';
  }
  if (left === undefined) return 'KV-24';
  if (right === undefined || left.kv.key !== right.kv.key) return 'KV-22';
  if (left.kv.modRevision !== right.kv.modRevision) return 'KV-22';
  if ((left.prevKv === null) !== (right.prevKv === null)) return 'KV-24';
  if (left.kind === 'delete') return 'REVOKE-05';
  return left.kv.lease === right.kv.lease ? 'KV-13' : 'KV-01';
};

/** Whether a watch is to deliver such an event at all (KV-24). */
export const isAskedFor = (
  { key, rangeEnd, noPut, noDelete }: Watch,
  { kind, kv }: WatchEvent,
): boolean => {
  if (kind === 'put' ? noPut : noDelete) return false;
  // An empty key stands for the first one that there can be.
  if (rangeEnd === '') return kv.key === (key === '' ? FROM_KEY : key);
  return kv.key >= key && (rangeEnd === FROM_KEY || kv.key < rangeEnd);
};
