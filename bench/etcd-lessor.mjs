/**
 * What etcd's own lessor costs on this machine, next to which the figures of others stand: absolute
 * ones differ by a factor of two between machines, and from one hour to the next on a shared one.
 */
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const HERE = path.join(import.meta.dirname, 'etcd-lessor');
const OWN = ['go.mod', 'go.sum', 'lessor_test.go'];
const ETCDS = ['doc.go', 'lease_queue.go', 'lessor.go', 'metrics.go'];

/**
 * Builds etcd's lessor, as the Go module proxy has it, and calls `use` with a function that
 * measures so many leases for so many rounds, and yields CPU nanoseconds a lease (`grant`, `renew`,
 * `expire`: to find and revoke what is due, and their `sum`) and `bytes`. Where there is no Go, or
 * it cannot build that, one line on stderr says so and `use` gets null.
 */
export async function withEtcdLessor(use) {
  const place = await mkdtemp(path.join(tmpdir(), 'leasehold-lessor-'));
  try {
    const program = await build(place).catch((error) => {
      const [why] = String(error.stderr ?? error.message).split('\n');
      console.error(`no figures of etcd's own lessor, which takes Go 1.26 to build: ${why}`);
      return null;
    });
    return await use(program === null ? null : (count, rounds) => cost(program, count, rounds));
  } finally {
    await rm(place, { recursive: true });
  }
}

const build = async (place) => {
  const version = /server\/v3 (v\S+)/.exec(await readFile(path.join(HERE, 'go.mod'), 'utf8'))[1];
  for (const name of OWN) await copyFile(path.join(HERE, name), path.join(place, name));
  const module = `go.etcd.io/etcd/server/v3@${version}`;
  const { stdout } = await run('go', ['mod', 'download', '-json', module], { cwd: place });
  const sources = path.join(JSON.parse(stdout).Dir, 'lease');
  for (const name of ETCDS) await copyFile(path.join(sources, name), path.join(place, name));
  const program = path.join(place, 'lessor.test');
  await run('go', ['test', '-mod=readonly', '-c', '-o', program, '.'], { cwd: place });
  return program;
};

const cost = async (program, count, rounds) => {
  const env = { ...process.env, LEASES: String(count), ROUNDS: String(rounds), GOMAXPROCS: '1' };
  const { stdout } = await run(program, ['-test.run', 'TestCost'], { env });
  return JSON.parse(stdout.split('\n')[0]);
};
