/** Checks what `npm pack` would publish: the entry points are there, and nothing that does not belong. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const packed = JSON.parse(
  execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8' }),
);
const [{ files, size }] = Array.isArray(packed) ? packed : Object.values(packed);
const names = files.map((file) => file.path);
const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const problems = [];

const entries = Object.values(manifest.exports).flatMap((entry) =>
  typeof entry === 'string' ? [entry] : Object.values(entry),
);
for (const entry of [...entries, ...Object.values(manifest.bin)]) {
  const name = entry.replace(/^\.\//, '');
  if (!names.includes(name)) problems.push(`${name} is an entry point and not in the package`);
}
for (const name of ['README.md', 'LICENSE', 'CHANGELOG.md', 'SECURITY.md']) {
  if (!names.includes(name)) problems.push(`${name} is missing`);
}
const allowed = /^(?:dist\/|docs\/|drivers\/|examples\/|[A-Z]+(?:\.md)?$|package\.json$)/;
for (const name of names) {
  if (!allowed.test(name)) problems.push(`${name} does not belong in the package`);
  const isTest = /\.test\./.test(name) && !name.startsWith('examples/');
  if (isTest || /\.map$|scratch/.test(name)) problems.push(`${name} is no part of the product`);
}
if (size > 1_000_000) problems.push(`the package has ${size} bytes, more than 1,000,000`);
if (!existsSync('dist/cli/main.js')) problems.push('dist is not built');

for (const problem of problems) console.error(problem);
if (problems.length === 0) console.log(`${names.length} files, ${size} bytes`);
process.exitCode = problems.length === 0 ? 0 : 1;
