/** A thread of `fuzz --jobs N`: runs the stories it is sent. */
import { parentPort } from 'node:worker_threads';
import { type FuzzChunk, runFuzzChunk } from './fuzz-campaign.ts';

const port = parentPort;
if (port === null) throw new Error('fuzz-worker.js runs as a thread of leasehold fuzz');
port.on('message', (chunk: FuzzChunk) => {
  void runFuzzChunk(chunk).then((tally) => port.postMessage(tally));
});
