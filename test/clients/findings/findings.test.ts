/** Each finding in a client is shown by the file that pins it, and docs/FINDINGS.md tells of it. */
import { readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { decodeFuzzFile, encodeFuzzFile } from '../../../src/clients/fuzz-file.ts';
import { readText } from '../../structure/source-files.ts';
import { whyNoClientv3 } from '../outside/clientv3-at-hand.ts';
import type { ClientFinding } from './client-finding.ts';
import { CLIENT_FINDINGS } from './client-findings.ts';
import { fileName, findingsDocument } from './findings-document.ts';
import { type Pinned, pin, replay } from './pinned.ts';

const DOCUMENT = 'docs/FINDINGS.md';
const FOLDER = 'examples/findings/';
const HOW = 'UPDATE=1 npx vitest run test/clients/findings writes it';
const isUpdate = process.env['UPDATE'] === '1';
const pinned: Pinned[] = [];

const current = (path: string, text: string): void => {
  if (isUpdate) writeFileSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url)), text);
  expect(readText(path), HOW).toBe(text);
};

/** Those of clientv3 need Go: where it is not, they and the document are left to other machines. */
const isHere = ({ client }: ClientFinding): boolean =>
  client !== 'clientv3' || whyNoClientv3 === null;
const why = whyNoClientv3 === null ? '' : ` (skipped: ${whyNoClientv3})`;

describe(`a finding is shown by its file${why}`, () => {
  test.each(CLIENT_FINDINGS.filter(isHere))('$client $contract: $title', async (finding) => {
    const one = await pin(finding);
    pinned.push(one);
    const path = FOLDER + fileName(finding);
    current(path, encodeFuzzFile(one.file));
    const { what, traceHash } = await replay(decodeFuzzFile(readText(path)));
    expect({ what, traceHash }).toEqual({ what: one.file.what, traceHash: one.file.traceHash });
  });
});

test.skipIf(whyNoClientv3 !== null)(`${DOCUMENT} is current`, () => {
  expect(pinned).toHaveLength(CLIENT_FINDINGS.length);
  current(DOCUMENT, findingsDocument(pinned));
});

test('each file is one of a finding', () => {
  const names = readdirSync(fileURLToPath(new URL(`../../../${FOLDER}`, import.meta.url)));
  expect(names.toSorted()).toEqual(CLIENT_FINDINGS.map(fileName).toSorted());
});
