/** What answers say of the store's revision. */
import type { Response } from '../../api/response.ts';
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
      return response.revision;
    case 'keptAlive':
    case 'remainingTtl':
    case 'leaseList':
    case 'refused':
      return null;
  }
};

/** The revision that a request took; null for a revoke, which may have taken none. */
export const takenBy = (response: Response): Revision | null => {
  const writes =
    response.kind === 'putDone' || (response.kind === 'deleted' && response.deleted > 0);
  return writes ? response.revision : null;
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
    default:
      return 'EXP-07';
  }
};
