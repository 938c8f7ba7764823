/**
 * Makes a Go process run all that is due, and finds out when it is done.
 *
 * A Go program reads the virtual clock, but sleeps in the kernel on the real one: after a jump it
 * does not notice by itself. One thread of an idle Go process waits in epoll, the poller; SIGURG
 * wakes it, and the runtime, which ignores the signal but for that, looks at its timers.
 */
import { WarpFailed } from './errors.ts';
import type { Look } from './quiet.ts';
import { hasEnded } from './standstill.ts';
import { pause, realMs, turn } from './waiting.ts';

/** What can be settled. */
export interface Settling {
  readonly hasEnded: boolean;
  /** Whether it runs on the Go runtime, which alone heeds `wake`. */
  readonly isGo: boolean;
  look(): Look;
  /** Whether timers may be due that it has not looked at: its clock was moved, or runs. */
  readonly mayBeDue: boolean;
  /** Has the thread `poller` run what is due. */
  wake(poller: number): void;
}

export interface SettleOptions {
  /** How long it may take, in real milliseconds; 10,000 if absent. */
  readonly timeoutMs?: number | undefined;
  /**
   * Of one process that was settled before, and was given nothing since: who polled then. It need
   * not be seen at rest again before it is woken. One that does something meanwhile may have read
   * the clock before it was moved, and sleep by that.
   */
  readonly poller?: number | undefined;
}

/** A process, or several that talk to each other, at rest. */
export interface Settled {
  /**
   * Whole virtual milliseconds to the next timer, at least 1, rounded down otherwise; undefined
   * when there is none.
   */
  readonly nextTimerMs: number | undefined;
  /** Id of the thread that polls in the last of the processes. */
  readonly poller: number | undefined;
  /** What each has read and written so far, sockets included: the same while it does neither. */
  readonly io: string;
}

/**
 * Resolves when each of the processes has run what was due, and nothing runs in any of them and
 * nothing is on its way between them. Throws `WarpFailed` when that does not come about in time.
 */
export const settleAll = async (
  processes: readonly Settling[],
  { poller, timeoutMs = PATIENCE_MS }: SettleOptions = {},
): Promise<Settled> => {
  const deadlineMs = realMs() + timeoutMs;
  // What our side has written leaves it at the end of this turn.
  await turn();
  const settled: Quiet[] = [];
  for (const process of processes) {
    const isKnown = poller !== undefined && process.mayBeDue;
    const woken = isKnown ? await runDueOf(process, poller, deadlineMs) : undefined;
    settled.push(woken ?? (await runDue(process, deadlineMs)));
  }
  const looks = await untilSilent(processes, settled, deadlineMs);
  // What they have answered reaches our side.
  await turn();
  const timers = looks.flatMap(({ nextTimerMs }) => nextTimerMs ?? []);
  const nextTimerMs = timers.length === 0 ? undefined : Math.min(...timers);
  const io = looks.map((look) => look.io).join();
  return { nextTimerMs, poller: looks.at(-1)?.poller, io };
};

type Quiet = Extract<Look, { quiet: true }>;

const PATIENCE_MS = 10_000;

const runDue = async (process: Settling, deadlineMs: number): Promise<Quiet> => {
  const quiet = await untilQuiet(process, deadlineMs);
  if (!process.mayBeDue) return quiet;
  if (!process.isGo) throw notGo();
  process.wake(quiet.poller);
  return untilQuiet(process, deadlineMs);
};

/**
 * Another thread that polls in the end may have done so all along, on a timer that was set before
 * the clock was: it is woken, too. Whoever was woken, or came to poll since, has looked. Undefined
 * when there is no such poller.
 */
const runDueOf = async (
  process: Settling,
  poller: number,
  deadlineMs: number,
): Promise<Quiet | undefined> => {
  try {
    process.wake(poller);
  } catch {
    // It is gone, and perhaps the process with it: whoever looks finds out.
    return undefined;
  }
  const quiet = await untilQuiet(process, deadlineMs);
  if (quiet.poller === poller) return quiet;
  process.wake(quiet.poller);
  return untilQuiet(process, deadlineMs);
};

const untilQuiet = async (process: Settling, deadlineMs: number): Promise<Quiet> => {
  for (let attempts = 1; ; attempts += 1) {
    const look = await lookOnce(process);
    if (look.quiet) return look;
    await wait(process, attempts, deadlineMs, look.why);
  }
};

/**
 * All quiet again in a further round of looks, and none has read or written since the round before:
 * sockets count, so no message was on its way between them. One process alone has nobody to write
 * to.
 */
const untilSilent = async (
  processes: readonly Settling[],
  settled: readonly Quiet[],
  deadlineMs: number,
): Promise<readonly Quiet[]> => {
  let before = settled;
  while (processes.length > 1) {
    const looks: Quiet[] = [];
    for (const process of processes) looks.push(await untilQuiet(process, deadlineMs));
    if (looks.every(({ io }, index) => io === before[index]?.io)) return looks;
    if (realMs() > deadlineMs) throw restless('the processes keep writing to each other');
    before = looks;
  }
  return before;
};

const lookOnce = async (process: Settling): Promise<Look> => {
  try {
    return process.look();
  } catch (error) {
    // The files of a process that ends close before we hear of it.
    await pause(1);
    throw process.hasEnded ? hasEnded() : error;
  }
};

/** At first at once, then with time for our own sockets, then without taking the CPU from it. */
const wait = async (
  process: Settling,
  attempts: number,
  deadlineMs: number,
  why: string,
): Promise<void> => {
  if (attempts > EAGER_LOOKS) await (attempts > LOOKS_BY_TURN ? pause(1) : turn());
  if (process.hasEnded) throw hasEnded();
  // Only now: a Go program that starts is not yet one to be seen.
  if (realMs() > deadlineMs) throw process.isGo ? restless(why) : notGo();
};

const EAGER_LOOKS = 3;
const LOOKS_BY_TURN = 40;

const notGo = (): WarpFailed => {
  const what = 'the process cannot be settled: it does not handle SIGURG as Go programs do';
  return new WarpFailed('NOTGO', `${what}; move its clock and wait for what it does`);
};

const restless = (why: string): WarpFailed =>
  new WarpFailed('RESTLESS', `the process does not come to rest in time: ${why}`);
