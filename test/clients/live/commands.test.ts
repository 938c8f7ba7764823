/** Clients that are programs of somebody's, on the real clock: judged as those of this process. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import type { LiveTrial } from '../../../src/clients/live/live-campaign.ts';
import { emptyDirectory, leasehold } from '../../cli/leasehold.ts';
import { runCommand } from './run-command.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const EXAMPLE = join(ROOT, 'examples/clients/lease_client.py');
const REFERENCE = [process.execPath, join(ROOT, 'test/clients/live/reference-program.mjs')];

const brokenBy = ({ breaches }: LiveTrial): string[] =>
  breaches.map(({ contract, what }) => `${contract.id} ${what}`);

/** The first word of what each of our children was started with. */
const left = (): string[] => {
  const listed = execFileSync('ps', ['-o', 'args=', '--ppid', String(process.pid)]).toString();
  return listed.split('\n').filter((args) => /lease_client|reference-program/.test(args));
};

afterAll(() => {
  expect(left()).toEqual([]);
});

const hasPython = (() => {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();
const python = hasPython ? '' : ' (skipped: no python3 here)';

const HOLE = ['lasts 9s', 'at 0 c1  grant A ttl=2', 'at 2500ms black hole both for 5s'];

const LONG = { timeout: 60_000 };

/** On a machine that is too busy nothing can be said; the run says so. */
const skipIfBusy = (skip: (note: string) => void, { broken }: LiveTrial): void => {
  if (broken?.startsWith('the machine was too busy') === true) skip(broken);
};

describe.concurrent('on the real clock', () => {
  test(
    'the reference client locks, leads and recovers on the real clock',
    LONG,
    async ({ skip }) => {
      const trial = await runCommand(
        REFERENCE,
        'lasts 6s',
        'at 0      c1  grant A ttl=3',
        'at 0      c1  lock L ttl=3',
        'at 100ms  c2  lock L ttl=3',
        'at 200ms  c2  campaign E ttl=3',
        'at 1s     restart for 300ms',
        'at 2s     pause client for 500ms',
        'at 3s     c1  unlock L',
        'at 4s     c1  put k with A',
        'at 5s     c2  resign E',
      );
      skipIfBusy(skip, trial);
      expect(trial.broken).toBeNull();
      expect(brokenBy(trial)).toEqual([]);
      // On a busy machine it comes late to what it is told, and may not come to all of it.
      const kinds = trial.trace.flatMap((one) => (one.kind === 'said' ? [one.event.kind] : []));
      expect(kinds).toEqual(expect.arrayContaining(['granted', 'acquired']));
      const count = (kind: string) => trial.trace.filter((one) => one.kind === kind).length;
      expect(count('settled')).toBe(count('told'));
    },
  );

  test.skipIf(!hasPython)(
    `the example in Python keeps its contracts, and hears in time of a loss${python}`,
    LONG,
    async ({ skip }) => {
      const trial = await runCommand(['python3', EXAMPLE], ...HOLE);
      skipIfBusy(skip, trial);
      expect(trial.broken).toBeNull();
      expect(brokenBy(trial)).toEqual([]);
      const said = trial.trace.flatMap((one) => (one.kind === 'said' ? [one.event.kind] : []));
      expect(said).toEqual(expect.arrayContaining(['granted', 'lost']));
    },
  );

  test.skipIf(!hasPython)(
    `one that looks at no clock is convicted${python}`,
    LONG,
    async ({ skip }) => {
      const directory = emptyDirectory();
      const text = readFileSync(EXAMPLE, 'utf8');
      const path = join(directory, 'lease_client.py');
      const bug = text
        .replace('if asked >= until:', 'if False:')
        .replace('(until - asked) / 2', '9');
      expect(bug).not.toBe(text);
      writeFileSync(path, bug);
      const trial = await runCommand(['python3', path], ...HOLE);
      skipIfBusy(skip, trial);
      expect(trial.broken).toBeNull();
      const ids = trial.breaches.map(({ contract }) => contract.id);
      expect(ids).toEqual(expect.arrayContaining(['FUZZ-01', 'FUZZ-02']));
    },
  );

  test.skipIf(!hasPython)(
    `the example is fuzzed by the command line${python}`,
    { timeout: 60_000 },
    async () => {
      const args = ['fuzz', '--runs', '3', '--lasts', '3s', '--seed', '1', '--json'];
      const { code, out, err } = await leasehold([...args, '--', 'python3', EXAMPLE]);
      expect(code, err + out).not.toBe(1);
      const report = JSON.parse(out) as { readonly findings: readonly { reason: string | null }[] };
      expect(report).toMatchObject({ clock: 'real', traceHash: null, seed: '1' });
      expect(report.findings.filter(({ reason }) => reason === null)).toEqual([]);
    },
  );
});
