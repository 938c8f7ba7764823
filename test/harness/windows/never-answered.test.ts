import { expect, test } from 'vitest';
import type { Command } from '../../../src/api/command.ts';
import { neverAnswered } from '../../../src/harness/windows/never-answered.ts';
import { putCommand } from './hand-made.ts';

test.each<[Command, string]>([
  [{ kind: 'leases', token: 1 }, 'leases'],
  [{ kind: 'grant', token: 1, id: 0n, ttl: 5n }, 'grant ttl=5'],
  [{ kind: 'timeToLive', token: 1, id: -7n, keys: true }, 'ttl #-7'],
  [{ kind: 'keepAlive', token: 1, id: 7n, stream: 1 }, 'keep-alive #7'],
  [{ ...putCommand('k', 7n), token: 1 }, 'put k'],
])('%o is named as schedules name it', (command, words) => {
  expect(neverAnswered(command)).toBe(`«${words}» was never answered`);
});
