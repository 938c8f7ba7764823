/** Whether the answer to a request may be long in coming. */
import type { Command } from '../api/command.ts';
import type { Instant } from '../api/units.ts';
import type { Interpreter } from './interpreter.ts';

/** On a real clock, milliseconds before a deadline from which on a keep-alive is not waited for. */
const OVERDUE_SOON = 50;

/**
 * KA-04, KA-05: a keep-alive on a lease that is nearly overdue, or behind another one that waits.
 */
export const mayBeHeld = (
  command: Command,
  now: Instant,
  interpreter: Interpreter,
  unanswered: () => readonly Command[],
): boolean => {
  if (command.kind !== 'keepAlive') return false;
  const deadline = interpreter.deadlineOf(command.id);
  if (deadline !== undefined && deadline - now < OVERDUE_SOON) return true;
  return unanswered().some(
    (other) =>
      other.kind === 'keepAlive' &&
      other.token !== command.token &&
      other.stream === command.stream,
  );
};
