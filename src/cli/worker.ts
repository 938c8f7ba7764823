/** A thread of `check --jobs N`: runs the chunks it is sent, one after the other. */
import { parentPort } from 'node:worker_threads';
import { type Chunk, runChunk } from './virtual-campaign.ts';

const port = parentPort;
if (port === null) throw new Error('worker.js runs as a thread of leasehold check');
port.on('message', (chunk: Chunk) => {
  void runChunk(chunk).then((result) => port.postMessage(result));
});
