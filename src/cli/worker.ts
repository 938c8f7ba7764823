/** A thread of `check`: runs the chunks it is sent, one after the other. */
import { parentPort, workerData } from 'node:worker_threads';
import { RunFailed } from '../harness/campaign.ts';
import { type Target, TargetError } from '../harness/target.ts';
import { type Chunk, runChunk } from './chunk.ts';
import { startFrom } from './target-spec.ts';
import { FLAG, type ThreadAnswer, type ThreadStart, type ThreadTask } from './threads.ts';

const port = parentPort;
if (port === null) throw new Error('worker.js runs as a thread of leasehold check');
const { flags, target, against } = workerData as ThreadStart;
const stop = {
  stopped: () => Atomics.load(flags, FLAG.stopped) === 1,
  spent: () => Atomics.load(flags, FLAG.spent) === 1,
};

interface Targets {
  readonly target: Target;
  readonly other: Target | undefined;
}

const startTargets = async (): Promise<Targets> => {
  const started = await startFrom(target);
  try {
    return { target: started, other: against === null ? undefined : await startFrom(against) };
  } catch (error) {
    await started.close();
    throw error;
  }
};

const targets = startTargets();
// Whoever runs the first chunk is told.
targets.catch(() => {});

const answerTo = async (chunk: Chunk): Promise<ThreadAnswer> => {
  try {
    const { target: own, other } = await targets;
    const { tally, failed, lost } = await runChunk(chunk, own, stop, other);
    return { kind: 'done', result: { tally, failed, lost } };
  } catch (error) {
    if (error instanceof TargetError) return { kind: 'no target', message: error.message };
    if (!(error instanceof RunFailed && error.cause instanceof Error)) throw error;
    const { name, message, stack } = error.cause;
    return { kind: 'threw', run: error.run, name, message, stack };
  }
};

const end = async (): Promise<void> => {
  try {
    const { target: own, other } = await targets;
    await own.close();
    await other?.close();
  } catch {
    // They did not start.
  }
  port.close();
};

port.on('message', (task: ThreadTask) => {
  if (task === 'end') void end();
  else void answerTo(task).then((answer) => port.postMessage(answer));
});
