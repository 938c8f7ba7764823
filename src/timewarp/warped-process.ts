/** A process whose clock is in our hand. */
import type { ChildProcess } from 'node:child_process';
import type { Kernel } from './kernel.ts';
import type { Nanoseconds } from './nanoseconds.ts';
import type { ProcessView } from './process-view.ts';
import { type Look, lookAt } from './quiet.ts';
import { killGroup } from './reaper.ts';
import { type Settled, type SettleOptions, type Settling, settleAll } from './settle.ts';
import { after } from './waiting.ts';
import type { WarpClock } from './warp-clock.ts';

export interface StepOptions extends SettleOptions {
  /**
   * How far the clock moves at a time: a number of nanoseconds, or `timer`, from each timer of the
   * program to the next (to the millisecond, as precisely as it waits). `timer` if absent.
   */
  readonly stride?: Nanoseconds | 'timer' | undefined;
}

export interface StopOptions {
  /** What it is told; SIGTERM if absent. */
  readonly signal?: NodeJS.Signals | undefined;
  /** After how many real milliseconds it is killed; 8,000 if absent. */
  readonly patienceMs?: number | undefined;
}

/** What a warped process is made of. */
interface Parts {
  readonly child: ChildProcess;
  readonly clock: WarpClock;
  readonly view: ProcessView;
  readonly kernel: Kernel;
}

export class WarpedProcess implements Settling, AsyncDisposable {
  /** The process, as `child_process.spawn` gives it. */
  readonly child: ChildProcess;
  readonly pid: number;
  /** Its clock, to be moved without waiting for what comes of it. */
  readonly clock: WarpClock;
  readonly #view: ProcessView;
  readonly #kernel: Kernel;
  /** How often its clock had been moved when it last looked at its timers. */
  #movesSeen = -1;
  #isGo = false;

  constructor({ child, clock, view, kernel }: Parts) {
    this.child = child;
    this.pid = child.pid as number;
    this.clock = clock;
    this.#view = view;
    this.#kernel = kernel;
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  get isGo(): boolean {
    // Go programs do from their first moments on, to their end.
    this.#isGo ||= this.#view.handles(SIGURG);
    return this.#isGo;
  }

  /** Whether it is at rest at this moment; what is due need not have run yet. */
  look(): Look {
    return lookAt(this.#view);
  }

  /** What it has read and written so far, sockets included: the same while it does neither. */
  get io(): string {
    return this.#view.io();
  }

  get mayBeDue(): boolean {
    return !this.clock.isFrozen || this.clock.moves !== this.#movesSeen;
  }

  /**
   * Has the thread that polls look at the timers. The kernel hands a signal for the process to the
   * thread whose id is used, if it can; and makes it runnable before the call returns, so that the
   * next look does not take it for asleep.
   */
  wake(poller: number): void {
    this.#kernel.signal(poller, 'SIGURG');
    this.#movesSeen = this.clock.moves;
    this.#view.suspect(poller);
  }

  /**
   * Runs what is due, and resolves when nothing runs and nothing is due. For programs on the Go
   * runtime. Requests of ours that are still to be answered must have been sent.
   */
  settle(options: SettleOptions = {}): Promise<Settled> {
    return settleAll([this], options);
  }

  /** One leap, however many timers lie between, and what comes of it. */
  async jump(by: Nanoseconds, options: SettleOptions = {}): Promise<Settled> {
    this.clock.jump(by);
    return this.settle(options);
  }

  /**
   * Moves the frozen clock to the instant `to` (as `elapsed`) in strides, and settles after each.
   * Returns how many there were.
   */
  async step(to: Nanoseconds, options: StepOptions = {}): Promise<number> {
    const by = to - this.clock.now().elapsed;
    if (by < 0n) throw new RangeError(`time does not run backwards: step to ${to} ns`);
    return stepAll([this], by, options);
  }

  /**
   * Ends it: lets its clock run, because an orderly end waits on timers, tells it, and kills it
   * when it does not end in time. Safe to call twice.
   */
  async stop({ signal = 'SIGTERM', patienceMs = PATIENCE_MS }: StopOptions = {}): Promise<void> {
    if (this.hasEnded) return;
    const ended = new Promise((resolve) => {
      this.child.once('exit', resolve);
    });
    this.child.ref();
    if (signal !== 'SIGKILL') this.#release();
    this.child.kill(signal);
    const forget = after(patienceMs, () => killGroup(this.pid));
    await ended;
    forget();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #release(): void {
    try {
      this.clock.release();
    } catch {
      // It has ended on its own, or does not let itself be released; it will be killed.
    }
  }
}

const PATIENCE_MS = 8_000;
const SIGURG = 23;

/**
 * Moves the frozen clocks of processes that talk to each other by the same time, in strides, and
 * settles all after each. Returns how many there were.
 */
export const stepAll = async (
  processes: readonly WarpedProcess[],
  by: Nanoseconds,
  { stride = 'timer', ...options }: StepOptions = {},
): Promise<number> => {
  if (by < 0n) throw new RangeError(`time does not run backwards: step by ${by} ns`);
  if (stride !== 'timer' && stride <= 0n) throw new RangeError(`a stride of ${stride} ns`);
  if (processes.some(({ clock }) => !clock.isFrozen)) {
    throw new RangeError('a clock that runs cannot be stepped: freeze it, or jump');
  }
  let { nextTimerMs } = await settleAll(processes, options);
  let strides = 0;
  for (let left = by; left > 0n; strides += 1) {
    const reach = stride === 'timer' ? toNextTimer(nextTimerMs, left) : stride;
    const leap = reach < left ? reach : left;
    for (const { clock } of processes) clock.jump(leap);
    left -= leap;
    ({ nextTimerMs } = await settleAll(processes, options));
  }
  return strides;
};

const toNextTimer = (nextTimerMs: number | undefined, left: Nanoseconds): Nanoseconds =>
  nextTimerMs === undefined ? left : BigInt(nextTimerMs) * 1_000_000n;
