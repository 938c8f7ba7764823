/**
 * Reads import lines, and says which of them break the rules of the house: who may import whom, no
 * cycles, no barrel files but the published entry points.
 *
 * It reads text, not syntax trees: imports begin a line, as the formatter leaves them.
 */
import { posix } from 'node:path';
import type { SourceFiles } from './source-files.ts';

export interface ImportLine {
  /** Path of the file that imports. */
  readonly from: string;
  readonly line: number;
  /** As written; null in a dynamic import that computes it. */
  readonly specifier: string | null;
  readonly typeOnly: boolean;
  /** `export … from`. */
  readonly reExport: boolean;
}

/** All that is wrong, a sentence each; empty when nothing is. */
export function checkImports(files: SourceFiles, entryPoints: readonly string[]): string[] {
  const imports = [...files].flatMap(([path, text]) => importLines(path, text));
  return [
    ...imports.flatMap((line) => complaintAbout(line, files, entryPoints)),
    ...cycles(imports, files),
  ];
}

/** Folder → what it may import of ours, as the beginnings of paths; and its own files. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'src/api/': [],
  'src/clock/': ['src/api/units.ts'],
  // Not each other, not even types: a misreading must not be made twice.
  'src/model/': ['src/api/', 'src/clock/'],
  'src/simulator/': ['src/api/', 'src/clock/'],
  'src/pace/': ['src/api/', 'src/clock/'],
  'src/wire/': ['src/api/', 'src/clock/', 'src/pace/', 'src/simulator/'],
  'src/timewarp/': [],
  'src/http2/': [],
  'src/harness/targets/': [
    'src/harness/',
    'src/api/',
    'src/clock/',
    'src/model/',
    'src/simulator/',
    'src/wire/',
    'src/pace/',
    'src/timewarp/',
    'src/http2/',
  ],
  'src/harness/': ['src/api/', 'src/clock/', 'src/model/'],
  // Of the model it has the words alone: the harness judges.
  'src/conformance/': ['src/api/', 'src/harness/', 'src/model/rules.ts'],
  'src/clients/': [
    'src/api/',
    'src/clock/',
    'src/harness/',
    'src/wire/',
    'src/pace/',
    'src/timewarp/',
  ],
  // And types of what the next table says. What it may import besides are functions of values that
  // print: a report says things in the words of schedules and rules.
  'src/report/': [
    'src/api/',
    'src/model/rules.ts',
    'src/harness/answers.ts',
    'src/harness/describe.ts',
    'src/harness/schedule-text.ts',
    'src/harness/words.ts',
    'src/conformance/verdict.ts',
  ],
  'src/vitest/': ['src/api/', 'src/clock/', 'src/pace/', 'src/wire/'],
  'src/cli/': ['src/'],
  'src/index.ts': ['src/'],
};

/** What a folder may import the types of, over and above. */
const MAY_IMPORT_TYPES: Readonly<Record<string, readonly string[]>> = {
  'src/report/': [
    'src/clock/',
    'src/model/',
    'src/simulator/',
    'src/pace/',
    'src/wire/',
    'src/timewarp/',
    'src/harness/',
    'src/conformance/',
    'src/clients/',
  ],
};

/** It imports what a user names. */
const LOADS_MODULES_OF_USERS: ReadonlySet<string> = new Set(['src/cli/clients.ts']);

/** Anyone may import these, and they import nobody but each other. */
const FOR_ANYONE = [
  'src/seed.ts',
  'src/limits.ts',
  'src/invariant.ts',
  'src/error-message.ts',
  'src/version.ts',
];

/** Every import of a file: static, of types, dynamic, and re-exports. */
export function importLines(from: string, text: string): ImportLine[] {
  const lines: ImportLine[] = [];
  const lineAt = (index: number) => text.slice(0, index).split('\n').length;
  const statement = /^(import|export)\s+(?:(type)\s+)?(?:([\w$*{}\s,]+?)\s*from\s+)?'([^']+)'/gm;
  for (const { index, 1: keyword, 2: type, 3: names, 4: specifier } of text.matchAll(statement)) {
    const typeOnly = type !== undefined || onlyTypes(names ?? '');
    const reExport = keyword === 'export';
    lines.push({ from, line: lineAt(index), specifier: specifier ?? null, typeOnly, reExport });
  }
  const dynamic = /^(?!\s*(?:\*|\/\/|\/\*)).*?\bimport\s*\(\s*(?:(['"])([^'"]+)\1)?/gm;
  for (const { index, 2: specifier } of text.matchAll(dynamic)) {
    const line = lineAt(index);
    lines.push({ from, line, specifier: specifier ?? null, typeOnly: false, reExport: false });
  }
  return lines;
}

/** `{ type A, type B }` brings nothing at run time. */
function onlyTypes(names: string): boolean {
  const inBraces = /^\{([^}]*)\}$/.exec(names.trim())?.[1];
  if (inBraces === undefined) return false;
  return inBraces.split(',').every((name) => name.trim() === '' || /^\s*type\s/.test(name));
}

function complaintAbout(
  { from, line, specifier, typeOnly, reExport }: ImportLine,
  files: SourceFiles,
  entryPoints: readonly string[],
): string[] {
  const at = `${from}:${line} imports ${specifier ?? 'what cannot be read off'}`;
  if (specifier === null) {
    return LOADS_MODULES_OF_USERS.has(from) ? [] : [`${at}: write the path as a literal`];
  }
  if (reExport && !entryPoints.includes(from)) return [`${at}: only entry points re-export`];
  if (/^leasehold(\/|$)/.test(specifier)) return [`${at}: use the path`];
  const to = resolved(from, specifier);
  if (to === null) return [];
  if (!files.has(to)) return [`${at}: there is no ${to}`];
  const folder = Object.keys(MAY_IMPORT).find((prefix) => from.startsWith(prefix));
  if (folder === undefined && !FOR_ANYONE.includes(from)) {
    return [`${at}: the table of folders does not know where ${from} belongs`];
  }
  const allowed = [
    ...FOR_ANYONE,
    ...(folder === undefined ? [] : [folder, ...(MAY_IMPORT[folder] ?? [])]),
    ...((typeOnly && MAY_IMPORT_TYPES[folder ?? '']) || []),
  ];
  if (allowed.some((prefix) => to.startsWith(prefix))) return [];
  return [`${at}: ${folder ?? from} may import only ${allowed.join(', ')}`];
}

/** The path that a relative specifier stands for; null for a package. */
function resolved(from: string, specifier: string): string | null {
  return specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier) : null;
}

/** Cycles between files, imports of types included: each is told once, from its first file. */
function cycles(imports: readonly ImportLine[], files: SourceFiles): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (path: string, trail: readonly ImportLine[]): void => {
    const start = trail.findIndex((line) => line.from === path);
    if (start >= 0) {
      const steps = trail.slice(start).map((line) => `${line.from}:${line.line} imports`);
      found.push(`${steps.join(' ')} ${path}: a cycle`);
      return;
    }
    if (done.has(path)) return;
    for (const line of imports) {
      if (line.from !== path || line.specifier === null) continue;
      const to = resolved(path, line.specifier);
      if (to !== null && files.has(to)) walk(to, [...trail, line]);
    }
    done.add(path);
  };
  for (const path of files.keys()) walk(path, []);
  return found;
}
