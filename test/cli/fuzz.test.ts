/** `leasehold fuzz` as a user meets it, and what is done with the files that it writes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { CONTRACTS } from '../../src/clients/contracts/contracts.ts';
import { emptyDirectory, leasehold, start } from './leasehold.ts';

interface Report {
  readonly traceHash: string;
  readonly runs: number;
  readonly findings: readonly {
    readonly contract: string;
    readonly title: string;
    readonly counterexample: string;
    readonly schedule: string;
    readonly shape: string;
    readonly count: number;
    test: string;
  }[];
}

const json = (text: string) => JSON.parse(text) as Report;

describe('a fuzz of etcd3', () => {
  test('finds the same twice, in one process or two, and its files replay as told', async () => {
    const directory = emptyDirectory();
    const args = ['fuzz', 'etcd3', '--runs', '6', '--seed', '1', '--json', '--shrink-budget', '1s'];
    const first = await leasehold(args, directory);
    expect(first).toMatchObject({ code: 1, err: expect.not.stringContaining('bug') });
    const found = json(first.out);
    expect(found).toMatchObject({
      schema: 'leasehold-fuzz-report/1',
      runs: 6,
      seed: '1',
      verdict: 'violation',
    });
    const second = json((await leasehold([...args, '--jobs', '2'])).out);
    expect(second.traceHash).toBe(found.traceHash);
    expect(second.findings.map(({ contract }) => contract)).toEqual(
      found.findings.map(({ contract }) => contract),
    );
    const [finding] = found.findings;
    expect(finding?.schedule).toMatch(/^leasehold clients 1\nlasts /);
    expect(finding?.count).toBeGreaterThan(0);
    const file = finding?.counterexample ?? '';
    const replay = await leasehold(['replay', file], directory);
    expect(replay).toMatchObject({ code: 1, err: '' });
    expect(replay.out).toMatch(/^etcd3 1\.1\.2 \(as recorded\)\n {2}FUZZ-\d\d: /);
    const report = await leasehold(['report', file], directory);
    expect(report.out).toMatch(/^npx leasehold replay .*\nFUZZ-\d\d \((safety|quality)\): .*\n/);
    expect(report.out).toMatch(/^>/m);
    await leasehold(['report', file, '--html', 'page.html'], directory);
    expect(readFileSync(join(directory, 'page.html'), 'utf8')).toMatch(/^<!doctype html>[^]*<svg /);
    const shrunk = await leasehold(['shrink', file, '--json'], directory);
    expect(shrunk).toMatchObject({ code: 1, out: expect.stringContaining('"command":"shrink"') });
    const test = readFileSync(join(directory, finding?.test ?? ''), 'utf8');
    expect(test).toContain("from 'leasehold/fuzz'");
  });

  test('--contract judges by one alone', async () => {
    const args = ['fuzz', 'etcd3', '--runs', '3', '--seed', '1', '--contract', 'FUZZ-13'];
    const { code, out } = await leasehold(args);
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('kept: FUZZ-13') });
  });

  test('by an adapter of twenty lines finds something, too', async () => {
    const adapter = fileURLToPath(new URL('../../examples/clients/adapter.mjs', import.meta.url));
    const args = ['fuzz', adapter, '--runs', '6', '--seed', '1', '--contract', 'FUZZ-16'];
    const { code, out, err } = await leasehold([...args, '--shrink-budget', '1ms']);
    expect({ code, out }, err).toMatchObject({ code: 1, out: expect.stringContaining('FUZZ-16') });
  });
});

const LAST = 30;
const NO_CONTRACT =
  `no contract is called that; FUZZ-01 to FUZZ-${LAST} are there, ` +
  'told in docs/FUZZ-CONTRACTS.md';

test('no number of a contract is left out', () => {
  const ids = Array.from({ length: LAST }, (_, index) => `${index + 1}`.padStart(2, '0'));
  expect(CONTRACTS.map(({ id }) => id)).toEqual(ids.map((id) => `FUZZ-${id}`));
});

test.each([
  [['fuzz'], 'fuzz needs a client'],
  [['fuzz', 'etcd3', 'etcd4'], 'fuzz takes one client'],
  [['fuzz', 'etcd4'], 'there is no client "etcd4": reference, etcd3'],
  [['fuzz', './none.mjs'], 'cannot read ./none.mjs'],
  [['fuzz', 'etcd3', '--contract', 'FUZZ-99'], `--contract FUZZ-99: ${NO_CONTRACT}\n`],
  [['fuzz', 'etcd3', '--contract', ''], `--contract '': ${NO_CONTRACT}\n`],
  [['fuzz', 'etcd3', '--lasts', '10ms'], '--lasts: a story takes from 1s to 24h'],
  [['fuzz', 'etcd3', '--etcd', '2.0', '--seed', '1'], 'no such etcd version: 2.0'],
])('%s: %s', async (args, line) => {
  const { code, out, err } = await leasehold(args);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(`leasehold: ${line}`);
  expect(err.trimEnd()).not.toContain('\n');
});

test('a finding about a contract that is not there', async () => {
  const directory = emptyDirectory();
  const found = {
    schema: 'leasehold-fuzz/1',
    versions: {},
    client: { name: 'etcd3', version: '1' },
  };
  const lines = ['leasehold clients 1', 'lasts 5s', 'at 0  c1  grant A ttl=3'];
  const broken = { contract: 'FUZZ-99', shape: 'any', what: 'it was', traceHash: '' };
  const rest = { etcd: null, seed: '0', story: lines, originalSteps: 1, shrink: null };
  writeFileSync(join(directory, 'it.json'), JSON.stringify({ ...found, ...broken, ...rest }));
  expect(await leasehold(['replay', 'it.json'], directory)).toMatchObject({
    code: 2,
    err: `leasehold: it.json: contract FUZZ-99: ${NO_CONTRACT}\n`,
  });
});

test('the text of a story replays with the client that is asked for', async () => {
  const directory = emptyDirectory();
  const story = 'leasehold clients 1\nlasts 30s\nat 0 c1 grant A ttl=3\nat 5s c1 revoke A\n';
  writeFileSync(join(directory, 'story.txt'), story);
  expect(await leasehold(['replay', 'story.txt'], directory)).toMatchObject({
    code: 2,
    err: 'leasehold: story.txt names no client: --client etcd3\n',
  });
  const old = ['--client', 'etcd3', '--etcd', '2.0'];
  for (const command of ['replay', 'report']) {
    expect(await leasehold([command, 'story.txt', ...old], directory)).toMatchObject({
      code: 2,
      err: 'leasehold: no such etcd version: 2.0\n',
    });
  }
  const args = ['replay', 'story.txt', '--client', 'reference', '--etcd', '3.4.23'];
  expect(await leasehold(args, directory)).toMatchObject({
    code: 0,
    out: expect.stringContaining('no contract is broken'),
  });
});

describe('a client that is a program', { timeout: 60_000 }, () => {
  const fuzz = (env: Readonly<Record<string, string>>, ...more: string[]) =>
    start(['fuzz', 'etcdctl', '--seed', '1', ...more], emptyDirectory(), env).ended;

  test.each(['3.4.23', '3.5.30'])('etcdctl %s: the same verdict twice', async (version) => {
    const args = ['--etcd', version, '--runs', '4', '--shrink-budget', '1ms', '--json'];
    const [first, second] = [await fuzz({}, ...args), await fuzz({}, ...args)];
    const verdict = ({ out }: { out: string }) =>
      json(out).findings.map(({ contract, shape, count }) => [contract, shape, count]);
    expect(first).toMatchObject({ code: expect.toBeOneOf([0, 1]), err: expect.anything() });
    expect(json(first.out)).toMatchObject({ client: { name: 'etcdctl', version }, runs: 4 });
    expect(verdict(second)).toEqual(verdict(first));
  });

  test('one that is not there is one line', async () => {
    expect(await fuzz({ LEASEHOLD_ETCDCTL: '/nowhere/etcdctl' })).toMatchObject({
      code: 2,
      out: '',
      err: 'leasehold: LEASEHOLD_ETCDCTL is /nowhere/etcdctl: no such file\n',
    });
    const none = await fuzz({}, '--etcd', '3.6.16');
    expect(none).toMatchObject({ code: 2, out: '' });
    expect(none.err).toMatch(/^leasehold: there is no etcdctl beside etcd 3\.6\.16: .*\n$/);
    const other = await fuzz({ LEASEHOLD_ETCDCTL: '/bin/echo' });
    const complaint = 'leasehold: /bin/echo is no etcdctl: it names no version\n';
    expect(other).toMatchObject({ code: 2, out: '', err: complaint });
  });

  test('one that never connects is named', async () => {
    const path = join(emptyDirectory(), 'etcdctl');
    const script = '#!/bin/sh\n[ "$1" = version ] && echo etcdctl version: 3.5.30\nsleep 0.1\n';
    writeFileSync(path, script, { mode: 0o755 });
    const { code, out } = await fuzz({ LEASEHOLD_ETCDCTL: path }, '--runs', '2');
    expect({ code, out }).toMatchObject({
      code: 3,
      out: expect.stringContaining('nothing was judged: the client never connected'),
    });
  });
});
