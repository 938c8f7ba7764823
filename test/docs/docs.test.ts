/**
 * What the docs show is what happens. `UPDATE=1 npx vitest run test/docs` writes what follows from
 * the code.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { COMMANDS, commandHelp, generalHelp } from '../../src/cli/usage.ts';
import { KNOWN_VERSIONS } from '../../src/harness/targets/etcd-releases.ts';
import { RULE_IDS } from '../../src/model/index.ts';
import { textReport } from '../../src/report/text.ts';
import { VERSION } from '../../src/version.ts';
import { convict } from '../mutants/conviction.ts';
import { MUTANTS } from '../mutants/planted.ts';

const pathOf = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const read = (name: string): string => readFileSync(pathOf(name), 'utf8');

const expectCurrent = (name: string, text: string): void => {
  if (process.env['UPDATE'] === '1') writeFileSync(pathOf(name), text);
  expect(read(name), 'UPDATE=1 npx vitest run test/docs writes it').toBe(text);
};

const block = (text: string): string => `\`\`\`\n${text.trimEnd()}\n\`\`\`\n`;

test('docs/COMMANDS.md is what the command says of itself', () => {
  const sections = COMMANDS.map((spec) => `## ${spec.name}\n\n${block(commandHelp(spec))}`);
  expectCurrent(
    'docs/COMMANDS.md',
    ['# Command line\n', block(generalHelp()), ...sections].join('\n'),
  );
});

test.each([
  ['ts', 'presence.test.ts'],
  ['python', 'lease_expires.py'],
])('docs/TESTING.md: what it shows of %s is in %s', (language, file) => {
  const [, shown = ''] =
    new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(read('docs/TESTING.md')) ?? [];
  const example = read(`examples/testing/${file}`);
  const lines = shown.split('\n').map((line) => line.replace(/ \/\/ .*/, ''));
  expect(lines.length).toBeGreaterThan(3);
  for (const line of lines) expect(example).toContain(line);
});

describe('README.md', () => {
  test('its counterexample is one that was found', async () => {
    const mutant = MUTANTS.find(({ id }) => id === 'overdue-resurrected');
    const conviction = mutant === undefined ? null : await convict(mutant);
    if (conviction === null) throw new Error('nothing was found');
    const { note } = mutant as { note: string };
    const command = 'npx leasehold replay leasehold-out/counterexample-1-0.json';
    // The versions of this machine are no part of the example.
    const report = textReport(conviction.shrunk, command).replace(/, node v[\d.]+/, '');
    const shown = `A simulator with a planted bug (${note}):\n\n${block(report)}`;
    const [before, after] = ['<!-- counterexample -->', '<!-- /counterexample -->'];
    const pattern = new RegExp(`${before}[^]*${after}`);
    const readme = read('README.md');
    expect(readme).toMatch(pattern);
    expectCurrent(
      'README.md',
      readme.replace(pattern, () => `${before}\n${shown}${after}`),
    );
  });

  test('its library example runs', () => {
    const blocks = [...read('README.md').matchAll(/```ts\n([^]*?)```/g)].map(([, code]) => code);
    const code = blocks.find((block) => block?.includes("from 'leasehold'")) ?? '';
    const built = new URL('../../dist/index.js', import.meta.url).href;
    const program = code.replace("'leasehold'", `'${built}'`);
    const options = ['--input-type=module', '--eval', program];
    const said = execFileSync(process.execPath, options, { encoding: 'utf8' });
    expect(said).toContain('conformant: no rule is broken');
  });

  test('its links lead somewhere', () => {
    for (const [, target = ''] of read('README.md').matchAll(/\]\(([^)#]+)[^)]*\)/g)) {
      expect(read(target).length, target).toBeGreaterThan(0);
    }
  });
});

describe.each(['README.md', 'docs/CI.md'])('%s', (name) => {
  test('the commands in it are commands, and their options options', () => {
    // A command may go on in lines that begin with options.
    const text = read(name).replaceAll(/\n +(?=--)/g, ' ');
    const lines = text.match(/npx leasehold [^\n`#]*/g) ?? [];
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) {
      const [, , name, ...words] = line.trim().split(/\s+/);
      const command = COMMANDS.find((spec) => spec.name === name);
      const options = command?.options.map((option) => `--${option.name}`);
      const used = words.filter((word) => word.startsWith('--'));
      expect({ line, unknown: used.filter((word) => options?.includes(word) !== true) }).toEqual({
        line,
        unknown: [],
      });
    }
  });
});

test('docs/SEMANTICS.md tells for each rule and version how often it was confirmed', () => {
  const table = /<!-- confirmed -->([^]*)<!-- \/confirmed -->/.exec(read('docs/SEMANTICS.md'))?.[1];
  const [head, , ...rows] = (table ?? '').split('\n').filter((line) => line.startsWith('|'));
  expect(head).toBe(`| rule | ${KNOWN_VERSIONS.replaceAll(', ', ' | ')} |`);
  const cells = rows.map((row) => row.split('|').map((cell) => cell.trim()));
  const rules = cells.map(([, rule]) => rule);
  const [, list = ''] = /is not counted:\s+([^.]*)\./.exec(read('docs/SEMANTICS.md')) ?? [];
  const uncounted = new Set(['CONST-03', ...list.split(/,\s+/)]);
  expect(rules).toEqual(RULE_IDS.filter((rule) => !uncounted.has(rule)));
  for (const row of cells)
    expect(
      row
        .slice(2, -1)
        .map(Number)
        .every((count) => count > 0),
    ).toBe(true);
});

test('the version is that of the package and heads the changelog', () => {
  const manifest = JSON.parse(read('package.json')) as { version: string };
  expect(VERSION).toBe(manifest.version);
  expect(read('CHANGELOG.md')).toMatch(new RegExp(`^## .*${VERSION}`, 'm'));
});
