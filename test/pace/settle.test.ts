import { pbkdf2 } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { Settler, Unsettled } from '../../src/pace/settle.ts';

const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/** Does one counted thing after each of the gaps, in turns. */
const worker = (gaps: readonly number[]) => {
  const source = { activity: 0, underWay: 0, done: false };
  const run = async (): Promise<void> => {
    for (const gap of gaps) {
      for (let turn = 0; turn < gap; turn += 1) await nextTurn();
      source.activity += 1;
    }
    source.done = true;
  };
  return { source, run };
};

describe('settle', () => {
  test('outlasts all that stirs', async () => {
    const { source, run } = worker([1, 2, 1, 3, 1, 1]);
    const settler = new Settler([source]);
    void run();
    await settler.settle();
    expect(source.done).toBe(true);
    expect(settler.maxGap).toBe(2);
  });

  test('waits for what is under way, however long it stays silent', async () => {
    const source = { activity: 0, underWay: 1 };
    let arrived = false;
    void (async () => {
      for (let turn = 0; turn < 50; turn += 1) await nextTurn();
      arrived = true;
      source.underWay = 0;
    })();
    await new Settler([source]).settle();
    expect(arrived).toBe(true);
  });

  test('distrusts itself when a gap was nearly as long as what it takes for rest', async () => {
    const late = worker([1, 4, 1]);
    void late.run();
    await expect(new Settler([late.source]).settle()).rejects.toThrow(/3 quiet turns.*quietTurns/);
    const patient = worker([1, 4, 1]);
    void patient.run();
    await new Settler([patient.source], { quietTurns: 6 }).settle();
    expect(patient.source.done).toBe(true);
  });

  test('gives up on what never rests', async () => {
    const restless = {
      get activity() {
        return process.hrtime()[1];
      },
    };
    const settled = new Settler([restless], { turnLimit: 50 }).settle();
    await expect(settled).rejects.toThrow(Unsettled);
  });

  test('with other processes, no gap is too long, and no rest is no fault', async () => {
    const late = worker([1, 4, 1]);
    void late.run();
    await new Settler([late.source], { isShared: true }).settle();
    const restless = {
      get activity() {
        return process.hrtime()[1];
      },
    };
    const settler = new Settler([restless], { isShared: true, turnLimit: 50 });
    await settler.settle();
    expect(settler.turns).toBe(50);
  });

  test('waits for the thread pool', async () => {
    let read = '';
    const reading = readFile(new URL(import.meta.url), 'utf8').then((text) => (read = text));
    await new Settler([]).settle();
    expect(read).not.toBe('');
    await reading;
  });

  test('waits for a file to close when the thread pool has other things to do', async () => {
    const file = await open(new URL(import.meta.url));
    const others = Array.from({ length: 8 }, () => promisify(pbkdf2)('a', 'b', 1e5, 64, 'sha512'));
    let isClosed = false;
    const closing = file.close().then(() => (isClosed = true));
    await new Settler([]).settle();
    expect(isClosed).toBe(true);
    await Promise.all([closing, ...others]);
  });

  test('fewer than three quiet turns are no rest', () => {
    expect(() => new Settler([], { quietTurns: 2 })).toThrow(RangeError);
  });
});
