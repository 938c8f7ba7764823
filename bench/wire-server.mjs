/** The server that bench/wire.mjs measures: its clock follows real time, or is moved by the parent. */
import { createEtcd } from '../dist/wire/index.js';
import { VirtualClock } from '../dist/clock/index.js';

const clock = new VirtualClock();
const etcd = createEtcd({ clock });
const { port } = await etcd.listen({ host: '127.0.0.1', port: 0 });
process.on('message', async ({ advance }) => {
  if (advance === undefined) {
    await etcd.close();
    process.disconnect();
    return;
  }
  for (const end = clock.now + advance; clock.now < end; ) {
    // A step at a time, so that what is delivered leaves in between.
    clock.advanceTo(Math.min(end, clock.now + 500));
    await new Promise(setImmediate);
  }
  process.send({ now: clock.now });
});
process.send({ port });
