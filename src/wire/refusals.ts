/** What the simulator refuses, as a gRPC status. */
import { REFUSALS } from '../api/refusal.ts';
import type { Response } from '../api/response.ts';
import { InvariantViolation } from '../invariant.ts';
import type { Status } from './status.ts';

/** The status of a response that is none of those that the request can be answered with. */
export const statusOf = (response: Response): Status => {
  // WIRE-09
  if (response.kind === 'refused') return REFUSALS[response.reason];
  throw new InvariantViolation('a request is answered in kind', { kind: response.kind });
};
