/** Judges a history: exactly where the clock was virtual, with closed windows where it was real. */
import { checkExact } from './check-exact.ts';
import { checkWindows } from './windows/check-windows.ts';
import type { Coverage } from './coverage.ts';
import type { History } from './history.ts';
import { expectPossible } from './history-order.ts';
import type { Verdict } from './verdict.ts';

/**
 * Counts in `coverage`, when there is one, which rules the history exercised and which cases
 * occurred. Throws `DecodeError` where the history is one that nobody can record, such as one that
 * answers what was never asked: it says nothing of any server.
 */
export const check = (history: History, coverage?: Coverage): Verdict => {
  expectPossible(history);
  return verdictOn(history, coverage);
};

/** The same of a history that we have recorded, or read, ourselves. */
export const verdictOn = (history: History, coverage?: Coverage): Verdict =>
  history.header.clock === 'virtual'
    ? checkExact(history, coverage)
    : checkWindows(history, coverage);
