/** Instants and restarts in the words of timelines. */
import type { Instant } from '../api/units.ts';
import type { Entry } from '../harness/history.ts';
import { printConfig } from '../harness/schedule-text.ts';

/** Milliseconds; tenths of them on a real clock. */
export const shownInstant = (at: Instant): string =>
  Number.isInteger(at) ? `${at}` : at.toFixed(1);

export const wordRestart = ({ at, kill, config }: Entry & { kind: 'restart' }): string => {
  const how = kill ? 'is killed' : 'stops';
  return `the server ${how}; at ${shownInstant(at)} ms it is up, ${printConfig(config)}`;
};
