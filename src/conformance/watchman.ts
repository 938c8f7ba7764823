/**
 * Ends a suite on a server that has its own time: when it is told to stop, when its time is over,
 * and when the server says nothing more. Stories that wait for an answer would not notice.
 */
import type { Entry } from '../harness/history.ts';

export interface WatchmanOptions {
  /** The longest that all cases may take, in real milliseconds. */
  readonly patienceMs: number;
  readonly stopped: () => boolean;
  /** Whether silence of the server says anything: on a virtual clock it may only hold requests. */
  readonly listens: boolean;
}

export class Watchman {
  readonly #options: WatchmanOptions;
  readonly #began = performance.now();
  readonly #stories = new Set<Waiting>();
  #silentTicks = 0;
  #timer: NodeJS.Timeout | undefined;
  #cut: string | null = null;
  #resolve: (why: string) => void = () => {};
  /** Resolves with why the suite is over before its end. */
  readonly cut = new Promise<string>((resolve) => {
    this.#resolve = resolve;
  });

  constructor(options: WatchmanOptions) {
    this.#options = options;
  }

  /** Why it is over; null: it is not. */
  get why(): string | null {
    if (this.#cut !== null) return this.#cut;
    const { patienceMs, stopped } = this.#options;
    if (stopped()) this.end('it was stopped');
    else if (performance.now() - this.#began > patienceMs) {
      this.end(`it took more than ${Math.round(patienceMs / 1000)} s`);
    }
    return this.#cut;
  }

  /** Looks again and again, until it is dismissed. */
  watch(): void {
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  dismiss(): void {
    clearInterval(this.#timer);
  }

  end(why: string): void {
    this.#cut ??= why;
    this.#resolve(this.#cut);
  }

  /** A story begins: the server has to say something before it goes on. */
  listenTo(): Waiting {
    const heard = (): void => {
      this.#silentTicks = 0;
    };
    const waiting = new Waiting(heard, () => this.#stories.delete(waiting));
    this.#stories.add(waiting);
    return waiting;
  }

  #tick(): void {
    const waits = [...this.#stories].some(({ waits: one }) => one);
    // Counted, not measured: what this process was too busy to read is no silence.
    this.#silentTicks = waits && this.#options.listens ? this.#silentTicks + 1 : 0;
    if (this.why !== null || this.#silentTicks < SILENT_TICKS) return;
    this.end(`the target said nothing for ${(SILENT_TICKS * TICK_MS) / 1000} s`);
  }
}

/** What a story waits for. */
export class Waiting {
  readonly #heard: () => void;
  readonly over: () => void;
  /** The beginning of its session, and its requests. */
  #open = 1;

  constructor(heard: () => void, over: () => void) {
    this.#heard = heard;
    this.over = over;
  }

  get waits(): boolean {
    return this.#open > 0;
  }

  opened(): void {
    this.#open -= 1;
    this.#heard();
  }

  note(entry: Entry): void {
    if (entry.kind === 'call' && !NEVER_ANSWERED.has(entry.command.kind)) this.#open += 1;
    if (entry.kind === 'return') this.#open -= 1;
    if (entry.kind === 'return' && entry.completion.kind === 'answered') this.#heard();
    if (entry.kind === 'watch' || entry.kind === 'delivery') this.#heard();
  }
}

const TICK_MS = 100;

/** A request is given up after 10 s: from then on whoever asks the same server waits in vain. */
const SILENT_TICKS = 150;

const NEVER_ANSWERED: ReadonlySet<string> = new Set(['cancelWatch', 'watchProgress']);
