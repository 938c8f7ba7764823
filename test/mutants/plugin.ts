/**
 * Loads the simulator, or the reference client, with a planted bug: a file of its folder named
 * `…?mutant=ID` and what lies between it and the files that the bug named ID changes are modules of
 * their own. All else is shared, which saves most of the loading. Nothing of this is in what ships.
 */
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vitest/config';
import { clientEditsOf } from '../clients/mutants/planted.ts';
import type { Edit } from './mutant.ts';
import { editsOf } from './planted.ts';

/** The folders in which bugs are planted; they have no folders in them. */
const GARDENS = ['simulator', 'clients/reference'].map((name) =>
  fileURLToPath(new URL(`../../src/${name}`, import.meta.url)),
);
const QUERY = '?mutant=';

export const plantBugs = (): Plugin => ({
  name: 'plant-bugs',
  enforce: 'pre',
  resolveId(source, importer) {
    const [path = '', id] = source.split(QUERY);
    const [from = '', importingId] = (importer ?? '').split(QUERY);
    if (id !== undefined) return inGarden(dirname(path), basename(path), id);
    if (importingId === undefined || !source.startsWith('./')) return null;
    if (!isChanged(dirname(from), basename(source), importingId)) return null;
    return inGarden(dirname(from), basename(source), importingId);
  },
  transform(code, module) {
    const [path = '', id] = module.split(QUERY);
    if (id === undefined || !GARDENS.includes(dirname(path))) return null;
    return plant(code, basename(path), id);
  },
});

/** Whether the bug changes the file, or one that it imports, directly or not. */
const isChanged = (garden: string, file: string, id: string): boolean => {
  const edited = new Set(editsIn(id).map((edit) => edit.file));
  const seen = new Set<string>();
  const reaches = (each: string): boolean => {
    if (edited.has(each)) return true;
    if (seen.has(each)) return false;
    seen.add(each);
    return importsOf(join(garden, each)).some(reaches);
  };
  return reaches(file);
};

/** The files of its folder that a file imports, but for types. */
const importsOf = (path: string): readonly string[] => {
  const known = imports.get(path) ?? readImports(path);
  imports.set(path, known);
  return known;
};

const readImports = (path: string): readonly string[] =>
  [...readFileSync(path, 'utf8').matchAll(IMPORT)].map(([, file]) => file as string);

const IMPORT = /^(?:import|export)(?! type)[^;]*? from '\.\/([^']+)';/gms;
const imports = new Map<string, readonly string[]>();

const editsIn = (id: string): readonly Edit[] => {
  const edits = editsOf(id) ?? clientEditsOf(id);
  if (edits === undefined) throw new Error(`no planted bug is called ${id}`);
  return edits;
};

/** The source of a file with the bug planted that is named `id`. */
export function plant(code: string, file: string, id: string): string {
  let changed = code;
  for (const { search, replace } of editsIn(id).filter((edit) => edit.file === file)) {
    const count = changed.split(search).length - 1;
    if (count !== 1) {
      throw new Error(`${id}: ${file} has ${count} times, not once: ${JSON.stringify(search)}`);
    }
    changed = changed.replace(search, () => replace);
  }
  return changed;
}

/** `folder`: as an import names it. */
const inGarden = (folder: string, file: string, id: string): string | null => {
  const name = folder.replace(/^(\.\.\/)+src/, 'src');
  const garden = GARDENS.find((garden) => garden.endsWith(name));
  return garden === undefined ? null : `${garden}/${file}${QUERY}${id}`;
};
