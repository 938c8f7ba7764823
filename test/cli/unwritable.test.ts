/** Where files cannot be written: said at once where it can be known, and never a finding lost. */
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { emptyDirectory, leasehold, start } from './leasehold.ts';
import { sabotage } from './sabotage.ts';

/** Each lease lives too long. */
const GENEROUS = `const { grant } = Lessor.prototype;
Lessor.prototype.grant = function (id, ttl, now) { grant.call(this, id, ttl + 1, now); };`;

const CHECK = ['check', '--seed', '3', '--runs', '20'];

describe('refused before anything runs, in one line, with nothing left behind', () => {
  const refused = async (args: readonly string[], why: string) => {
    const directory = emptyDirectory();
    writeFileSync(join(directory, 'file'), '');
    mkdirSync(join(directory, 'there'));
    symlinkSync('nowhere', join(directory, 'link'));
    const { code, out, err } = await leasehold(args, directory);
    expect({ code, out, err }).toEqual({ code: 2, out: '', err: `leasehold: ${why}\n` });
    expect(readdirSync(directory)).toEqual(['file', 'link', 'there']);
  };

  test.each([
    ['file', 'file is not a directory'],
    ['file/sub', 'file is not a directory'],
    ['/dev/null', '/dev/null is not a directory'],
    ['link', 'link cannot be written (no such file or directory)'],
    ['', 'a DIR is needed'],
  ])('check --out %j', async (out, why) => {
    await refused([...CHECK, '--out', out], `--out ${out === '' ? "''" : out}: ${why}`);
  });

  test.each(['shrink', 'fuzz'])(
    '%s --out, before the file or client is looked at',
    async (name) => {
      await refused([name, 'none', '--out', 'file'], '--out file: file is not a directory');
    },
  );

  test.each([
    ['there', 'it is a directory'],
    ['file/card', 'file is not a directory'],
    ['', 'a FILE is needed'],
  ])('conform --html %j', async (page, why) => {
    const args = ['conform', '--rule', 'KA-01', '--html', page];
    await refused(args, `--html ${page === '' ? "''" : page}: ${why}`);
  });
});

describe('noticed in the end only: what was found is told all the same', () => {
  /** Whose counterexample finds a directory in its place. */
  const inTheWay = async (): Promise<ReturnType<typeof sabotage> & { readonly file: string }> => {
    const place = sabotage(GENEROUS);
    const args = [...CHECK, '--out', 'out', '--json'];
    const { out } = await start(args, place.directory, place.env).ended;
    const { counterexample: file } = JSON.parse(out) as { counterexample: string };
    mkdirSync(join(place.directory, 'a', file.slice('out/'.length)), { recursive: true });
    return { ...place, file };
  };
  const unsaved = /^leasehold: cannot write a\/counterexample-3-\d+\.json: /m;
  const story = /^npx leasehold check --runs 20 .*--seed 3 --out a$\n\n\S+ is broken: /m;

  test('check, as text and as JSON, and shrink', { timeout: 60_000 }, async () => {
    const { directory, env, file } = await inTheWay();
    const args = [...CHECK, '--out', 'a'];
    const text = await start(args, directory, env).ended;
    expect(text.code).toBe(1);
    expect(text.err).toMatch(unsaved);
    expect(text.out).toMatch(story);
    expect(text.out).toMatch(/^verdict +violation of [A-Z]+-\d+$/m);
    expect(text.out).toMatch(/^again +npx leasehold check .* --out a$/m);

    const json = await start([...args, '--json'], directory, env).ended;
    expect(json.code).toBe(1);
    expect(JSON.parse(json.out)).toMatchObject({ verdict: 'violation', counterexample: null });
    expect(json.err).toMatch(unsaved);
    expect(json.err).toMatch(story);

    const name = `${file.slice('out/'.length, -'.json'.length)}-shrunk.json`;
    mkdirSync(join(directory, 'a', name));
    const shrunk = await start(['shrink', file, '--out', 'a'], directory, env).ended;
    expect(shrunk.code).toBe(1);
    expect(shrunk.err).toContain(`leasehold: cannot write a/${name}: `);
    expect(shrunk.out).toContain(`npx leasehold replay ${file}\n`);
    expect(shrunk.out).toMatch(/^from \d+ to \d+ lines in \d+ attempts$/m);
    expect(readdirSync(join(directory, 'a'))).toHaveLength(2);
  });

  test('fuzz: the story stands in place of the command that replays it', async () => {
    const directory = emptyDirectory();
    const args = ['fuzz', 'etcd3', '--runs', '6', '--seed', '1', '--shrink-budget', '1s'];
    // No file's name fits behind it.
    const long = [...Array.from({ length: 20 }, () => 'n'.repeat(200)), 'n'.repeat(60)].join('/');
    const { code, out, err } = await leasehold([...args, '--out', long], directory);
    expect(code).toBe(1);
    expect(err).toMatch(/^leasehold: cannot write n.*\/fuzz-etcd3-FUZZ-.*: name too long$/m);
    expect(out).not.toContain('replay');
    expect(out).toMatch(/^ {4}at .* c\d /m);
  });

  // To those who may write everywhere /proc looks like any other directory.
  test('below /proc: it ends', { timeout: 60_000 }, async () => {
    const { directory, env } = sabotage(GENEROUS);
    const args = [...CHECK, '--out', '/proc/none/of/these'];
    const { code, err } = await start(args, directory, env).ended;
    expect(code).toBe(process.getuid?.() === 0 ? 1 : 2);
    expect(err).toMatch(/^leasehold: .*\/proc/m);
  });

  test('directories are made where they were missing', { timeout: 60_000 }, async () => {
    const { directory, env } = sabotage(GENEROUS);
    const { code } = await start([...CHECK, '--out', './a/b/../c/'], directory, env).ended;
    expect(code).toBe(1);
    const [name = ''] = readdirSync(join(directory, 'a/c'));
    expect(JSON.parse(readFileSync(join(directory, 'a/c', name), 'utf8'))).toMatchObject({});
  });
});
