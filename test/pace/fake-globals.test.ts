/** Timers in hand: those that code imports by name are among them, and real again afterwards. */
import { setTimeout as setTimer } from 'node:timers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { type FakeGlobals, fakeGlobals } from '../../src/pace/fake-globals.ts';
import { MemoryNetwork } from '../../src/pace/memory-network.ts';

let globals: FakeGlobals | undefined;
afterEach(() => globals?.restore());

const takeOver = (): FakeGlobals => {
  globals = fakeGlobals({ date: new Date(0), seed: 0n });
  return globals;
};

test('they wait until time is moved', async () => {
  const { timers } = takeOver();
  const fired: string[] = [];
  setTimer(() => fired.push('timer'), 60_000);
  void sleep(60_000).then(() => fired.push('promise'));
  await timers.tickAsync(59_999);
  expect(fired).toEqual([]);
  await timers.tickAsync(1);
  expect(fired).toEqual(['timer', 'promise']);
});

test.each(['before', 'after'])(
  'they fire by themselves once a network is gone, %s',
  async (order) => {
    const taken = takeOver();
    // It has what is imported by name brought up to date, as it takes and gives back `connect`.
    const network = new MemoryNetwork();
    network.listen(() => {});
    if (order === 'before') network.close();
    taken.restore();
    globals = undefined;
    if (order === 'after') network.close();
    await sleep(1);
    await new Promise<void>((resolve) => {
      setTimer(resolve, 1);
    });
    expect(Date.now()).toBeGreaterThan(1_000_000);
  },
);
