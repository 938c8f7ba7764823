/** A thread that runs clients: does what it is asked, and says what came of it. */
import { parentPort } from 'node:worker_threads';
import type { ThreadWord } from './client-thread.ts';
import { CLIENT_WORK, type ClientWork } from './client-work.ts';
import { isUserError } from './errors.ts';

interface Question {
  readonly kind: keyof ClientWork;
  readonly asked: unknown;
}

const port = parentPort;
if (port === null) throw new Error('fuzz-worker.js runs as a thread of leasehold');

const answer = async ({ kind, asked }: Question): Promise<ThreadWord> => {
  try {
    const work = CLIENT_WORK[kind] as (asked: unknown) => Promise<unknown>;
    return { kind: 'done', result: await work(asked) };
  } catch (error) {
    if (isUserError(error)) return { kind: 'user error', message: error.message };
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    return { kind: 'threw', name, message, stack };
  }
};

port.on('message', (question: Question) => {
  void answer(question).then((word) => port.postMessage(word));
});
