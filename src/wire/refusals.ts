/** What the simulator refuses, as a gRPC status. */
import { type Reason, REFUSALS } from '../api/refusal.ts';
import type { Response } from '../api/response.ts';
import { InvariantViolation } from '../invariant.ts';
import { CODE, type Status } from './status.ts';

/** CONST-16 */
export const TOO_LARGE: Status = {
  code: CODE.invalidArgument,
  message: 'etcdserver: request is too large',
};

/** WIRE-09 */
export const refusal = (reason: Reason): Status => REFUSALS[reason];

/** The status of a response that is none of those that the request can be answered with. */
export const statusOf = (response: Response): Status => {
  if (response.kind === 'refused') return refusal(response.reason);
  throw new InvariantViolation('a request is answered in kind', { kind: response.kind });
};
