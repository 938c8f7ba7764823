/** Whether Go's clientv3 can be tested here. Where not, the run says so, and why. */
import { findClientv3 } from '../../../src/clients/outside/find-clientv3.ts';

/** Null: it can. What is there and cannot be built is no excuse: that throws. */
export const whyNoClientv3 = await findClientv3(process.env).then(
  () => null,
  (error: Error) => {
    if (/no go on the PATH|its clock in hand/.test(error.message)) return error.message;
    throw error;
  },
);
