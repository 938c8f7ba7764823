/** What the simulator refuses, as a gRPC status. */
import { type Reason, REFUSALS } from '../api/refusal.ts';
import type { Response } from '../api/response.ts';
import { InvariantViolation } from '../invariant.ts';
import type { Backend } from './backend.ts';
import { CODE, type Status } from './status.ts';

/** CONST-16 */
export const TOO_LARGE: Status = {
  code: CODE.invalidArgument,
  message: 'etcdserver: request is too large',
};

/** WIRE-09: the code may be one of the version's own. */
export const refusal = (reason: Reason, { options: { config } }: Backend): Status => {
  const { code, codes, message } = REFUSALS[reason];
  return { code: codes?.[config.etcd] ?? code, message };
};

/** The status of a response that is none of those that the request can be answered with. */
export const statusOf = (response: Response, backend: Backend): Status => {
  if (response.kind === 'refused') return refusal(response.reason, backend);
  throw new InvariantViolation('a request is answered in kind', { kind: response.kind });
};
