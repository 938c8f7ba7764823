/** The server that bench/wire.mjs measures: its clock follows real time, or is moved by the parent. */
import { createEtcd } from '../dist/wire/index.js';
import { VirtualClock } from '../dist/clock/index.js';

const clock = new VirtualClock();
const etcd = createEtcd({ clock });
const { port } = await etcd.listen({ host: '127.0.0.1', port: 0 });
/** Leases with a key each, past the wire: that is measured elsewhere. */
const fill = (leases, ttl, keyOf) => {
  for (let index = 1; index <= leases; index += 1) {
    const [token, id] = [-index, BigInt(index)];
    etcd.simulator.submit({ kind: 'grant', token, id, ttl });
    const put = { ignoreLease: false, ignoreValue: false, prevKv: false, value: '' };
    etcd.simulator.submit({ kind: 'put', token, key: keyOf(index), lease: id, ...put });
  }
};

process.on('message', async ({ advance, leases, parts }) => {
  if (leases !== undefined) {
    fill(leases, 60n, (index) => `/part-${String(index % parts).padStart(2, '0')}/${index}`);
    process.send({ leases });
    return;
  }
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
