/** A process that runs clients: does what it is asked, and says what came of it. */
import { errorMessage } from '../error-message.ts';
import type { ClientWord } from './client-process.ts';
import { CLIENT_WORK, type ClientWork } from './client-work.ts';
import { isUserError } from './errors.ts';

interface Question {
  readonly kind: keyof ClientWork;
  readonly asked: unknown;
}

if (process.send === undefined) throw new Error('fuzz-worker.js is started by leasehold');
const send = process.send.bind(process) as (word: ClientWord, done?: () => void) => void;
// A client says nothing on it.
delete process.send;
const exit = process.exit.bind(process);

const answer = async ({ kind, asked }: Question): Promise<ClientWord> => {
  try {
    const work = CLIENT_WORK[kind] as (asked: unknown) => Promise<unknown>;
    return { kind: 'done', result: await work(asked) };
  } catch (error) {
    if (isUserError(error)) return { kind: 'user error', message: error.message };
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    return { kind: 'threw', name, message, stack };
  }
};

process.on('message', (question: Question) => {
  void answer(question).then((word) => send(word));
});
process.on('disconnect', () => exit());
process.on('uncaughtException', (error: unknown) => {
  const message = errorMessage(error);
  send({ kind: 'broke', message }, () => exit(1));
});
