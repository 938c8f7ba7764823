import { describe, expect, test } from 'vitest';
import { CHECKABLE_RULES } from '../../src/model/index.ts';
import { SOMETIMES } from '../../src/harness/sometimes.ts';
import { leasehold, start } from './leasehold.ts';
import { sabotage } from './sabotage.ts';

interface Report {
  readonly schema: string;
  readonly seed: string;
  readonly runs: number;
  readonly verdict: string;
  readonly traceHash: string;
  readonly rules: Record<string, number>;
  readonly sometimes: Record<string, number>;
}

const check = async (...args: string[]): Promise<Report> => {
  const { code, out } = await leasehold(['check', '--json', ...args]);
  expect(code).toBe(0);
  return JSON.parse(out) as Report;
};

/** The trace hash of all schedules, given those of parts of them. */
const combined = (parts: readonly Report[]): string =>
  parts
    .reduce((sum, { traceHash }) => sum ^ BigInt(`0x${traceHash}`), 0n)
    .toString(16)
    .padStart(64, '0');

/** Leases of every other server live too long: those of the second target. */
const EVERY_OTHER = `const numbers = new WeakMap();
let count = 0;
const { grant } = Lessor.prototype;
Lessor.prototype.grant = function (id, ttl, now) {
  if (!numbers.has(this)) numbers.set(this, (count += 1));
  grant.call(this, id, ttl + 1 - (numbers.get(this) % 2), now);
};`;

test.each(['50', '1100'])(
  'what the other target does wrong shows, in schedules of %s commands, which threads run if long',
  async (commands) => {
    const { directory, env } = sabotage(EVERY_OTHER);
    const options = ['--against', 'simulator', '--runs', '9', '--commands', commands];
    const args = ['check', ...options, '--seed', '3', '--json'];
    const { code, out } = await start(args, directory, env).ended;
    expect({ code, report: JSON.parse(out) as Report }).toMatchObject({
      code: 1,
      report: { verdict: 'violation' },
    });
  },
);

describe('check on the simulator', () => {
  test('prints one JSON object with every field that the docs name', async () => {
    const report = await check('--runs', '20', '--seed', '1');
    expect(report).toMatchObject({
      schema: 'leasehold-check/1',
      command: 'check',
      target: { name: 'simulator' },
      seed: '1',
      runs: 20,
      commands: expect.any(Number),
      operations: expect.any(Number),
      virtualSeconds: expect.any(Number),
      wallSeconds: expect.any(Number),
      verdict: 'conformant',
      traceHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      counterexample: null,
      history: null,
    });
    expect(Object.keys(report.rules)).toEqual(CHECKABLE_RULES);
    expect(Object.keys(report.sometimes)).toEqual(SOMETIMES);
  });

  test('the same seed gives the same trace hash, on one thread and on three', async () => {
    const once = await check('--runs', '200', '--seed', '7');
    const again = await check('--runs', '200', '--seed', '7');
    const threads = await check('--runs', '200', '--seed', '7', '--jobs', '3');
    const other = await check('--runs', '200', '--seed', '8');
    expect(again.traceHash).toBe(once.traceHash);
    expect(threads).toMatchObject({ traceHash: once.traceHash, rules: once.rules });
    expect(other.traceHash).not.toBe(once.traceHash);
  });

  test('the trace hashes of the shards combine to that of the whole', async () => {
    const whole = await check('--runs', '30', '--seed', '5');
    const shards = await Promise.all(
      ['1/3', '2/3', '3/3'].map((shard) => check('--runs', '30', '--seed', '5', '--shard', shard)),
    );
    expect(shards.map(({ runs }) => runs)).toEqual([10, 10, 10]);
    expect(combined(shards)).toBe(whole.traceHash);
  });

  test('a long check, which runs on a thread, gives what short ones give', async () => {
    // From some 6,400 runs on a check is long.
    const runs = ['--runs', '6500', '--seed', '5'];
    const [whole, ...halves] = await Promise.all(
      ['1/1', '1/2', '2/2'].map((shard) => check(...runs, '--shard', shard)),
    );
    expect(combined(halves)).toBe(whole?.traceHash);
  }, 120_000);

  test('without a seed it chooses one and says so', async () => {
    const { code, out, err } = await leasehold(['check', '--runs', '3']);
    expect(code).toBe(0);
    const seed = /^seed (\d+)$/m.exec(err)?.[1];
    expect(out).toContain(`--seed ${seed}`);
    expect(out).toMatch(/^verdict +conformant/m);
  });

  test('as JSON it says so on stderr, before the end that may never come', async () => {
    const args = ['check', '--runs', '1000000', '--json'];
    const { child, ended } = start(args);
    const said = await new Promise<string>((resolve) => {
      child.stderr?.once('data', (data: Buffer) => resolve(data.toString()));
    });
    child.kill('SIGKILL');
    expect(said).toMatch(/^seed \d+\n$/);
    expect(await ended).toMatchObject({ code: null, out: '' });
  });

  test('the largest seed, one step and many clients', async () => {
    const options = ['--runs', '5', '--commands', '1', '--clients', '64'];
    await check(...options, '--seed', '18446744073709551615');
  });

  test('a budget ends it: inconclusive, exit code 3', async () => {
    const options = ['--runs', '1000000', '--budget', '300ms', '--json'];
    const { code, out } = await leasehold(['check', ...options]);
    expect(code).toBe(3);
    expect(JSON.parse(out)).toMatchObject({ verdict: 'inconclusive' });
  });

  test('help and version', async () => {
    expect(await leasehold(['--help'])).toMatchObject({ code: 0, err: '' });
    expect(await leasehold(['check', '--help'])).toMatchObject({ code: 0, err: '' });
    expect(await leasehold(['--version'])).toMatchObject({ code: 0 });
    const short = await leasehold(['check', '-h']);
    expect(short).toMatchObject({ code: 0, err: '' });
    expect(short.out).toMatch(/^usage: leasehold check /);
    for (const word of ['help', '--help', '-h']) {
      expect(await leasehold([word, 'check'])).toMatchObject({ code: 0, out: short.out, err: '' });
    }
    const bare = await leasehold([]);
    expect(bare).toMatchObject({ code: 2, out: '' });
    expect(bare.err).toContain('usage: leasehold COMMAND');
  });
});
