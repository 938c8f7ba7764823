/** Keys, values and their revisions as messages carry them. */
import type { KeyValue as Kept } from '../api/response.ts';
import { arrayOf } from './byte-strings.ts';
import type { KeyValue } from './gen/kv_pb.ts';

export const keyValueOf = (kept: Kept): KeyValue => ({
  $typeName: 'mvccpb.KeyValue',
  key: arrayOf(kept.key),
  createRevision: BigInt(kept.createRevision),
  modRevision: BigInt(kept.modRevision),
  version: BigInt(kept.version),
  value: arrayOf(kept.value),
  lease: kept.lease,
});
