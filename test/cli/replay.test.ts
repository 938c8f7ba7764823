import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { emptyDirectory, leasehold } from './leasehold.ts';

const replay = (...lines: readonly string[]) => {
  const directory = emptyDirectory();
  const text = ['leasehold schedule 1', ...lines].join('\n');
  writeFileSync(join(directory, 'case.leasehold'), text);
  return leasehold(['replay', 'case.leasehold'], directory);
};

const lastLine = (out: string) => out.trimEnd().split('\n').at(-1);

const PUT = 'at 0 c1 put k value=v';

test.each([
  [[PUT, 'at +0 c1 get k → k=v'], 0, 'simulator: conformant'],
  [[PUT, 'at +0 c1 get k → none'], 1, 'simulator: conformant, but 1 expectation is not met'],
  [
    [PUT, 'at +0 c1 get k → none', 'at +0 c1 leases → A'],
    1,
    'simulator: conformant, but 2 expectations are not met',
  ],
])('the last line says what the exit code does: %j', async (lines, exit, last) => {
  const { code, out } = await replay(...lines);
  expect(code).toBe(exit);
  expect(lastLine(out)).toBe(last);
});
