/** The clock of a Node process in our hand. */
import { readdirSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { MILLISECOND, SECOND } from '../../src/timewarp/nanoseconds.ts';
import {
  needsThisMachine,
  type Reader,
  sleep,
  start,
  startReader,
  warpTest,
} from './this-machine.ts';

needsThisMachine();

const WALL = BigInt(Date.UTC(2031, 0, 1)) * MILLISECOND;
const DAY = 86_400n * SECOND;

/** What the process reads, in our units. */
const read = async ({ ask }: Reader): Promise<{ wall: bigint; monotonic: bigint }> => {
  const [wallMs, monotonic] = (await ask('[Date.now(), process.hrtime.bigint()]')) as [
    number,
    bigint,
  ];
  return { wall: BigInt(wallMs) * MILLISECOND, monotonic };
};

const floorMs = (nanoseconds: bigint): bigint => (nanoseconds / MILLISECOND) * MILLISECOND;

/** The process reads exactly what the clock says it does. */
const expectAgreement = async (reader: Reader): Promise<void> => {
  const { wall, monotonic } = reader.process.clock.now();
  expect(await read(reader)).toEqual({ wall: floorMs(wall), monotonic });
};

describe('frozen', () => {
  warpTest('from before it first reads the time', async () => {
    const before = process.hrtime.bigint();
    const reader = await startReader({ wall: WALL });
    const { clock } = reader.process;
    expect(clock.isFrozen).toBe(true);
    expect(clock.now()).toMatchObject({ elapsed: 0n, wall: WALL });
    expect(clock.now().monotonic).toBeGreaterThanOrEqual(before);
    expect(await reader.ask('performance.timeOrigin')).toBeLessThanOrEqual(
      Number(WALL / MILLISECOND),
    );
    await expectAgreement(reader);
    await expectAgreement(reader);
  });

  warpTest('jumps to the nanosecond, both clocks alike', async () => {
    const reader = await startReader({ wall: WALL });
    for (const by of [1n, 0n, 999_999n, SECOND, 3_650n * DAY]) {
      const before = reader.process.clock.now();
      reader.process.clock.jump(by);
      const { elapsed, monotonic, wall } = reader.process.clock.now();
      expect([elapsed, monotonic, wall]).toEqual(
        [before.elapsed, before.monotonic, before.wall].map((each) => each + by),
      );
      await expectAgreement(reader);
    }
  });

  warpTest('the wall is set without the other clock', async () => {
    const reader = await startReader({ wall: WALL });
    for (const by of [DAY, -3n * SECOND, -2n * DAY]) {
      const before = reader.process.clock.now();
      reader.process.clock.stepWall(by);
      expect(reader.process.clock.now()).toEqual({ ...before, wall: before.wall + by });
      await expectAgreement(reader);
    }
  });

  warpTest('without a date of its own it begins at that of the machine', async () => {
    const earliest = BigInt(Date.now()) * MILLISECOND;
    const reader = await startReader();
    expect(reader.process.clock.now().wall).toBeGreaterThanOrEqual(earliest);
    expect(reader.process.clock.now().wall).toBeLessThan(earliest + 60n * SECOND);
    await expectAgreement(reader);
  });
});

describe('running', () => {
  warpTest('up to an end, where it stands still to the nanosecond', async () => {
    const reader = await startReader({ wall: WALL });
    const { clock } = reader.process;
    const end = 20n * SECOND + 1n;
    clock.run(1000, { until: end });
    while (!clock.isFrozen) await read(reader);
    expect(clock.now().elapsed).toBe(end);
    await expectAgreement(reader);
    clock.jump(5n);
    expect(clock.now().elapsed).toBe(end + 5n);
    await expectAgreement(reader);
  });

  warpTest.each([1, 0.5, 100])('at rate %d', async (rate) => {
    const reader = await startReader({ wall: WALL, rate });
    const { clock } = reader.process;
    expect(clock.isFrozen).toBe(false);
    for (let round = 0; round < 20; round += 1) {
      const earliest = clock.now();
      const seen = await read(reader);
      const latest = clock.now();
      expect(seen.monotonic).toBeGreaterThanOrEqual(earliest.monotonic);
      expect(seen.monotonic).toBeLessThanOrEqual(latest.monotonic);
      expect(seen.wall).toBeGreaterThanOrEqual(floorMs(earliest.wall));
      expect(seen.wall).toBeLessThanOrEqual(latest.wall);
    }
  });

  warpTest('jumps, and is set, without standing still', async () => {
    const reader = await startReader({ wall: WALL, rate: 1 });
    const { clock } = reader.process;
    const before = await read(reader);
    clock.jump(DAY);
    clock.stepWall(DAY);
    const after = await read(reader);
    expect(after.monotonic - before.monotonic).toBeGreaterThanOrEqual(DAY);
    expect(after.monotonic - before.monotonic).toBeLessThan(DAY + 30n * SECOND);
    expect(after.wall - before.wall).toBeGreaterThanOrEqual(2n * DAY);
    expect(clock.isFrozen).toBe(false);
  });

  warpTest('its timers fire when it is released', async () => {
    const reader = await startReader({ wall: WALL });
    const promise = reader.ask('new Promise((resolve) => setTimeout(resolve, 300, 1))');
    await sleep(50);
    reader.process.clock.release();
    expect(await promise).toBe(1);
    expect(reader.process.clock.now().elapsed).toBeGreaterThanOrEqual(300n * MILLISECOND);
  });
});

describe('what is refused', () => {
  warpTest('time does not run backwards', async () => {
    const { process } = await startReader({ wall: WALL });
    const { clock } = process;
    clock.jump(SECOND);
    expect(() => clock.jump(-1n)).toThrow('time does not run backwards: jump by -1 ns');
    expect(() => clock.run(1, { until: SECOND - 1n })).toThrow('time does not run backwards');
    await expect(process.step(SECOND - 1n)).rejects.toThrow('time does not run backwards');
    expect(clock.now()).toMatchObject({ elapsed: SECOND, wall: WALL + SECOND });
  });

  warpTest('rates and dates that do not fit', async () => {
    const { process } = await startReader({ wall: WALL });
    for (const rate of [-1, 1001, Number.NaN]) {
      expect(() => process.clock.run(rate)).toThrow(`a rate is between 0 and 1000, not ${rate}`);
    }
    expect(() => process.clock.stepWall(-WALL - 1n)).toThrow('a clock shows between 0 and');
    expect(() => process.clock.jump(2n ** 63n)).toThrow('the year 2262');
    await expect(start('/bin/true', [], { wall: -1n })).rejects.toThrow('a clock shows');
    await expect(process.step(SECOND, { stride: 0n })).rejects.toThrow('a stride of 0 ns');
    process.clock.release();
    await expect(process.step(2n ** 60n)).rejects.toThrow('a clock that runs cannot be stepped');
  });

  warpTest('a program that is not there', async () => {
    await expect(start('/nowhere/program', [])).rejects.toMatchObject({
      name: 'WarpFailed',
      code: 'SPAWN',
      message: expect.stringMatching(/^\/nowhere\/program cannot be started: .*ENOENT/),
    });
  });
});

warpTest('a process that has ended has no clock, and leaves no open files', async () => {
  const files = () => readdirSync('/proc/self/fd').length;
  const before = files();
  const { process } = await startReader({ wall: WALL });
  await process.stop();
  await process.stop();
  expect(process.hasEnded).toBe(true);
  expect(() => process.clock.jump(1n)).toThrow('the process has ended');
  await expect(process.settle()).rejects.toMatchObject({ code: 'ENDED' });
  expect(process.child.exitCode ?? process.child.signalCode).toBe('SIGTERM');
  await sleep(50);
  expect(files()).toBeLessThanOrEqual(before);
});
