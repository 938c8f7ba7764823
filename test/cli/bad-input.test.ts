import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { emptyDirectory, leasehold } from './leasehold.ts';

/** Each bad input gets one line on stderr, exit code 2, nothing on stdout and nothing written. */
const expectRefused = async (args: readonly string[], says: RegExp, directory?: string) => {
  const where = directory ?? emptyDirectory();
  const before = readdirSync(where);
  const { code, out, err } = await leasehold(args, where);
  const [line = '', ...rest] = err.trimEnd().split('\n');
  expect({ code, out, rest }).toEqual({ code: 2, out: '', rest: [] });
  expect(line).toMatch(/^leasehold: /);
  expect(line).toMatch(says);
  expect(readdirSync(where)).toEqual(before);
};

describe('bad arguments', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    [
      'chekc',
      /no command "chekc"; the commands are check, conform, fuzz, replay, shrink, report, serve/,
    ],
    ['check --target nonsense', /--target nonsense: simulator, wire, etcd, etcd-virtual or http/],
    ['check --cacert a.pem', /cannot read a\.pem/],
    ['check --target http://127.0.0.1', /port/],
    ['check --frobnicate', /unknown option '--frobnicate'.*leasehold check --help/],
    ['check --runs', /--runs/],
    ['check --runs 0', /--runs 0: a whole number from 1 to/],
    ['check --runs=-5', /--runs -5: a whole number from 1 to/],
    ['check --runs -1', /--runs -1: a whole number from 1 to 10000000 is needed$/],
    ['check --json --commands -5', /--commands -5: a whole number from 1 to 10000 is needed$/],
    ['check --seed -1', /--seed -1: a decimal number from 0 to/],
    ['check --budget -1s', /--budget -1s: a time such as 30s, 500ms or 5m is needed$/],
    ['check --json -1', /unknown option '-1'/],
    ['check --runs --json', /'--runs'.*ambiguous/],
    ['serve --listen -1', /--listen -1: HOST:PORT is needed/],
    ['check --runs 1e9', /--runs 1e9: a whole number/],
    ['check --runs 99999999999', /--runs 99999999999: a whole number from 1 to/],
    ['check --commands 0', /--commands 0/],
    ['check --commands 10001', /--commands 10001: a whole number from 1 to 10000/],
    ['check --clients 65', /--clients 65: a whole number from 1 to 64/],
    ['check --jobs 0', /--jobs 0/],
    ['check --seed abc', /--seed abc: a decimal number from 0 to 18446744073709551615/],
    ['check --seed=-1', /--seed -1: a decimal number/],
    ['check --seed 18446744073709551616', /--seed 18446744073709551616: a decimal number/],
    ['check --seed 0x10', /--seed 0x10: a decimal number/],
    ['check --budget soon', /--budget soon: a time such as 30s/],
    ['check --budget 0', /--budget 0: a time such as 30s/],
    ['check --shard 3/2', /--shard 3\/2: I\/N with 1 ≤ I ≤ N/],
    ['check --shard 0/2', /--shard 0\/2/],
    ['check --etcd 3.5.30', /--etcd 3\.5\.30 goes with --target etcd/],
    ['check --jobs 2 --target wire', /--jobs 2 goes with simulator and etcd-virtual alone/],
    ['check --against etcd', /--against etcd: only simulator, wire and etcd-virtual/],
    ['check --target etcd --etcd 9.9.9', /9\.9\.9.*3\.5\.30/],
    ['conform here', /conform takes no file but with --compare, not here/],
    ['conform --compare a.json', /--compare takes two scorecards/],
    ['conform --compare a.json b.json', /cannot read a\.json: no such file/],
    ['conform --semantics 3.9', /--semantics 3\.9: one of 3\.4, 3\.5, 3\.6, 3\.7 is needed/],
    ['conform --rule ZZ-*', /--rule ZZ-\*: no rule is called that/],
    ['conform --allow none.txt', /cannot read none\.txt/],
    ['conform --etcd 3.5.30', /--etcd 3\.5\.30 goes with --target etcd/],
    ['conform --user a:b', /--user goes with http:\/\/ and https:\/\/ endpoints/],
    ['conform --target etcd --etcd 9.9.9', /9\.9\.9 is not a known version.*3\.5\.30/],
    ['conform --target 127.0.0.1:2379', /simulator, wire, etcd, etcd-virtual or http/],
    ['conform --target http://127.0.0.1:1', /does not answer \(connect ECONNREFUSED/],
    ['conform --target simulator --endpoints a:1', /only one of them says where/],
    ['serve here', /serve takes options only, not here/],
    ['serve --listen nonsense', /--listen nonsense: HOST:PORT is needed/],
    ['serve --listen 127.0.0.1:70000', /--listen 127.0.0.1:70000: HOST:PORT/],
    ['serve --listen 192.0.2.1:0', /--listen 192\.0\.2\.1:0: EADDRNOTAVAIL/],
    ['serve --clock sideways', /--clock sideways: real, virtual or rate=N is needed/],
    ['serve --clock rate=0', /--clock rate=0: real, virtual or rate=N/],
    ['serve --etcd 2.3.8', /--etcd 2\.3\.8: a version from 3\.4 to 3\.7/],
    ['serve --token=', /--token: a token that is empty/],
    ['check a b', /check takes one file/],
    ['replay', /replay needs a file/],
    ['replay none.json', /cannot read none\.json: no such file/],
    ['shrink none.json', /cannot read none\.json/],
    ['report none.json', /cannot read none\.json/],
    ['report .', /cannot read \.: it is a directory$/],
    ['replay .', /cannot read \.: it is a directory$/],
    ['replay ', /cannot read '': no such file/],
    ['check --runs=', /--runs '': a whole number/],
    ['check --seed=', /--seed '': a decimal number/],
    ['check --target=', /--target '': simulator, wire/],
    ['serve --clock=', /--clock '': real, virtual/],
    ['help chekc', /no command "chekc"/],
  ];
  test.each(cases)('leasehold %s', async (line, says) => {
    await expectRefused(line.split(' '), says);
  });
});

describe('bad files', () => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['empty', '', /the file is empty/],
    ['foreign', '# Notes\nhello\n', /begins with "hello"/],
    ['binary', '\0\x01\x02PNG', /not text/],
    ['schedule of another version', 'leasehold schedule 2\nat 0 c1 leases\n', /schedule 2/],
    ['schedule with an error', 'leasehold schedule 1\nat 0 c1 grant A\n', /line 2: .*ttl=SECONDS/],
    ['schedule that is cut off', 'leasehold schedule 1\nconfig etcd=3.5\n', /no steps, such as/],
    [
      'schedule with a lease misspelt',
      'leasehold schedule 1\nat 0 c1 grant A ttl=5\nat Z.deadline c1 leases\n',
      /line 3: no line grants Z, whose deadline it needs/,
    ],
    ['truncated counterexample', '{"schema":"leasehold-counterexample/1","ver', /cut off/],
    ['other JSON', '{"schema":"something/1"}\n', /leasehold-counterexample\/1/],
    ['counterexample of another version', '{"schema":"leasehold-counterexample/2"}', /\/2/],
    ['history without entries', '{"schema":"leasehold-history/1"}\n', /history|versions|header/],
  ];
  test.each(cases)('%s', async (_name, content, says) => {
    const directory = emptyDirectory();
    writeFileSync(join(directory, 'case'), content);
    await expectRefused(['replay', 'case'], says, directory);
    await expectRefused(['report', 'case'], says, directory);
  });

  test('check takes recorded histories, not schedules', async () => {
    const directory = emptyDirectory();
    writeFileSync(join(directory, 'a.leasehold'), 'leasehold schedule 1\nat 0 c1 leases\n');
    await expectRefused(['check', 'a.leasehold'], /is a schedule.*leasehold replay/, directory);
  });
});

describe('bad endpoints', () => {
  let server: Server;
  let port: number;
  beforeAll(async () => {
    server = createServer((_request, response) => response.end('hello'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
  });
  afterAll(() => server.close());

  test('one that does not answer', async () => {
    // oxlint-disable-next-line unicorn/prefer-event-target -- a port that was free a moment ago
    const free = await new Promise<number>((resolve) => {
      const probe = createServer().listen(0, '127.0.0.1', () => {
        const { port: found } = probe.address() as AddressInfo;
        probe.close(() => resolve(found));
      });
    });
    const says = /does not answer/;
    await expectRefusedBySeed(['check', '--target', `http://127.0.0.1:${free}`], says);
  });

  test('one that is no etcd', async () => {
    await expectRefusedBySeed(['check', '--target', `http://127.0.0.1:${port}`], /is not an etcd/);
  });

  /** The seed may have been said before the endpoint was tried. */
  const expectRefusedBySeed = async (args: readonly string[], says: RegExp) => {
    const directory = emptyDirectory();
    const { code, out, err } = await leasehold([...args, '--json'], directory);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err.trimEnd().split('\n')).toHaveLength(1);
    expect(err).toMatch(says);
    expect(existsSync(join(directory, 'leasehold-out'))).toBe(false);
  };
});

test('a page that cannot be written costs nobody the scorecard', async () => {
  // So long a name that it is only noticed when it is written.
  const args = ['conform', '--rule', 'KA-01', '--html', 'n'.repeat(252)];
  const { code, out, err } = await leasehold(args, emptyDirectory());
  expect(code).toBe(2);
  expect(out).toMatch(/^\d+ agree, /m);
  expect(err).toMatch(/^leasehold: cannot write n+: /m);
});
