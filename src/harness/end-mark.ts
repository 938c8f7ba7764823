/** The last write of a session on a real clock: what is seen after it has been seen for good. */
import { asBytes, NO_BYTES } from '../api/bytes.ts';
import { previous } from './moments.ts';
import type { ScheduleStep } from './schedule.ts';

export const END_MARK: ScheduleStep = {
  at: previous(0),
  client: 1,
  action: {
    kind: 'put',
    key: asBytes('~end'),
    count: 1,
    value: NO_BYTES,
    lease: null,
    spread: false,
    ignoreLease: false,
    ignoreValue: false,
    prevKv: false,
  },
  expect: null,
};
