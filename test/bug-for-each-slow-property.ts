/** Bugs that the properties of a server that is slow to apply must not let pass. */
import type { Response } from '../src/api/response.ts';
import * as slowApply from '../properties/predicates/slow-apply.ts';
import type { BuggedProperty } from './bug-for-each-property.ts';
import { type Bug, refused } from './planted-bugs.ts';

const SLOW = { abilities: ['apply'] } as const;

const neverSlow = (): Bug => ({ isNeverSlow: true });

/** What times out for want of the log says something else. */
const sayingOtherwise = (): Bug => ({
  response: (response: Response) =>
    response.kind === 'refused' && response.reason === 'apply-timed-out'
      ? refused('no-leader')
      : response,
});

export const SLOW_BUGS: readonly BuggedProperty[] = [
  [slowApply.nothingIsWritten, 'it is never slow', neverSlow, SLOW],
  [slowApply.waitsHaveTheirTime, 'a refusal says something else', sayingOtherwise, SLOW],
  [slowApply.keepAlivesAreFresh, 'a refusal says something else', sayingOtherwise, SLOW],
];
