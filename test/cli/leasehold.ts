/** Runs the built command in a process of its own, in an empty directory. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

export const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  readonly milliseconds: number;
}

export interface Started {
  readonly child: ChildProcess;
  readonly directory: string;
  readonly ended: Promise<Ended>;
}

/** It is gone when the tests of the file are done. */
export const emptyDirectory = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'leasehold-test-'));
  made.push(directory);
  return directory;
};

const made: string[] = [];
// What was registered later runs before: servers of the tests that are ended there, for instance.
afterAll(() => {
  // Takes away paths, too, that are longer than Node's own way can name.
  execFileSync('rm', ['-rf', ...made]);
});

export const start = (
  args: readonly string[],
  directory = emptyDirectory(),
  env: Readonly<Record<string, string>> = {},
): Started => {
  const began = performance.now();
  const options = { cwd: directory, env: { ...process.env, ...env } };
  const child = spawn(process.execPath, [MAIN, ...args], options);
  let out = '';
  let err = '';
  child.stdout.on('data', (data: Buffer) => {
    out += data.toString();
  });
  child.stderr.on('data', (data: Buffer) => {
    err += data.toString();
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code, out, err, milliseconds: performance.now() - began });
    });
  });
  return { child, directory, ended };
};

/** Runs the command to its end. */
export const leasehold = (args: readonly string[], directory?: string): Promise<Ended> =>
  start(args, directory).ended;
