/** Readers on three threads, as fast as they can, while the clock changes under them. */
import { expect } from 'vitest';
import { MILLISECOND } from '../../src/timewarp/nanoseconds.ts';
import { needsThisMachine, type Reader, sleep, startReader, warpTest } from './this-machine.ts';

needsThisMachine();

const WALL = BigInt(Date.UTC(2031, 0, 1)) * MILLISECOND;

/** What a thread does: `torn` counts what is not on whole microseconds. */
const THREAD = `
  const { parentPort, workerData } = require('node:worker_threads');
  let [reads, backward, torn, last] = [0, 0, 0, 0n];
  while (Atomics.load(workerData, 0) === 0) {
    for (let index = 0; index < 1000; index += 1) {
      const now = process.hrtime.bigint();
      if (now < last) backward += 1;
      if (now % 1000n !== 0n) torn += 1;
      last = now;
    }
    reads += 1000;
    Atomics.add(workerData, 1, 1);
  }
  parentPort.postMessage({ reads, backward, torn });
`;

interface Seen {
  readonly reads: number;
  readonly backward: number;
  readonly torn: number;
}

/** What the threads of the process saw while `action` ran. */
const seenDuring = async ({ ask }: Reader, action: () => Promise<void>): Promise<Seen[]> => {
  await ask(`
    globalThis.shared = new Int32Array(new SharedArrayBuffer(8)),
    globalThis.results = [],
    globalThis.threads = [1, 2, 3].map(() => {
      const { Worker } = require('node:worker_threads');
      const thread = new Worker(${JSON.stringify(THREAD)}, { eval: true, workerData: shared });
      return thread.on('message', (seen) => results.push(seen));
    }), 0`);
  while (((await ask('shared[1]')) as number) < 30) await sleep(5);
  await action();
  await ask('shared[0] = 1');
  for (;;) {
    const results = (await ask('results')) as Seen[];
    if (results.length === 3) return results;
    await sleep(5);
  }
};

warpTest('no reader sees half of an update, or time run backwards', async () => {
  const reader = await startReader({ wall: WALL });
  const { clock } = reader.process;
  clock.jump(1_000n - (clock.now().monotonic % 1_000n));
  let updates = 0;
  const seen = await seenDuring(reader, async () => {
    const deadline = performance.now() + 1_500;
    while (performance.now() < deadline) {
      for (let index = 0; index < 100; index += 1) clock.jump(BigInt(index) * 123_457_000n);
      updates += 100;
      await sleep(0);
    }
  });
  for (const { reads, backward, torn } of seen) {
    expect([backward, torn]).toEqual([0, 0]);
    expect(reads).toBeGreaterThan(10_000);
  }
  expect(updates).toBeGreaterThan(1_000);
});

warpTest('no reader sees time run backwards when the clock slows down or freezes', async () => {
  const reader = await startReader({ wall: WALL, rate: 1000 });
  const { clock } = reader.process;
  const seen = await seenDuring(reader, async () => {
    for (let round = 0; round < 100; round += 1) {
      clock.run([1000, 0, 1, 100, 0.5][round % 5] as number);
      await sleep(1);
    }
    clock.release();
  });
  expect(seen.map(({ backward }) => backward)).toEqual([0, 0, 0]);
});
