/** A thread of `check --jobs N`: runs the chunks it is sent, one after the other. */
import { parentPort, workerData } from 'node:worker_threads';
import { RunFailed } from '../harness/campaign.ts';
import { simulatorTarget } from '../harness/targets/simulator-target.ts';
import { type Chunk, runChunk } from './chunk.ts';
import { FLAG, type ThreadAnswer } from './threads.ts';

const port = parentPort;
if (port === null) throw new Error('worker.js runs as a thread of leasehold check');
const flags = workerData as Int32Array;
const stop = {
  stopped: () => Atomics.load(flags, FLAG.stopped) === 1,
  spent: () => Atomics.load(flags, FLAG.spent) === 1,
};

const answerTo = async (chunk: Chunk): Promise<ThreadAnswer> => {
  try {
    const { tally, failed } = await runChunk(chunk, simulatorTarget(), stop);
    return { kind: 'done', result: { tally, failed } };
  } catch (error) {
    if (!(error instanceof RunFailed && error.cause instanceof Error)) throw error;
    const { name, message, stack } = error.cause;
    return { kind: 'threw', run: error.run, name, message, stack };
  }
};

port.on('message', (chunk: Chunk) => {
  void answerTo(chunk).then((answer) => port.postMessage(answer));
});
