/** Holds all threads of a process, so that none reads its clock or runs code that is changed. */
import { errnoOf, meansGone, WarpFailed, WarpUnsupported } from './errors.ts';
import type { Kernel } from './kernel.ts';

/** Stops the process and returns when all its threads stand still; SIGCONT lets them go on. */
export const standStill = (kernel: Kernel, pid: number): void => {
  const deadline = kernel.monotonic() + BigInt(STOP_MS) * 1_000_000n;
  signal(kernel, pid, 'SIGSTOP');
  while (!threadFiles(kernel, pid, 'stat').every(isStopped)) {
    // On a busy machine it waits for a CPU to stop on: we must not be what it waits for.
    kernel.rest(BETWEEN_LOOKS_MS);
    if (kernel.monotonic() > deadline) {
      throw new WarpUnsupported(
        'STOP',
        `the process does not stop within ${STOP_MS} ms; try again`,
      );
    }
  }
};

const STOP_MS = 5_000;
const BETWEEN_LOOKS_MS = 0.1;

/** Lets the process go on. */
export const goOn = (kernel: Kernel, pid: number): void => signal(kernel, pid, 'SIGCONT');

/** The content of a file of each thread. Throws `WarpFailed` when the process has ended. */
export const threadFiles = (kernel: Kernel, pid: number, name: 'stat' | 'syscall'): string[] => {
  const folder = `/proc/${pid}/task`;
  for (;;) {
    const threads = listThreads(kernel, folder);
    try {
      return threads.map((thread) => kernel.readText(`${folder}/${thread}/${name}`));
    } catch (error) {
      // A thread ended between list and read.
      if (meansGone(error)) continue;
      const what = `${folder}/*/${name} cannot be read (${errnoOf(error)})`;
      throw new WarpUnsupported('ACCESS', `${what}; ${ACCESS_REMEDY}`, { cause: error });
    }
  }
};

export const ACCESS_REMEDY =
  'the program must be readable, without set-uid bit and file capabilities, and run as this user';

export const hasEnded = (): WarpFailed => new WarpFailed('ENDED', 'the process has ended');

const listThreads = (kernel: Kernel, folder: string): string[] => {
  try {
    return kernel.list(folder);
  } catch (error) {
    throw meansGone(error) ? hasEnded() : error;
  }
};

const isStopped = (stat: string): boolean => {
  const state = stat[stat.lastIndexOf(')') + 2] ?? '';
  if ('ZX'.includes(state)) throw hasEnded();
  return state === 'T' || state === 't';
};

const signal = (kernel: Kernel, pid: number, name: 'SIGSTOP' | 'SIGCONT'): void => {
  try {
    kernel.signal(pid, name);
  } catch (error) {
    throw meansGone(error) ? hasEnded() : error;
  }
};
