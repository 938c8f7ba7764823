/**
 * A process in which a client runs: whatever the client does to it, it can be ended, and is
 * followed by another one then. It has a process group of its own, which goes when we go.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MARK } from '../clients/live/stragglers.ts';
import { LIMITS } from '../limits.ts';
import { killGroup, prepareReaper, reap, spare } from '../timewarp/reaper.ts';
import { UsageError } from './arguments.ts';
import type { ClientWork } from './client-work.ts';

/** What a process answers. Errors lose their class on the way, so they go in parts. */
export type ClientWord =
  | { readonly kind: 'done'; readonly result: unknown }
  | { readonly kind: 'user error'; readonly message: string }
  /** Nobody caught an error of the client's: this is the last that is heard of it. */
  | { readonly kind: 'broke'; readonly message: string }
  | {
      readonly kind: 'threw';
      readonly name: string;
      readonly message: string;
      readonly stack: string | undefined;
    };

/** The client has taken its process along, or keeps it. */
export class Lost extends Error {
  override readonly name = 'Lost';
}

/** Real milliseconds in which a story of a user's client has to end: more for one that lasts. */
export const patienceFor = (lasts: number): number => Math.max(10_000, lasts / 2);

/** Real milliseconds between two looks at how much memory it takes. */
const LOOK = 50;

export class ClientProcess {
  #child: Child | undefined;

  /**
   * Rejects with `Lost` when the process ends, takes too much memory, or does not answer in time;
   * without a patience it may take as long as it likes.
   */
  ask<Kind extends keyof ClientWork>(
    kind: Kind,
    asked: Parameters<ClientWork[Kind]>[0],
    patience?: number,
  ): ReturnType<ClientWork[Kind]> {
    this.#child ??= new Child();
    return this.#ask(this.#child, { kind, asked }, patience) as ReturnType<ClientWork[Kind]>;
  }

  async end(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    await child?.end();
  }

  async #ask(child: Child, question: object, patience?: number): Promise<unknown> {
    try {
      return resultOf(await child.ask(question, patience));
    } catch (error) {
      if (error instanceof Lost) await this.end();
      throw error;
    }
  }
}

class Child {
  readonly #process: ChildProcess;
  readonly #ended: Promise<string>;

  constructor() {
    prepareReaper();
    this.#process = fork(fileURLToPath(new URL('./fuzz-worker.js', import.meta.url)), {
      detached: true,
      env: { ...process.env, ...MARK },
      // What is asked and answered has big integers.
      serialization: 'advanced',
      // What a client prints is not what we have to say.
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    const { pid } = this.#process;
    if (pid !== undefined) reap(pid);
    this.#ended = new Promise((resolve) => {
      this.#process.once('error', ({ message }) => resolve(`its process: ${message}`));
      this.#process.once('exit', (code, signal) => {
        // What it has started ends with it.
        if (pid !== undefined) killGroup(pid);
        if (pid !== undefined) spare(pid);
        resolve(`it ends the process ${signal === null ? `with code ${code}` : `by ${signal}`}`);
      });
    });
    // Whoever asks hears of it; and it may be gone while nobody does.
    this.#process.on('error', () => {});
  }

  async ask(question: object, patience = Infinity): Promise<ClientWord> {
    const child = this.#process;
    const began = performance.now();
    let stop: () => void = () => {};
    try {
      return await new Promise<ClientWord>((resolve, reject) => {
        const lose = (why: string): void => reject(new Lost(why));
        const look = (): void => {
          if (performance.now() - began > patience) {
            lose(`it does not come back within ${patience / 1000} s`);
          } else if (memoryOf(child.pid) > LIMITS.clientMemory) {
            lose(`it takes more than ${LIMITS.clientMemory / 2 ** 20} MB of memory`);
          }
        };
        const timer = setInterval(look, LOOK);
        const hear = (word: ClientWord): void => resolve(word);
        child.once('message', hear);
        stop = () => {
          clearInterval(timer);
          child.off('message', hear);
        };
        void this.#ended.then(lose);
        child.send(question, () => {});
      });
    } finally {
      stop();
    }
  }

  async end(): Promise<void> {
    const { pid } = this.#process;
    if (pid !== undefined) killGroup(pid);
    await this.#ended;
  }
}

/** Bytes; 0 where the system does not tell. */
const memoryOf = (pid: number | undefined): number => {
  try {
    const [, pages = '0'] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ');
    return Number(pages) * PAGE;
  } catch {
    return 0;
  }
};

const PAGE = 4096;

const resultOf = (word: ClientWord): unknown => {
  switch (word.kind) {
    case 'done':
      return word.result;
    case 'user error':
      throw new UsageError(word.message);
    case 'broke':
      throw new Lost(`an error that nobody catches ends the process: ${word.message}`);
    case 'threw':
      throw Object.assign(new Error(word.message), { name: word.name, stack: word.stack });
  }
};
