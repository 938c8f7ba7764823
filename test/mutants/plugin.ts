/**
 * Loads the simulator with a planted bug: `src/simulator/index.ts?mutant=ID` and whatever it
 * imports of its own folder are modules of their own, changed by the edits of the bug named ID. All
 * else is shared. Nothing of this is in what ships.
 */
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vitest/config';
import { editsOf } from './planted.ts';

const SIMULATOR = fileURLToPath(new URL('../../src/simulator', import.meta.url));
const QUERY = '?mutant=';

export const plantBugs = (): Plugin => ({
  name: 'plant-bugs',
  enforce: 'pre',
  resolveId(source, importer) {
    const [path = '', id] = source.split(QUERY);
    const importingId = importer?.split(QUERY)[1];
    if (id !== undefined) return inSimulator(path, id);
    if (importingId === undefined || !source.startsWith('./')) return null;
    return inSimulator(source, importingId);
  },
  transform(code, module) {
    const [path = '', id] = module.split(QUERY);
    if (id === undefined || dirname(path) !== SIMULATOR) return null;
    return plant(code, basename(path), id);
  },
});

/** The source of a file with the bug planted that is named `id`. */
export function plant(code: string, file: string, id: string): string {
  const edits = editsOf(id);
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

/** The folder has no folders in it. */
const inSimulator = (path: string, id: string): string =>
  `${SIMULATOR}/${basename(path)}${QUERY}${id}`;
