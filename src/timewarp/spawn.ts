/** Starts a program whose clock is ours from before it first reads it. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ControlBlock, Slot } from './control-block.ts';
import { WarpFailed, WarpUnsupported } from './errors.ts';
import { type Kernel, kernel } from './kernel.ts';
import { ProcessView } from './process-view.ts';
import { dismissReaper, holdReaper, killGroup, prepareReaper, reap, spare } from './reaper.ts';
import { takeClock } from './take-clock.ts';
import { type ClockStart, slotAt, WarpClock } from './warp-clock.ts';
import { WarpedProcess } from './warped-process.ts';

export interface WarpOptions extends ClockStart {
  readonly cwd?: string | undefined;
  /**
   * The environment; that of this process if absent. GOMAXPROCS is 1 unless it says otherwise: a
   * Go program is then at rest sooner, and does things in the same order more often.
   */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** As in `child_process.spawn`. */
  readonly stdio?: SpawnOptions['stdio'];
  /** Awaited each time before it is started again: removes what the attempt before has written. */
  readonly beforeAgain?: (() => Promise<void>) | undefined;
}

/**
 * Starts `file` with its clock frozen (or at `rate`). It has a process group of its own, and ends
 * with this process however this ends.
 *
 * If none of its code is to see another time, it has to be stopped in its first moments. An attempt
 * in which it came further is killed, and it is started again: so it may begin more than once.
 *
 * Throws `WarpUnsupported` when its clock cannot be taken, and `WarpFailed` when it cannot be
 * started; then nothing of it is left.
 */
export const spawnWarped = (
  file: string,
  args: readonly string[],
  options: WarpOptions = {},
): Promise<WarpedProcess> => spawnOn(kernel, file, args, options);

/** The same on a kernel of one's own. */
export const spawnOn = async (
  kernel: Kernel,
  file: string,
  args: readonly string[],
  options: WarpOptions,
): Promise<WarpedProcess> => {
  const { wall = kernel.wall(), rate = 0, beforeAgain } = options;
  const { cwd, env = process.env, stdio = DEFAULT_STDIO } = options;
  checkPlatform(kernel);
  const slotNow = () => slotAt(kernel.monotonic(), wall, rate);
  slotNow();
  const settings = { cwd, env: { GOMAXPROCS: '1', ...env }, stdio };
  const release = holdReaper();
  try {
    for (let attempts = 1; attempts <= ATTEMPTS; attempts += 1) {
      const warped = await attempt(kernel, launch(file, args, settings), file, slotNow);
      if (warped !== undefined) return warped;
      await beforeAgain?.();
    }
  } finally {
    release();
  }
  const what = `${file} was always faster than we could stop it (${ATTEMPTS} times)`;
  throw new WarpUnsupported('STOP', `${what}; try again when the machine is less busy`);
};

/**
 * A small static program on a busy machine comes too far about one time in four; where everything
 * else on the machine goes before us, nine times in ten. An attempt takes milliseconds.
 */
const ATTEMPTS = 200;

/** Undefined when the process came too far before it was stopped: nothing of it is left. */
const attempt = async (
  kernel: Kernel,
  child: ChildProcess,
  file: string,
  slotNow: () => Slot,
): Promise<WarpedProcess | undefined> => {
  const { pid } = child;
  if (pid === undefined) throw await refusal(file, child);
  // Nothing waits from the start to here: each moment the process runs further.
  try {
    reap(pid);
    const block = takeClock(kernel, pid, slotNow);
    if (block !== undefined) return warpedProcess(kernel, child, pid, block);
  } catch (error) {
    await end(child, pid);
    const cameToItsEnd = error instanceof WarpFailed && error.code === 'ENDED';
    if (!cameToItsEnd) throw error;
    return undefined;
  }
  await end(child, pid);
  return undefined;
};

const warpedProcess = (
  kernel: Kernel,
  child: ChildProcess,
  pid: number,
  block: ControlBlock,
): WarpedProcess => {
  const view = new ProcessView(kernel, pid);
  child.once('exit', () => {
    spare(pid);
    view.close();
    block.close();
  });
  return new WarpedProcess({ child, clock: new WarpClock(kernel, pid, block), view, kernel });
};

const DEFAULT_STDIO: SpawnOptions['stdio'] = ['ignore', 'pipe', 'pipe'];

const checkPlatform = ({ platform, arch }: Kernel): void => {
  if (platform === 'linux' && arch === 'x64') return;
  const here = `${platform} on ${arch}`;
  throw new WarpUnsupported('PLATFORM', `only Linux on x86-64 can do this, and this is ${here}`);
};

const launch = (file: string, args: readonly string[], settings: SpawnOptions): ChildProcess => {
  // First, so that the process is never without.
  prepareReaper();
  try {
    return spawn(file, [...args], { ...settings, detached: true });
  } catch (error) {
    dismissReaper();
    throw error;
  }
};

/** Why the program did not start. */
const refusal = async (file: string, child: ChildProcess): Promise<WarpFailed> => {
  dismissReaper();
  const cause = await new Promise<Error>((resolve) => {
    child.once('error', resolve);
  });
  return new WarpFailed('SPAWN', `${file} cannot be started: ${cause.message}`, { cause });
};

/** Kills a process that has not got its clock. */
const end = async (child: ChildProcess, pid: number): Promise<void> => {
  const ended = once(child, 'exit');
  killGroup(pid);
  await ended;
  spare(pid);
};
