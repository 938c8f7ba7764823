/**
 * Adapters of others, about which nobody knows whether they come back: they are named and
 * contained, whatever a command does with them.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { until } from '../harness/targets/etcd-under-test.ts';
import { emptyDirectory, leasehold, start } from './leasehold.ts';

/** A directory with the client, and a story that it can be told. */
const module = (text: string): string => {
  const directory = emptyDirectory();
  writeFileSync(join(directory, 'mine.mjs'), text);
  writeFileSync(join(directory, 'story.txt'), `${STORY.join('\n')}\n`);
  writeFileSync(join(directory, 'finding.json'), JSON.stringify(FINDING));
  return directory;
};

const adapter = (start: string, abilities = `['lease']`): string =>
  `export const adapter = { name: 'mine', version: '1', abilities: ${abilities}, start() { ` +
  `${start} } };`;

/** A client that does so when it is told to grant a lease. */
const granting = (does: string): string =>
  adapter(
    `console.log('garbage');
    return { async grant() { ${does} }, async revoke() {}, async release() {}, async close() {} };`,
  );

/** For ever, without letting anybody else run; and without burning the machine down. */
const HANGS = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);';

const STORY = ['leasehold clients 1', 'lasts 5s', 'at 0  c1  grant A ttl=3'];

const FINDING = {
  schema: 'leasehold-fuzz/1',
  versions: {},
  client: { name: './mine.mjs', version: '1' },
  etcd: null,
  contract: 'FUZZ-01',
  shape: 'expired, no fault',
  what: 'it was believed alive',
  seed: '0',
  story: STORY,
  originalSteps: 1,
  shrink: null,
  traceHash: '',
};

const FUZZ = ['fuzz', './mine.mjs', '--runs', '2', '--lasts', '5s', '--seed', '1'];
const REPLAY = ['replay', 'story.txt', '--client', './mine.mjs'];
const SHRINK = ['shrink', 'finding.json'];

describe.concurrent('one that does not behave', () => {
  test.each([FUZZ, REPLAY, SHRINK, ['report', 'finding.json']])(
    '%s %s ends a client that never comes back; what it prints is not on stdout',
    async (...command) => {
      const { code, out, err } = await leasehold([...command, '--json'], module(granting(HANGS)));
      expect(code, err).toBe(3);
      expect(err).toContain('garbage');
      expect(JSON.parse(out)).toEqual(expect.anything());
      expect(out).toContain('it does not come back within 10 s');
    },
  );

  test.each([FUZZ, REPLAY])('%s %s outlives a client that ends the process', async (...command) => {
    const ended = await leasehold(command, module(granting('process.exit(0);')));
    const why = expect.stringContaining('it ends the process with code 0');
    expect(ended).toMatchObject({ code: 3, out: why });
  });

  test.each([FUZZ, SHRINK])('%s %s outlives a client that ends it at once', async (...command) => {
    const client = `const exit = process.exit.bind(process);\n${granting('exit(7);')}`;
    const ended = await leasehold(command, module(client));
    const why = expect.stringContaining('it ends the process with code 7');
    expect(ended).toMatchObject({ code: 3, out: why });
  });

  test.each([
    [`process.kill(process.pid, 'SIGKILL');`, 'it ends the process by SIGKILL'],
    ['process.abort();', 'it ends the process by SIGABRT'],
    ['for (const all = []; ; ) all.push(Buffer.alloc(2 ** 26, 1));', 'more than 1024 MB of memory'],
    ['process.disconnect(); await new Promise(() => {});', 'it ends the process with code 0'],
  ])('it is named and contained: %s', async (does, why) => {
    const { code, out } = await leasehold(FUZZ, module(granting(does)));
    expect({ code, out }).toEqual({ code: 3, out: expect.stringContaining(why) });
  });

  test('nothing is left of what it starts', async () => {
    const mark = `${process.pid}${performance.now()}`.replace('.', '');
    const args = `['-c', 'sleep 100; : ${mark}'], { stdio: 'ignore', detached: true }`;
    const start = granting(`spawn('sh', ${args});`);
    const client = `import { spawn } from 'node:child_process';\n${start}`;
    await leasehold(FUZZ, module(client));
    const { stdout } = spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
    expect(stdout).not.toContain(mark);
  });

  const COMMAND = ['--', process.execPath, 'mine.mjs'];
  test.each([
    [FUZZ, 'SIGINT'],
    [REPLAY, 'SIGINT'],
    [REPLAY, 'SIGHUP'],
    [SHRINK, 'SIGTERM'],
    [['report', 'finding.json'], 'SIGHUP'],
    [['fuzz', ...COMMAND], 'SIGHUP'],
    [['replay', 'story.txt', ...COMMAND], 'SIGINT'],
  ] as const)('%j by %s: nothing is left of what it has started, exit code 3', async (...how) => {
    const [command, signal] = how;
    const mark = `${process.pid}${performance.now()}`.replace('.', '');
    const isThere = (): boolean =>
      spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).stdout.includes(mark);
    const client = `import { spawn } from 'node:child_process';
      spawn('sh', ['-c', 'sleep 100; : ${mark}'], { stdio: 'ignore', detached: true });\n`;
    const { child, ended } = start(command, module(client + granting(HANGS)));
    await until(isThere, 10_000);
    child.kill(signal);
    const { code, err } = await ended;
    expect(code, err).toBe(3);
    expect(isThere()).toBe(false);
  });

  test.each([
    ['process.exit(0);', 'it ends the process with code 0'],
    [`throw new Error('no luck');`, 'no luck'],
    [
      `setTimeout(() => { throw new Error('late'); }); await new Promise(() => {});`,
      'an error that nobody catches ends the process: late',
    ],
    [HANGS, 'it does not come back within 10 s'],
  ])('a module that is not done with loading is one line: %s', async (text, why) => {
    const { code, out, err } = await leasehold(['replay', 'finding.json'], module(text));
    expect({ code, out, err }).toEqual({
      code: 2,
      out: '',
      err: `leasehold: ./mine.mjs cannot be loaded: ${why}\n`,
    });
  });
});

describe('a client of one’s own', () => {
  const run = (directory: string) =>
    leasehold(['fuzz', './mine.mjs', '--runs', '2', '--seed', '1'], directory);

  test('that never connects is not judged', async () => {
    const methods = ['grant', 'revoke', 'release', 'close'].map((name) => `async ${name}() {}`);
    const { code, out } = await run(module(adapter(`return { ${methods.join(', ')} };`)));
    expect({ code, out }).toMatchObject({
      code: 3,
      out: expect.stringContaining('never connected'),
    });
  });

  test('whose calls fail, so that it never connects, says why', async () => {
    const calls = `const fails = async () => { throw new Error('no luck'); };`;
    const client = adapter(
      `${calls} return { grant: fails, revoke: fails, release: fails, close: fails };`,
    );
    const { code, out } = await run(module(client));
    const why = 'the client never connected, and its calls fail: Error: no luck';
    expect({ code, out }).toEqual({ code: 3, out: expect.stringContaining(why) });
  });

  test('that does not start is not judged, and says why', async () => {
    const { code, out } = await run(module(adapter(`throw new Error('no luck');`)));
    expect(code).toBe(3);
    expect(out).toContain('story 0 cannot be judged: it does not start: Error: no luck');
  });

  test.each([
    ['export const nothing = 1;', './mine.mjs: it exports no `adapter`'],
    [adapter('', `['fly']`), './mine.mjs: the abilities of its adapter are a list of'],
    ['syntax error', './mine.mjs cannot be loaded'],
  ])('%s is one line', async (text, line) => {
    const { code, out, err } = await run(module(text));
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(`leasehold: ${line}`);
    expect(err.trimEnd()).not.toContain('\n');
  });
});
