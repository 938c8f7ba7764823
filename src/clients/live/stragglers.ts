/**
 * What a program has started may flee from its process group. It still has the environment that the
 * program was given, with a mark of ours: on Linux it is found by that.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';

/** For the environment of every program of a user's that this process starts. */
export const MARK = { LEASEHOLD_RUN: `${process.pid}-${randomBytes(8).toString('hex')}` };

/** Ends all that bear the mark: to be called once no program is to run any more. */
export const endStragglers = (): void => {
  const mark = `LEASEHOLD_RUN=${MARK.LEASEHOLD_RUN}`;
  for (const pid of processes()) {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
      if (environment.includes(mark)) process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended, or is somebody else's.
    }
  }
};

const processes = (): number[] => {
  try {
    return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  } catch {
    return [];
  }
};
