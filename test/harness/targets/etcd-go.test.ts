/** How etcds are built with Go: what is asked of it, and what is said when that fails. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { TargetError } from '../../../src/harness/target.ts';
import { resolveEtcd } from '../../../src/harness/targets/etcd-binaries.ts';
import { goReleaseOf } from '../../../src/harness/targets/etcd-modules.ts';

const VERSION = '3.6.16';
const SUM = goReleaseOf(VERSION)?.sums['server/v3'][0];

const root = mkdtempSync(path.join(tmpdir(), 'leasehold-test-'));
afterAll(() => rmSync(root, { recursive: true }));

let home: string;
let bin: string;
let lines: string[];
beforeEach(() => {
  home = mkdtempSync(path.join(root, 'case-'));
  bin = path.join(home, 'bin');
  mkdirSync(bin);
  lines = [];
});

/** Resolves with nothing on PATH but what the test put there, and a shell to run it. */
const resolve = () =>
  resolveEtcd({
    version: VERSION,
    env: { HOME: home, PATH: `${bin}:/bin` },
    progress: (line) => lines.push(line),
  });

const errorOf = async (resolving: Promise<unknown>): Promise<string> => {
  const error = await resolving.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(TargetError);
  const { message } = error as TargetError;
  expect(message).not.toContain('\n');
  // Nothing half-made stays behind.
  expect(readdirSync(path.join(home, '.cache/leasehold'))).toEqual([]);
  return message;
};

interface FakeGo {
  readonly env?: string;
  readonly download?: string;
  readonly build?: string;
}

/** The answer of `go mod download -json` for a module whose folder is `home`. */
const module = (sum: string): string => {
  writeFileSync(path.join(home, 'go.sum'), 'example.com/other v1.0.0 h1:other=\n');
  return `echo '${JSON.stringify({ Version: `v${VERSION}`, Dir: home, Sum: sum })}'`;
};

/** An etcd, where `go build -o` is told to leave it; `$own` holds what makes it this one. */
const BUILD = `
  while [ "$1" != -o ]; do shift; done
  printf '#!/bin/sh\\necho "etcd Version: ${VERSION}" # %s\\n' "$$" > "$2"
  chmod +x "$2"
  cp go.mod go.sum main.go "$HOME"`;

/** A go that notes what it is asked. */
const fakeGo = ({ env = 'echo go1.26.1', download, build = BUILD }: FakeGo = {}): void => {
  const file = path.join(bin, 'go');
  const script = `#!/bin/sh
    echo "$*" >> "$HOME/asked"
    case "$1 $2" in
      'env GOVERSION') ${env} ;;
      'mod download') ${download ?? module(`h1:${SUM}`)} ;;
      build*) ${build} ;;
    esac`;
  writeFileSync(file, script);
  chmodSync(file, 0o755);
};

const INSTEAD = '; set LEASEHOLD_ETCD to the path of an etcd, or use one of 3.4.23, 3.5.16, 3.5.30';

test('it is built once, from the pinned module, and then served from the cache', async () => {
  fakeGo();
  const shown = `~/.cache/leasehold/etcd-${VERSION}`;
  const built = await resolve();
  expect(built).toEqual({
    path: path.join(home, `.cache/leasehold/etcd-${VERSION}/etcd`),
    version: VERSION,
    how: `etcd ${VERSION}, built with Go (${shown}/etcd)`,
  });
  expect(lines).toEqual([
    `building etcd ${VERSION} with Go, which takes a minute or two, to ${shown}`,
    `built etcd ${VERSION}`,
  ]);
  const asked = readFileSync(path.join(home, 'asked'), 'utf8').split('\n');
  expect(asked[1]).toBe(`mod download -json go.etcd.io/etcd/server/v3@v${VERSION}`);
  expect(asked[2]).toContain('build -trimpath -mod=mod ');
  expect(readFileSync(path.join(home, 'go.mod'), 'utf8')).toBe(
    `module leasehold\n\ngo 1.26.0\n\nrequire go.etcd.io/etcd/server/v3 v${VERSION}\n`,
  );
  const sums = readFileSync(path.join(home, 'go.sum'), 'utf8');
  expect(sums).toContain('example.com/other v1.0.0 h1:other=\n');
  expect(sums).toContain(`go.etcd.io/etcd/server/v3 v${VERSION} h1:${SUM}\n`);
  expect(sums.split('\n').filter((line) => line.startsWith('go.etcd.io/'))).toHaveLength(10);

  expect((await resolve()).how).toBe(`etcd ${VERSION} from the cache (${shown}/etcd)`);
  expect(lines).toHaveLength(2);
});

test.each([
  ['changed', (file: string) => writeFileSync(file, '#!/bin/sh\n')],
  ['not executable', (file: string) => chmodSync(file, 0o644)],
  ['without its sum', (file: string) => rmSync(`${file}.sha256`)],
])('a binary of the cache that is %s is built anew', async (_what, damage) => {
  fakeGo();
  const { path: file } = await resolve();
  damage(file);
  expect((await resolve()).how).toContain('built with Go');
  expect((await resolve()).how).toContain('from the cache');
});

test('without Go the error says which versions can be had', async () => {
  expect(await errorOf(resolve())).toBe(
    `etcd ${VERSION} cannot be built: there is no go here; it needs Go 1.26 or later${INSTEAD}`,
  );
});

test.each(['go1.24.4', 'go1.9', 'devel'])('%s is too old', async (version) => {
  fakeGo({ env: `echo ${version}` });
  expect(await errorOf(resolve())).toBe(
    `etcd ${VERSION} cannot be built: it needs Go 1.26 or later, not ${version}${INSTEAD}`,
  );
});

test('a tool chain that Go wants and cannot get is named', async () => {
  fakeGo({ env: `echo 'go: download go1.26.0 for linux: toolchain not available' >&2; exit 1` });
  expect(await errorOf(resolve())).toContain(
    'cannot be built: download go1.26.0 for linux: toolchain not available; set LEASEHOLD_ETCD',
  );
});

test('offline, the error is what Go says', async () => {
  const error = 'go.etcd.io/etcd/server/v3@v3.6.16: dial tcp: lookup proxy.example: no such host';
  const answer = JSON.stringify({ Error: `${error}\n\tmore` });
  fakeGo({ download: `printf '%s' '${answer}'; exit 1` });
  expect(await errorOf(resolve())).toBe(`etcd ${VERSION} cannot be built: ${error}${INSTEAD}`);
});

test('another module than the pinned one is refused before it is compiled', async () => {
  fakeGo({ download: module('h1:other='), build: 'touch "$HOME/built"' });
  expect(await errorOf(resolve())).toContain(
    `cannot be built: its module has the sum h1:other=, not h1:${SUM}; `,
  );
  expect(existsSync(path.join(home, 'built'))).toBe(false);
});

test('a sum of another module that does not fit is named', async () => {
  const said = 'verifying example.com/other@v1.0.0: checksum mismatch';
  const build = `echo 'go: downloading x' >&2; echo '${said}' >&2; echo no >&2; exit 1`;
  fakeGo({ build });
  expect(await errorOf(resolve())).toContain(`cannot be built: ${said}; `);
});

test.each([
  ['fails without a word', 'exit 1', 'Command failed: go build'],
  ['leaves nothing', ':', 'go left no program'],
])('a go that %s', async (_what, build, expected) => {
  fakeGo({ build });
  expect(await errorOf(resolve())).toContain(`cannot be built: ${expected}`);
});

test('a go that talks nonsense', async () => {
  fakeGo({ download: 'echo hello' });
  expect(await errorOf(resolve())).toContain('cannot be built: its module has the sum none, not ');
});
