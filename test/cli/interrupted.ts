/** Commands that are told to stop in mid-work. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { until } from '../harness/targets/etcd-under-test.ts';
import { type Ended, start } from './leasehold.ts';

/** Runs the command, interrupts it `later` after it has said `said`, and waits for its end. */
export const interrupted = async (
  args: readonly string[],
  said: RegExp | null,
  { later = 700, signal = 'SIGINT', times = 1, ...place }: Partial<Place> = {},
): Promise<Interrupted> => {
  const { child, directory, ended } = start(args, place.directory, place.env);
  let err = '';
  child.stderr?.on('data', (data: Buffer) => {
    err += data.toString();
  });
  if (said !== null) await until(() => said.test(err), 20_000);
  // It is patient only once it has got so far as to have a handler for the signal.
  await sleep(said === null ? later * slowness() : later);
  const children = childrenOf(child.pid as number);
  const asked = performance.now();
  child.kill(signal);
  for (let more = 1; more < times; more += 1) {
    await sleep(10);
    child.kill(signal);
  }
  const end = await ended;
  const took = (performance.now() - asked) / slowness();
  // Nobody is left behind.
  await until(() => children.every((pid) => !existsSync(`/proc/${pid}`)), 2000);
  return { ...end, took, directory };
};

interface Place {
  readonly later: number;
  readonly signal: NodeJS.Signals;
  /** How often it is sent. */
  readonly times: number;
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
}

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);

/** How many times longer than on an idle machine it takes to start Node and to end it. */
const slowness = (): number => {
  const began = performance.now();
  spawnSync(process.execPath, ['-e', '0']);
  return Math.max(1, (performance.now() - began) / NODE_MS);
};

const NODE_MS = 60;

interface Interrupted extends Ended {
  /** From the signal to the end, in milliseconds of a machine that does nothing else. */
  readonly took: number;
  readonly directory: string;
}

export const expectStopped = ({ code, out, took }: Interrupted): Record<string, unknown> => {
  expect(code).toBe(3);
  expect(took).toBeLessThan(1000);
  const report = JSON.parse(out) as Record<string, unknown>;
  expect(report).toMatchObject({ verdict: 'inconclusive', why: expect.stringMatching(/^stopped/) });
  return report;
};
