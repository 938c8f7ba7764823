/** A thread of `check --jobs N`: runs the chunks it is sent, one after the other. */
import { parentPort } from 'node:worker_threads';
import { simulatorTarget } from '../harness/targets/simulator-target.ts';
import { type Chunk, runChunk } from './virtual-campaign.ts';

const port = parentPort;
if (port === null) throw new Error('worker.js runs as a thread of leasehold check');
port.on('message', (chunk: Chunk) => {
  void runChunk(chunk, simulatorTarget()).then((result) => port.postMessage(result));
});
