import { fc, test as check } from '@fast-check/vitest';
import { expect } from 'vitest';
import { ByToken } from '../../src/harness/by-token.ts';

const STEPS = fc.array(fc.record({ token: fc.nat(8), adds: fc.boolean() }), { maxLength: 40 });

check.prop([STEPS], { seed: 1, numRuns: 300 })('it behaves like a map', (steps) => {
  const things = new ByToken<string>();
  const map = new Map<number, string>();
  for (const [index, { token, adds }] of steps.entries()) {
    if (adds && !map.has(token)) {
      things.add(token, `${index}`);
      map.set(token, `${index}`);
    } else {
      things.remove(token);
      map.delete(token);
    }
    expect(things.size).toBe(map.size);
    expect(things.all()).toEqual([...map.values()]);
    for (let each = 0; each <= 8; each += 1) expect(things.find(each)).toBe(map.get(each));
  }
});
