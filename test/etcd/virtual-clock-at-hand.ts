/** Whether etcds can be tested on a virtual clock here. Where not, the run says so, and why. */
import { describe } from 'vitest';
import { probe } from '../../src/timewarp/index.ts';

const machine = await probe();

/** As `describe`; on a machine that cannot, its tests are left to those on the real clock. */
export const onVirtualClock = (name: string, tests: () => void): void => {
  if (machine.ok) describe(name, { timeout: 300_000 }, tests);
  else describe.skip(`${name}, on the real clock alone: ${machine.message}`, tests);
};
