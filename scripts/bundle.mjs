/**
 * Makes one file of the server and what it is made of: to load a hundred and fifty takes longer
 * than to run what is in them. The library for protobuf is in it, so whose it is stands above.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const manifest = readFileSync(path('node_modules/@bufbuild/protobuf/package.json'), 'utf8');
const { name, version, license } = JSON.parse(manifest);

const bundle = await rolldown({
  input: path('dist/wire/index.js'),
  platform: 'node',
  onLog: (_level, { message }) => {
    throw new Error(message);
  },
});
await bundle.write({
  file: path('dist/wire/bundle.js'),
  format: 'esm',
  banner: `/*! With ${name} ${version}, Copyright Buf Technologies, Inc.: ${license} */`,
});
