/** Each difference between versions is told of under its rule, and has two sides. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DIFFERENCES, type Profile, PROFILES } from '../../src/model/index.ts';

const SEMANTICS = readFileSync(new URL('../../docs/SEMANTICS.md', import.meta.url), 'utf8');

const differences = Object.entries(DIFFERENCES) as [keyof Profile, string][];

test.each(differences)('%s: %s says how the versions differ', (field, rule) => {
  const section = SEMANTICS.split('\n### ').find((text) => text.startsWith(`${rule} `));
  expect(section).toContain('**Versions.**');
  expect(new Set(Object.values(PROFILES).map((profile) => profile[field])).size).toBe(2);
});
