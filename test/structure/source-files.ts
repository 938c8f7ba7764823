/** The project's own source files, as text, for the tests about their shape. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Path from the repository's root, with forward slashes → content. */
export type SourceFiles = ReadonlyMap<string, string>;

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** All TypeScript files under the given folders; a folder that does not exist has none. */
export function sourceFiles(...folders: readonly string[]): SourceFiles {
  const paths = folders.flatMap((folder) => pathsUnder(folder));
  return new Map(
    paths.filter((path) => path.endsWith('.ts')).map((path) => [path, readText(path)]),
  );
}

/** The content of a file of the repository. */
export const readText = (path: string): string => readFileSync(ROOT + path, 'utf8');

function pathsUnder(folder: string): readonly string[] {
  if (!existsSync(ROOT + folder)) return [];
  const entries = readdirSync(ROOT + folder, { withFileTypes: true });
  const paths = entries.flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? pathsUnder(path) : [path];
  });
  return paths.toSorted();
}
