/** Whether a served member applies what it commits at once. */
import type { LeaseId } from '../api/command.ts';

/** How fast the member applies, in the hand of a test. */
export interface ApplySwitch {
  readonly isSlow: boolean;
  /** An entry of the log takes long from here on: what is committed behind it is not applied. */
  stall(): void;
  /** All is applied. Gives the ids chosen for grants whose clients had given up. */
  catchUp(): readonly LeaseId[];
}
