/** What answers say of the store's revision. */
import type { Response, ResponseOp } from '../../api/response.ts';
import type { Revision } from '../../api/units.ts';
import type { RuleId } from '../../model/index.ts';

/** The revision at which the server served a request, when its answer says so exactly. */
export const servedAt = (response: Response): Revision | null => {
  switch (response.kind) {
    case 'granted':
    case 'revoked':
    case 'putDone':
    case 'rangeResult':
    case 'deleted':
    case 'txnResult':
    case 'compacted':
      return response.revision;
    case 'alarms':
    case 'watchCreated':
    case 'watchCanceled':
    case 'progress':
    case 'keptAlive':
    case 'remainingTtl':
    case 'leaseList':
    case 'refused':
      return null;
  }
};

/** The revision that a request took; null for a revoke, which may have taken none. */
export const takenBy = (response: Response): Revision | null => {
  const result = RESULTS.has(response.kind) && writes(response as ResponseOp);
  return result ? (response as ResponseOp).revision : null;
};

const RESULTS: ReadonlySet<Response['kind']> = new Set(['putDone', 'deleted', 'txnResult']);

const writes = (response: ResponseOp): boolean => {
  if (response.kind === 'txnResult') return response.responses.some(writes);
  return response.kind === 'putDone' || (response.kind === 'deleted' && response.deleted > 0);
};

/** What an answer says of the store's revision at some instant of its call; null: nothing. */
export const shownBy = (response: Response): Revision | null => {
  switch (response.kind) {
    case 'refused':
    case 'alarms':
    case 'watchCreated':
    case 'watchCanceled':
    case 'progress':
      return null;
    default:
      return response.revision;
  }
};

/** The rule that an answer breaks whose revision is wrong. */
export const ruleOfRevision = ({ kind }: Response): RuleId => {
  switch (kind) {
    case 'granted':
      return 'GRANT-06';
    case 'revoked':
      return 'REVOKE-04';
    case 'keptAlive':
      return 'KA-06';
    case 'txnResult':
      return 'KV-10';
    case 'compacted':
      return 'KV-20';
    default:
      return 'EXP-07';
  }
};
