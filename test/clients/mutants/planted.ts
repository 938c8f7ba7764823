/** All bugs that are planted in the reference client. */
import type { Edit } from '../../mutants/mutant.ts';
import type { ClientMutant } from './mutant.ts';
import { ANSWER_MUTANTS } from './planted/answers.ts';
import { CALL_MUTANTS } from './planted/calls.ts';
import { HOLD_MUTANTS } from './planted/holds.ts';
import { RENEWAL_MUTANTS } from './planted/renewals.ts';
import { TIME_MUTANTS } from './planted/time.ts';

export const CLIENT_MUTANTS: readonly ClientMutant[] = [
  ...TIME_MUTANTS,
  ...RENEWAL_MUTANTS,
  ...ANSWER_MUTANTS,
  ...CALL_MUTANTS,
  ...HOLD_MUTANTS,
];

/** All edits of the bug named `id`; undefined when there is none. */
export const clientEditsOf = (id: string): readonly Edit[] | undefined =>
  CLIENT_MUTANTS.find((mutant) => mutant.id === id)?.edits;
