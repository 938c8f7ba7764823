/** The limits of size. The length of functions in src/ is the linter's (max-lines-per-function). */
import { expect, test } from 'vitest';
import { LONG } from '../longest-first.ts';
import { sourceFiles } from './source-files.ts';

const FILE_LINES = 300;
const LINE_CHARACTERS = 100;
const FUNCTION_LINES = 70;

const VAGUE_NAMES = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'misc', 'types']);

const files = sourceFiles('src', 'properties', 'test');

/** Generated code is as its generator leaves it. */
const written = [...files].filter(([path]) => !path.includes('/gen/'));

test(`no file is longer than ${FILE_LINES} lines`, () => {
  const long = written.map(([path, text]) => ({ path, lines: text.trimEnd().split('\n').length }));
  expect(long.filter(({ lines }) => lines > FILE_LINES)).toEqual([]);
});

test(`no line is longer than ${LINE_CHARACTERS} characters`, () => {
  const long = written.flatMap(([path, text]) =>
    text
      .split('\n')
      .flatMap((line, index) =>
        line.length > LINE_CHARACTERS ? [`${path}:${index + 1}: ${line.length}`] : [],
      ),
  );
  expect(long).toEqual([]);
});

test(`no function of a test is longer than ${FUNCTION_LINES} lines`, () => {
  const tests = written.filter(([path]) => !path.startsWith('src/'));
  expect(tests.flatMap(([path, text]) => longFunctions(path, text))).toEqual([]);
});

test('every file is named for what it holds', () => {
  const paths = [...files.keys()];
  const nameOf = (path: string) => path.split('/').at(-1)?.split('.')[0] ?? '';
  expect(paths.filter((path) => VAGUE_NAMES.has(nameOf(path)))).toEqual([]);
});

/**
 * Functions that are too long, in formatted code: one that opens at the end of a line ends at the
 * next line that begins with a brace at the same depth. A `describe` block is a chapter of tests,
 * not a function.
 */
function longFunctions(path: string, text: string): string[] {
  const lines = text.split('\n');
  return lines.flatMap((line, start) => {
    if (!/(\bfunction\b.*|=>|\)(: [^{]+)?) \{$/.test(line)) return [];
    if (/^\s*(describe|if|for|while|switch|\} else|\} catch)\b/.test(line)) return [];
    const indent = /^\s*/.exec(line)?.[0] ?? '';
    const length = lines.slice(start + 1).findIndex((next) => next.startsWith(`${indent}}`)) + 2;
    return length > FUNCTION_LINES ? [`${path}:${start + 1}: ${length} lines`] : [];
  });
}

test('a long function is found, a long chapter is not', () => {
  const body = (count: number) => Array.from({ length: count }, () => '    one();').join('\n');
  const shape = (opening: string, count: number) => `  ${opening}\n${body(count)}\n  });\n`;
  expect(longFunctions('a.ts', shape("test('x', () => {", 68))).toEqual([]);
  expect(longFunctions('a.ts', shape("test('x', () => {", 69))).toEqual(['a.ts:1: 71 lines']);
  expect(longFunctions('a.ts', shape('async function x(): Promise<void> {', 69))).toHaveLength(1);
  expect(longFunctions('a.ts', shape("describe('x', () => {", 69))).toEqual([]);
});

test('the files of tests that begin first are there', () => {
  const all = sourceFiles('test', 'properties');
  expect(LONG.filter((path) => !all.has(path))).toEqual([]);
});
