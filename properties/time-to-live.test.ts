import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import type { Schedule } from '../src/harness/schedule.ts';
import { chronicleOf, parameters, prove, SIMULATOR } from './prove.ts';
import { keys, negative, reportHolds, truncated, unknown } from './predicates/time-to-live.ts';
import { wordWrite } from './predicates/revoke.ts';
import { schedules } from './schedules.ts';

prove(truncated);
prove(reportHolds);
prove(negative, { backlog: [501, 1600], commands: 20, runs: 120 });
prove(unknown);
prove(keys);

test.prop([schedules()], parameters(200))(
  'TTL-10: time-to-live changes nothing',
  async (schedule) => {
    const whole = await written(schedule);
    const without = await written(withoutReads(schedule));
    fc.pre(whole.reads > 0);
    expect(without.text).toBe(whole.text);
  },
);

/** The same schedule with a wait in the place of each read. */
const withoutReads = (schedule: Schedule): Schedule => ({
  ...schedule,
  steps: schedule.steps.map((step) =>
    READS.has(step.action.kind) ? { ...step, client: 0, action: { kind: 'wait' } } : step,
  ),
});

const READS: ReadonlySet<string> = new Set(['timeToLive', 'leases', 'range']);

/** All that happened but the reads: answers, writes and turns with their instants. */
const written = async (schedule: Schedule): Promise<{ text: string; reads: number }> => {
  const { requests, turns, writes } = await chronicleOf(schedule, SIMULATOR);
  const others = requests.filter(({ command }) => !READS.has(command.kind));
  const answers = others.map(({ at, answered, response }) => {
    const said = response === null ? null : Object.values(response).join();
    return `${at} ${answered?.at} ${said}`;
  });
  const gone = turns.map(({ at, revoked }) => `${at} ${revoked.map(({ id }) => id).join()}`);
  const text = [...answers, ...gone, ...writes.map((write) => `${write.at} ${wordWrite(write)}`)];
  return { text: text.join('\n'), reads: requests.length - others.length };
};
