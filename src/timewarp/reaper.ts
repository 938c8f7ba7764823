/**
 * Processes on a clock that stands still would outlive us for ever. So they go when we go: on our
 * exit by our own hand; when we are killed, by that of a shell that waits on a pipe of ours, which
 * the kernel closes however we end. The shell is there while there are such processes.
 *
 * It kills process groups, so that what a process has started goes along.
 */
import { type ChildProcess, spawn } from 'node:child_process';

/** Starts the shell, if none is there: before the process, so that it is never without. */
export const prepareReaper = (): void => {
  reaper ??= startReaper();
};

/** The process group `pid` goes when we go. */
export const reap = (pid: number): void => {
  prepareReaper();
  groups.add(pid);
  reaper?.stdin?.write(`+ ${pid}\n`);
};

/** The process group `pid` has ended. */
export const spare = (pid: number): void => {
  groups.delete(pid);
  reaper?.stdin?.write(`- ${pid}\n`);
  dismissReaper();
};

/** Has the shell stay although there may be no such process for a while, until it is released. */
export const holdReaper = (): (() => void) => {
  holds += 1;
  let isHeld = true;
  return () => {
    if (!isHeld) return;
    isHeld = false;
    holds -= 1;
    dismissReaper();
  };
};

/** Ends the shell unless it is needed. */
export const dismissReaper = (): void => {
  if (groups.size > 0 || holds > 0) return;
  reaper?.stdin?.end();
  reaper = undefined;
};

/** Ends a process group, if it is there. */
export const killGroup = (pid: number): void => {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
};

const groups = new Set<number>();
let holds = 0;
let reaper: ChildProcess | undefined;

// One listener for all: each would cost one.
process.on('exit', () => {
  for (const pid of groups) killGroup(pid);
});

/** Reads `+ pid` and `- pid`; what is left when the pipe ends is killed. */
const SCRIPT = `
  groups=
  while read -r sign pid; do
    if [ "$sign" = + ]; then groups="$groups $pid"; continue; fi
    rest=
    for group in $groups; do [ "$group" = "$pid" ] || rest="$rest $group"; done
    groups=$rest
  done
  for group in $groups; do kill -s KILL -- "-$group"; done
`;

const startReaper = (): ChildProcess => {
  const shell = spawn('/bin/sh', ['-c', SCRIPT, 'timewarp-reaper'], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  shell.unref();
  // Its death is no reason for ours; then there is just no protection against SIGKILL.
  shell.on('error', () => {});
  shell.stdin.on('error', () => {});
  // The pipe keeps nothing alive that has nothing else to do.
  (shell.stdin as unknown as { unref?: () => void }).unref?.();
  return shell;
};
