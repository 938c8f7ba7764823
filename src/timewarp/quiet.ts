/**
 * Is a Go process at rest? One look at its threads, without disturbing them.
 *
 * /proc shows one thread after the other, so a single pass can be fooled: one is seen parked, then
 * another, not yet looked at, wakes it and parks. Therefore several passes between two readings of
 * counters that have to agree. Then there was an instant at which nothing ran and nothing was about
 * to; with no message from outside on its way, only a timer can start anything from there.
 */
import { meansGone } from './errors.ts';
import type { ProcessView, Thread } from './process-view.ts';

export type Look =
  | {
      readonly quiet: true;
      /** Id of the thread that waits in epoll. */
      readonly poller: number;
      /** How long it would wait at most: virtual milliseconds to the next timer. */
      readonly nextTimerMs: number | undefined;
      /** What the process has read and written so far. */
      readonly io: string;
    }
  | {
      readonly quiet: false;
      /** What spoke against it. */
      readonly why: string;
    };

export const lookAt = (view: ProcessView): Look => {
  try {
    return look(view);
  } catch (error) {
    if (!meansGone(error)) throw error;
    view.forgetThreads();
    return restless('a thread has ended');
  }
};

const look = (view: ProcessView): Look => {
  // Asked first, because it is asked most.
  if (view.isAwakeStill) return restless('a thread is awake');
  const threads = view.threads();
  // The runtime makes sysmon first. It sleeps as little as 20 µs at a time and runs no goroutine,
  // so that it runs does not count. But at the end it must sleep: it may just be about to start a
  // thread for what another left behind in a slow system call.
  const workers = threads.filter((_thread, index) => index !== SYSMON);

  const first = parked(view, workers);
  if (typeof first === 'string') return restless(first);
  const io = view.io();
  const runs = timesRun(view, workers, first);
  // A thread that has been woken for a halted CPU still shows the call it slept in; only its state
  // tells. What the first pass saw too early, the second sees awake.
  if (!workers.every((thread) => view.isAsleep(thread))) return restless('a thread is awake');
  if (!threads.every((thread) => view.isAsleep(thread))) return restless('a thread is awake');
  const last = parked(view, threads);
  if (typeof last === 'string') return restless(last);
  if (last.thread !== first.thread) return restless('another thread polls');
  if (runs !== timesRun(view, workers, first)) return restless('a thread ran meanwhile');
  if (io !== view.io()) return restless('it read or wrote meanwhile');
  if (!isSame(threads, view.threads())) return restless('threads came or went');

  const nextTimerMs = last.timeoutMs < 0 ? undefined : last.timeoutMs;
  return { quiet: true, poller: last.thread.id, nextTimerMs, io };
};

const SYSMON = 1;

const restless = (why: string): Look => ({ quiet: false, why });

interface Poller {
  readonly thread: Thread;
  readonly timeoutMs: number;
}

const EPOLL_PWAIT = 281;
const SLEEPS = new Set([
  // futex
  202,
  // nanosleep
  35,
  // restart_syscall: one of these two with an end, gone on with after the process was stopped.
  219,
]);

/**
 * The thread that polls, if all are where an idle Go process has them: one in epoll, the others in
 * futex, or in nanosleep. Otherwise what speaks against it.
 */
const parked = (view: ProcessView, threads: readonly Thread[]): Poller | string => {
  let poller: Poller | undefined;
  for (const thread of threads) {
    const { number, line } = view.systemCall(thread);
    if (number === EPOLL_PWAIT) {
      const timeoutMs = epollTimeout(line);
      if (timeoutMs === 0) return 'a thread polls in passing';
      poller = { thread, timeoutMs };
    } else if (!SLEEPS.has(number)) {
      view.suspect(thread);
      return `a thread is at ${line.trim()}`;
    }
  }
  return poller ?? 'no thread polls';
};

/** The fourth argument, an int; -1: without end. */
const epollTimeout = (line: string): number =>
  Number(BigInt.asIntN(32, BigInt(line.split(' ', 5)[4] as string)));

/**
 * How often each thread has run. Not the poller: with a timer less than 1 ms of frozen time away it
 * wakes each real millisecond, looks at the clock and parks again. What could give it work shows in
 * what the process has read.
 */
const timesRun = (view: ProcessView, threads: readonly Thread[], { thread }: Poller): string => {
  const counted = threads.filter((each) => each !== thread);
  return counted.map((each) => view.timesRun(each)).join();
};

/** Threads are the same objects as long as they live. */
const isSame = (one: readonly Thread[], other: readonly Thread[]): boolean =>
  one.length === other.length && one.every((thread, index) => thread === other[index]);
