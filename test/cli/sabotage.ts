/** A command with a bug of ours planted in it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { emptyDirectory } from './leasehold.ts';

const LESSOR = fileURLToPath(new URL('../../dist/simulator/lessor.js', import.meta.url));

/** A directory, and an environment in which the lessor does what `patch` says. */
export const sabotage = (patch: string) => {
  const directory = emptyDirectory();
  const file = join(directory, 'patch.mjs');
  const url = pathToFileURL(LESSOR).href;
  writeFileSync(file, `import { Lessor } from ${JSON.stringify(url)};\n${patch}\n`);
  return { directory, env: { NODE_OPTIONS: `--import=${pathToFileURL(file).href}` } };
};
