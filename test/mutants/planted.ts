/** All planted bugs. */
import type { CaughtMutant, Edit, Mutant } from './mutant.ts';
import { ATTACHMENT } from './planted/attachment.ts';
import { CAUGHT } from './planted/caught.ts';
import { DEADLINES } from './planted/deadlines.ts';
import { GRANTS } from './planted/grants.ts';
import { KEEP_ALIVES } from './planted/keep-alives.ts';
import { LEADERS } from './planted/leaders.ts';
import { READS } from './planted/reads.ts';
import { RESTARTS } from './planted/restarts.ts';
import { SLOW_APPLY } from './planted/slow-apply.ts';
import { TRANSACTIONS } from './planted/transactions.ts';
import { VIEWS } from './planted/views.ts';
import { WATCHES } from './planted/watches.ts';
import { WRITES } from './planted/writes.ts';

/** Those that the harness finds. */
export const MUTANTS: readonly Mutant[] = [
  ...DEADLINES,
  ...GRANTS,
  ...KEEP_ALIVES,
  ...READS,
  ...ATTACHMENT,
  ...WRITES,
  ...RESTARTS,
  ...LEADERS,
  ...SLOW_APPLY,
  ...TRANSACTIONS,
  ...VIEWS,
  ...WATCHES,
];

/** Those that the simulator finds by itself. */
export const CAUGHT_MUTANTS: readonly CaughtMutant[] = CAUGHT;

/** All edits of the bug named `id`; undefined when there is none. */
export const editsOf = (id: string): readonly Edit[] | undefined => {
  const mutant = [...MUTANTS, ...CAUGHT_MUTANTS].find((other) => other.id === id);
  return mutant === undefined ? undefined : [mutant, ...(mutant.also ?? [])];
};
