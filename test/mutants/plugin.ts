/**
 * Loads the simulator, or the reference client, with a planted bug: a file of its folder named
 * `…?mutant=ID` and whatever that imports of the folder are modules of their own, changed by the
 * edits of the bug named ID. All else is shared. Nothing of this is in what ships.
 */
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vitest/config';
import { clientEditsOf } from '../clients/mutants/planted.ts';
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
    return inGarden(dirname(from), basename(source), importingId);
  },
  transform(code, module) {
    const [path = '', id] = module.split(QUERY);
    if (id === undefined || !GARDENS.includes(dirname(path))) return null;
    return plant(code, basename(path), id);
  },
});

/** The source of a file with the bug planted that is named `id`. */
export function plant(code: string, file: string, id: string): string {
  const edits = editsOf(id) ?? clientEditsOf(id);
  if (edits === undefined) throw new Error(`no planted bug is called ${id}`);
  let changed = code;
  for (const { search, replace } of edits.filter((edit) => edit.file === file)) {
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
