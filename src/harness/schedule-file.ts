/**
 * Reads a schedule that somebody wrote, or that was cut off on its way: what runs silently and says
 * nothing is refused. What leasehold itself keeps is read by `parseSchedule`.
 */
import { lostAnchors } from './lost-anchors.ts';
import { parseNumbered } from './parse-schedule.ts';
import { ScheduleSyntaxError } from './parse-words.ts';
import type { Schedule } from './schedule.ts';

/** Throws `ScheduleSyntaxError`. */
export const parseScheduleFile = (text: string): Schedule => {
  const { config, lines } = parseNumbered(text);
  const steps = lines.map(({ step }) => step);
  if (steps.length === 0) {
    throw new ScheduleSyntaxError('the schedule has no steps, such as "at 0 c1 grant A ttl=5"');
  }
  const [lost] = lostAnchors(steps);
  if (lost !== undefined) {
    const where = `line ${lines[lost.index]?.number}`;
    throw new ScheduleSyntaxError(
      `${where}: no line grants ${lost.lease}, whose deadline it needs`,
    );
  }
  return { config, steps };
};
