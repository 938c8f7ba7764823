/** Tests that need a machine which can do it; and processes for them. */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterEach, beforeAll, test } from 'vitest';
import { probe } from '../../src/timewarp/probe.ts';
import { spawnWarped, type WarpOptions } from '../../src/timewarp/spawn.ts';
import type { WarpedProcess } from '../../src/timewarp/warped-process.ts';

/**
 * As `test`. On a machine that cannot take a clock it fails and says why; with
 * LEASEHOLD_SKIP_TIMEWARP=1 it is skipped.
 */
export const warpTest = test.skipIf(process.env['LEASEHOLD_SKIP_TIMEWARP'] === '1');

/** To be called by each file that uses `warpTest`. */
export const needsThisMachine = (): void => {
  beforeAll(async () => {
    if (process.env['LEASEHOLD_SKIP_TIMEWARP'] === '1') return;
    const found = await probe();
    if (found.ok) return;
    throw new Error(`${found.message} (LEASEHOLD_SKIP_TIMEWARP=1 skips these tests)`);
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((each) => each.stop({ signal: 'SIGKILL' })));
  });
};

const started: WarpedProcess[] = [];

/** A process that ends with the test at the latest. */
export const start = async (
  file: string,
  args: readonly string[],
  options: WarpOptions = {},
): Promise<WarpedProcess> => {
  const warped = await spawnWarped(file, args, options);
  started.push(warped);
  return warped;
};

export interface Reader {
  readonly process: WarpedProcess;
  /** What `expression` is to the process. */
  readonly ask: (expression: string) => Promise<unknown>;
}

/** Evaluates each line; bigints come back as such. */
const SCRIPT = `
  const show = (key, value) => (typeof value === 'bigint' ? value + 'n' : value);
  require('node:readline')
    .createInterface({ input: process.stdin })
    .on('line', async (line) => console.log(JSON.stringify(await eval(line), show)));
`;

/** A Node process that tells what it reads. */
export const startReader = async (options: WarpOptions = {}): Promise<Reader> => {
  const env = { ...process.env, NODE_OPTIONS: undefined };
  const stdio: WarpOptions['stdio'] = ['pipe', 'pipe', 'inherit'];
  const warped = await start(process.execPath, ['-e', SCRIPT], { env, stdio, ...options });
  const lines = createInterface({ input: warped.child.stdout as NodeJS.ReadableStream });
  const answers = lines[Symbol.asyncIterator]();
  const ask = async (expression: string): Promise<unknown> => {
    warped.child.stdin?.write(`${expression.replaceAll('\n', ' ')}\n`);
    const { value, done } = await answers.next();
    if (done === true) throw new Error('the process has ended');
    return JSON.parse(value, (_key, each: unknown) =>
      typeof each === 'string' && /^-?\d+n$/.test(each) ? BigInt(each.slice(0, -1)) : each,
    );
  };
  return { process: warped, ask };
};

export const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/** False for a zombie as well: what is dead and not yet reaped does nothing any more. */
export const isAlive = (pid: number): boolean => {
  try {
    return !/^State:\s*[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

/** Resolves when `condition` holds; fails after `ms`. */
export const until = async (condition: () => boolean, ms = 5_000): Promise<void> => {
  const deadline = performance.now() + ms;
  while (!condition()) {
    if (performance.now() > deadline)
      throw new Error(`not within ${ms} ms: ${condition.toString()}`);
    await sleep(5);
  }
};
