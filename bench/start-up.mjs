/**
 * How long it takes from importing to listening, each time in a fresh process, and what an etcd in
 * lockstep costs a test once all is loaded. Milliseconds: the least and the median.
 */
import { execFileSync } from 'node:child_process';
import { startEtcd } from '../dist/vitest/testing.js';

const IMPORT = `
  const began = performance.now();
  const { serveEtcd } = await import('leasehold/wire');
  const served = await serveEtcd();
  console.log(performance.now() - began);
  await served.close();
`;

const importing = Array.from({ length: 20 }, () =>
  Number(execFileSync(process.execPath, ['--input-type=module', '-e', IMPORT])),
);

const fixtures = [];
for (let count = 0; count < 1000; count += 1) {
  const began = process.hrtime.bigint();
  await (await startEtcd()).close();
  fixtures.push(Number(process.hrtime.bigint() - began) / 1e6);
}

const told = (name, costs) => {
  const [least, median] = [0, costs.length >> 1].map((at) =>
    costs.toSorted((left, right) => left - right)[at].toFixed(2),
  );
  console.log(`${name}: ${least} ms at least, ${median} ms median`);
};
told('import to listening', importing);
told('an etcd for a test', fixtures);
