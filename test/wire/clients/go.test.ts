/** Go's clientv3 with its sessions, locks and elections: the client that etcd itself comes with. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { serve, stopServing } from '../served.ts';
import { start } from './child.ts';

const run = promisify(execFile);
const SOURCES = resolve('test/interop/go');

afterEach(stopServing);

/** The program, built into the user's cache once. */
const program = async (): Promise<string> => {
  const hash = createHash('sha256');
  for (const name of ['main.go', 'go.mod', 'go.sum'])
    hash.update(readFileSync(join(SOURCES, name)));
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const path = join(cache, 'leasehold', `go-client-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(path)) return path;
  await mkdir(dirname(path), { recursive: true });
  await run('go', ['build', '-mod=readonly', '-o', path, '.'], { cwd: SOURCES, timeout: 900_000 });
  return path;
};

const hasGo = await run('go', ['version']).then(
  () => true,
  () => false,
);
const why = hasGo ? '' : ' (skipped: no Go here)';

// The first time everything under the client is compiled.
test.skipIf(!hasGo)(`clientv3 works unchanged${why}`, { timeout: 900_000 }, async () => {
  const path = await program();
  const { address } = await serve();
  const { code, out } = await start(path, [address]).ended;
  expect({ code, last: out.trim().split('\n').at(-1) }).toEqual({ code: 0, last: 'no leader' });
});
