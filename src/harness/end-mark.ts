/** The last write of a session on a real clock: what is seen after it has been seen for good. */
import { asBytes } from '../api/bytes.ts';
import { previous } from './moments.ts';
import { PLAIN_PUT, putWith, type ScheduleStep } from './schedule.ts';

export const END_MARK: ScheduleStep = {
  at: previous(0),
  client: 1,
  action: putWith(PLAIN_PUT, { key: asBytes('~end') }),
  expect: null,
};
