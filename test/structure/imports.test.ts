import { expect, test } from 'vitest';
import { checkImports, importLines } from './imports.ts';
import { readText, sourceFiles } from './source-files.ts';

/** The sources behind the `exports` of package.json: the only files that may re-export. */
function publishedEntryPoints(): string[] {
  const { exports } = JSON.parse(readText('package.json')) as { exports: Record<string, unknown> };
  return Object.values(exports).flatMap((target) => {
    // What is loaded may be a bundle; the types are those of the module.
    const file = (target as { types?: string }).types;
    return file === undefined ? [] : [file.replace('./dist/', 'src/').replace(/\.d\.ts$/, '.ts')];
  });
}

test('every import keeps to the table of folders, without cycles and barrel files', () => {
  const files = sourceFiles('src');
  expect(files.size).toBeGreaterThan(0);
  expect(checkImports(files, publishedEntryPoints())).toEqual([]);
});

/** Checks made-up files, of which `src/index.ts` and `src/model/index.ts` are entry points. */
const check = (files: Record<string, string>) =>
  checkImports(new Map(Object.entries(files)), ['src/index.ts', 'src/model/index.ts']);

test('each form of import is read', () => {
  const text = [
    "import { a } from './a.ts';",
    "import type { B } from './b.ts';",
    "import { type C, type D } from './c.ts';",
    'import {',
    '  type E,',
    '  f,',
    "} from './e.ts';",
    "import * as g from './g.ts';",
    "import './h.ts';",
    "export { i } from './i.ts';",
    "export type { J } from './j.ts';",
    "export * from './k.ts';",
    "const l = await import('./l.ts');",
    'const m = await import(name);',
    "// import { n } from './n.ts';",
    " * like import('./o.ts')",
    "export const p = 'from';",
  ].join('\n');
  const seen = importLines('src/x.ts', text).map(
    ({ line, specifier, typeOnly, reExport }) =>
      `${line} ${specifier}${typeOnly ? ' type' : ''}${reExport ? ' again' : ''}`,
  );
  expect(seen).toEqual([
    '1 ./a.ts',
    '2 ./b.ts type',
    '3 ./c.ts type',
    '4 ./e.ts',
    '8 ./g.ts',
    '9 ./h.ts',
    '10 ./i.ts again',
    '11 ./j.ts type again',
    '12 ./k.ts again',
    '13 ./l.ts',
    '14 null',
  ]);
});

test('what the table allows passes', () => {
  const complaints = check({
    'src/api/units.ts': '',
    'src/invariant.ts': '',
    'src/clock/clock.ts':
      "import { a } from '../api/units.ts';\nimport { b } from '../invariant.ts';",
    'src/model/step.ts': "import { c } from '../clock/clock.ts';",
    'src/model/index.ts': "export { d } from './step.ts';",
    'src/simulator/lessor.ts': "import type { c } from '../clock/clock.ts';",
    'src/harness/run.ts': "import { d } from '../model/step.ts';",
    'src/harness/targets/simulator.ts':
      "import { e } from '../../simulator/lessor.ts';\nimport { f } from '../run.ts';",
    'src/harness/describe.ts': '',
    'src/report/text.ts':
      "import type { f } from '../harness/run.ts';\nimport { g } from '../harness/describe.ts';",
    'src/index.ts': "export { f } from './harness/run.ts';",
  });
  expect(complaints).toEqual([]);
});

test.each([
  ['src/api/a.ts', '../clock/b.ts'],
  ['src/clock/a.ts', '../api/b.ts'],
  ['src/model/a.ts', '../simulator/b.ts'],
  ['src/simulator/a.ts', '../model/b.ts'],
  ['src/pace/a.ts', '../simulator/b.ts'],
  ['src/timewarp/a.ts', '../api/b.ts'],
  ['src/harness/a.ts', '../simulator/b.ts'],
  ['src/harness/a.ts', '../cli/b.ts'],
  ['src/conformance/a.ts', '../model/b.ts'],
  ['src/report/a.ts', '../cli/b.ts'],
  ['src/invariant.ts', './api/b.ts'],
  ['src/other/a.ts', '../api/b.ts'],
])('%s may not import %s, not even types', (from, specifier) => {
  const to = new URL(specifier, `file:///${from}`).pathname.slice(1);
  for (const names of ['{ b }', 'type { b }']) {
    const complaints = check({ [from]: `\nimport ${names} from '${specifier}';`, [to]: '' });
    expect(complaints).toEqual([expect.stringContaining(`${from}:2 imports ${specifier}: `)]);
  }
});

test('a dynamic import is held to the table as well', () => {
  const complaints = check({
    'src/model/a.ts': "const b = await import('../simulator/b.ts');",
    'src/simulator/b.ts': '',
  });
  expect(complaints).toEqual([expect.stringContaining('src/model/a.ts:1 imports')]);
});

test('report may import only types of the harness, but for what prints', () => {
  const complaints = check({
    'src/report/a.ts': "import { b } from '../harness/b.ts';",
    'src/harness/b.ts': '',
  });
  expect(complaints).toEqual([expect.stringContaining('src/report/a.ts:1 imports')]);
});

test('a cycle is told once, with its lines', () => {
  const complaints = check({
    'src/model/a.ts': "import { b } from './b.ts';",
    'src/model/b.ts': "\nimport type { c } from './c.ts';",
    'src/model/c.ts': "import { a } from './a.ts';",
  });
  expect(complaints).toEqual([
    'src/model/a.ts:1 imports src/model/b.ts:2 imports ' +
      'src/model/c.ts:1 imports src/model/a.ts: a cycle',
  ]);
});

test.each([
  ["export { b } from './b.ts';", 'only entry points re-export'],
  ["import { b } from './c.ts';", 'there is no src/model/c.ts'],
  ["import { b } from 'leasehold/model';", 'use the path'],
  ['const b = await import(name);', 'write the path as a literal'],
])('%s is refused', (line, why) => {
  const complaints = check({ 'src/model/a.ts': line, 'src/model/b.ts': '' });
  expect(complaints).toEqual([expect.stringContaining(why)]);
});
