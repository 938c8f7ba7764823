/**
 * How much later than it was a thing may be told, because this process or a client had to wait for
 * the machine. On Linux the kernel tells how long each thread of a client has waited for a CPU;
 * elsewhere our own waiting stands for theirs.
 */
import { readdirSync, readFileSync } from 'node:fs';

/** Milliseconds between two looks at our own clock, and at the clients' threads. */
const [TICK, LOOK] = [10, 200];

/** Milliseconds over which the waiting of a thread is added up: it may be sent away repeatedly. */
const WINDOW = 1_000;

/** What a thread had waited, in milliseconds, when it was looked at. */
interface Waited {
  readonly at: number;
  readonly waited: number;
}

/** What is granted on an idle machine: a client has to be woken, and may be compiling itself. */
const ALWAYS = 100;

/** Of one story, while it runs. */
export interface Lag {
  /** Milliseconds of slack that what was seen until now needs. */
  readonly slack: number;
  watch(pid: number): void;
  /** What the machine did before does not matter. */
  reset(): void;
  end(): void;
}

export class LagMeter {
  readonly #lags = new Set<StoryLag>();
  readonly #timers: NodeJS.Timeout[] = [];
  #before = 0;

  begin(): Lag {
    const lag: StoryLag = new StoryLag(() => this.#end(lag));
    this.#lags.add(lag);
    if (this.#lags.size === 1) this.#start();
    return lag;
  }

  #end(lag: StoryLag): void {
    this.#lags.delete(lag);
    if (this.#lags.size > 0) return;
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
  }

  #start(): void {
    this.#before = performance.now();
    this.#timers.push(
      setInterval(() => this.#tick(), TICK),
      setInterval(() => {
        for (const lag of this.#lags) lag.look();
      }, LOOK),
    );
  }

  #tick(): void {
    const now = performance.now();
    const late = now - this.#before - TICK;
    this.#before = now;
    for (const lag of this.#lags) lag.waited(late);
  }
}

class StoryLag implements Lag {
  readonly #pids = new Set<number>();
  /** Of each thread what was seen within the window, and once before. */
  readonly #known = new Map<string, readonly Waited[]>();
  readonly #onEnd: () => void;
  #ours = 0;
  #theirs = 0;

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  /** Ours twice: on the way there, and on the way back. Theirs is all that of a second. */
  get slack(): number {
    return Math.ceil(ALWAYS + 2 * this.#ours + this.#theirs);
  }

  watch(pid: number): void {
    this.#pids.add(pid);
    this.look();
  }

  reset(): void {
    this.look();
    for (const [thread, waited] of this.#known) this.#known.set(thread, waited.slice(-1));
    this.#ours = 0;
    this.#theirs = 0;
  }

  waited(late: number): void {
    this.#ours = Math.max(this.#ours, late);
  }

  look(): void {
    const now = performance.now();
    for (const pid of this.#pids) {
      for (const [thread, waited] of threadsOf(pid)) {
        const seen = this.#known.get(thread) ?? [{ at: now, waited: 0 }];
        const before = seen.filter(
          ({ at }, index) => at >= now - WINDOW || index === seen.length - 1,
        );
        this.#known.set(thread, [...before, { at: now, waited }]);
        this.#theirs = Math.max(this.#theirs, waited - (before[0]?.waited ?? 0));
      }
    }
  }

  end(): void {
    this.look();
    this.#onEnd();
  }
}

/** Milliseconds that each thread of a process, and of those it started, has waited for a CPU. */
const threadsOf = (pid: number): [string, number][] => {
  const folder = `/proc/${pid}/task`;
  try {
    return readdirSync(folder).flatMap((thread) => {
      const [, waited = '0'] = readFileSync(`${folder}/${thread}/schedstat`, 'utf8').split(' ');
      const children = readFileSync(`${folder}/${thread}/children`, 'utf8').trim();
      const more = children === '' ? [] : children.split(' ').flatMap((child) => threadsOf(+child));
      const own: [string, number] = [`${pid} ${thread}`, Number(waited) / 1e6];
      return more.concat([own]);
    });
  } catch {
    // It has ended, or this system does not tell.
    return [];
  }
};
