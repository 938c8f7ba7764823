/** An answer that is not the one the model expected. */
import type { Command } from '../api/command.ts';
import type { Response } from '../api/response.ts';
import type { Instant } from '../api/units.ts';
import type { State } from '../model/index.ts';
import type { Past } from './past.ts';

export interface Mismatch {
  /** The state in which the command was given, and when. */
  readonly state: State;
  readonly now: Instant;
  readonly command: Command;
  readonly predicted: Response;
  readonly observed: Response;
  readonly field: string;
  /** Undefined: not known. */
  readonly past: Past | undefined;
}
