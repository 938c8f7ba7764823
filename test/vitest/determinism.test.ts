import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../scripts/check-lockstep.mjs', import.meta.url));

test('fifty leases under faults see the same in five fresh processes', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, '5']);
  expect(stdout).toMatch(/^[0-9a-f]{64}: 5 of 5 processes\n$/);
}, 120_000);
