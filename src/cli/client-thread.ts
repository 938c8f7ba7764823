/** A thread in which a client runs: it can be ended, and is followed by another one then. */
import { Worker } from 'node:worker_threads';
import { UsageError } from './arguments.ts';
import type { ClientWork } from './client-work.ts';

/** What a thread answers. Errors lose their class on the way, so they go in parts. */
export type ThreadWord =
  | { readonly kind: 'done'; readonly result: unknown }
  | { readonly kind: 'user error'; readonly message: string }
  | {
      readonly kind: 'threw';
      readonly name: string;
      readonly message: string;
      readonly stack: string | undefined;
    };

/** The client has taken its thread along, or keeps it. */
export class Lost extends Error {
  override readonly name = 'Lost';
}

/** Real milliseconds in which a story of a user's client has to end: more for one that lasts. */
export const patienceFor = (lasts: number): number => Math.max(10_000, lasts / 2);

export class ClientThread {
  #worker: Worker | undefined;

  /**
   * Rejects with `Lost` when the thread ends, or does not answer in time; without a patience it may
   * take as long as it likes.
   */
  ask<Kind extends keyof ClientWork>(
    kind: Kind,
    asked: Parameters<ClientWork[Kind]>[0],
    patience?: number,
  ): ReturnType<ClientWork[Kind]> {
    this.#worker ??= newWorker();
    return this.#ask(this.#worker, { kind, asked }, patience) as ReturnType<ClientWork[Kind]>;
  }

  async end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  async #ask(worker: Worker, question: object, patience?: number): Promise<unknown> {
    let stop: () => void = () => {};
    try {
      const word = await new Promise<ThreadWord>((resolve, reject) => {
        const lose = (why: string): void => reject(new Lost(why));
        const ended = (): void => lose('it ends its thread');
        const broke = (error: Error): void =>
          lose(`an error that nobody catches ends its thread: ${error.message}`);
        worker.once('error', broke).once('exit', ended).once('message', resolve);
        const hangs = (): void => lose(`it does not come back within ${(patience ?? 0) / 1000} s`);
        const timer = patience === undefined ? undefined : setTimeout(hangs, patience);
        stop = () => {
          clearTimeout(timer);
          worker.off('error', broke).off('exit', ended).off('message', resolve);
        };
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- no window
        worker.postMessage(question);
      });
      return resultOf(word);
    } catch (error) {
      if (error instanceof Lost) await this.end();
      throw error;
    } finally {
      stop();
    }
  }
}

const resultOf = (word: ThreadWord): unknown => {
  switch (word.kind) {
    case 'done':
      return word.result;
    case 'user error':
      throw new UsageError(word.message);
    case 'threw':
      throw Object.assign(new Error(word.message), { name: word.name, stack: word.stack });
  }
};

const newWorker = (): Worker => {
  const worker = new Worker(new URL('./fuzz-worker.js', import.meta.url), { stdout: true });
  // What a client prints is not what we have to say.
  worker.stdout.pipe(process.stderr, { end: false });
  // Whoever asks hears of it; and it may break while nobody does.
  worker.on('error', () => {});
  return worker;
};
