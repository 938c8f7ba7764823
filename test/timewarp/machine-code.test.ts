/** The machine code, decoded against its listing and executed, on any machine. */
import { describe, expect, test } from 'vitest';
import {
  blockWith,
  ControlBlock,
  NO_LIMIT,
  REAL_TIME,
  type Slot,
} from '../../src/timewarp/control-block.ts';
import { kernel } from '../../src/timewarp/kernel.ts';
import {
  BLOCK_BYTES,
  CODE_OFFSET,
  jump,
  LISTING,
  MACHINE_CODE,
  REPLACEMENTS,
} from '../../src/timewarp/machine-code.ts';
import { WarpClock } from '../../src/timewarp/warp-clock.ts';
import { decode, execute } from './x86.ts';
import { type Machine, registerNumber } from './x86-operands.ts';

describe('the listing', () => {
  test('is what a processor reads in the bytes', () => {
    const lines = [...LISTING.matchAll(/^([0-9a-f]{3}) {2}([0-9a-f]+) +([^;\n]*)/gm)];
    const listed = lines.map(([, offset, bytes, text]) => {
      const plain = (text as string).trim().replaceAll(/ +/g, ' ');
      const decimal = plain.replaceAll(/0x[0-9a-f]+/g, (number) => String(Number(number)));
      return `${offset} ${(bytes as string).length / 2} ${decimal}`;
    });
    const block = blockWith(FROZEN);
    const read: string[] = [];
    for (let at = CODE_OFFSET; at < BLOCK_BYTES; ) {
      const { bytes, text } = decode(block, at, 0);
      read.push(`${at.toString(16)} ${bytes} ${text}`);
      at += bytes;
    }
    expect(read).toEqual(listed);
    expect(read).toHaveLength(67);
  });

  test('fills the block, and each function begins where it is said to', () => {
    expect(CODE_OFFSET + MACHINE_CODE.length).toBe(BLOCK_BYTES);
    const headings = [...LISTING.matchAll(/^; (\w+)\(.*\n([0-9a-f]{3})/gm)];
    const begins = headings.map(([, name, offset]) => [
      `__vdso_${name}`,
      Number.parseInt(offset as string, 16),
    ]);
    expect(Object.fromEntries(begins)).toEqual(REPLACEMENTS);
  });

  test.each([
    [0x500, 0x1140],
    [0x1140, 0x500],
  ])('a jump from %i to %i arrives', (from, to) => {
    const memory = new Uint8Array(0x2000);
    memory.set(jump(from, to), from);
    expect(memory[from]).toBe(0xe9);
    expect(from + 5 + new DataView(memory.buffer).getInt32(from + 1, true)).toBe(to);
  });
});

const FROZEN: Slot = {
  rate: 0n,
  anchor: 0n,
  limit: NO_LIMIT,
  monotonic: 123_000_000_456n,
  wall: 1_924_992_000_123_456_789n,
};

const BLOCK = 0x1000;
const TIME = 0x2000;
const STACK = 0x2800;
const RETURN = 0x2f00;
/** What a callee must leave as it is. */
const PRESERVED = ['rbx', 'rsp', 'rbp', 'r12', 'r13', 'r14', 'r15'].map(registerNumber);

interface Call {
  readonly entry?: number;
  readonly id?: number;
  readonly slot?: Slot;
  readonly raw?: bigint;
  readonly pointer?: number;
  /** Happens at the first system call. */
  readonly meanwhile?: (block: Uint8Array) => void;
}

/** What the function leaves at its pointer, what it returns, and which clocks it asked for. */
const run = ({ entry = 0x140, id = 1, slot = FROZEN, raw = 0n, ...call }: Call) => {
  const asked: number[] = [];
  const machine: Machine = {
    registers: BigUint64Array.from({ length: 16 }, (_, index) => 0xdead_beef_0000n + BigInt(index)),
    memory: new Uint8Array(0x3000),
    rip: BLOCK + entry,
    carry: true,
    zero: true,
    sign: true,
    syscall: ({ registers, memory }) => {
      expect(registers[registerNumber('rax')]).toBe(228n);
      asked.push(Number(registers[registerNumber('rdi')]));
      const view = new DataView(memory.buffer);
      const pointer = Number(registers[registerNumber('rsi')]);
      view.setBigUint64(pointer, raw / 1_000_000_000n, true);
      view.setBigUint64(pointer + 8, raw % 1_000_000_000n, true);
      registers[registerNumber('rax')] = 0n;
      registers[registerNumber('rcx')] = 0xbadn;
      registers[registerNumber('r11')] = 0xbadn;
      if (asked.length === 1) call.meanwhile?.(memory.subarray(BLOCK));
    },
  };
  const { registers, memory } = machine;
  const view = new DataView(memory.buffer);
  const { pointer = TIME } = call;
  memory.set(blockWith(slot), BLOCK);
  view.setBigUint64(STACK, BigInt(RETURN), true);
  registers[registerNumber('rsp')] = BigInt(STACK);
  registers[registerNumber('rdi')] = BigInt(entry === 0x140 ? id : pointer);
  registers[registerNumber('rsi')] = BigInt(entry === 0x140 ? pointer : 0);
  const before = registers.slice();
  before[registerNumber('rsp')] = BigInt(STACK + 8);
  for (let steps = 0; machine.rip !== RETURN; steps += 1) {
    expect(steps).toBeLessThan(200);
    execute(machine);
  }
  for (const index of PRESERVED) expect(registers[index]).toBe(before[index]);
  const [first, second] = [view.getBigUint64(TIME, true), view.getBigUint64(TIME + 8, true)];
  return { first, second, asked, result: registers[registerNumber('rax')] };
};

const nanoseconds = (call: Call): bigint => {
  const { first, second, result } = run(call);
  expect(result).toBe(0n);
  expect(second).toBeLessThan(1_000_000_000n);
  return first * 1_000_000_000n + second;
};

describe('clock_gettime', () => {
  test.each([0, 5, 11])('clock %i shows the wall', (id) => {
    expect(nanoseconds({ id })).toBe(FROZEN.wall);
  });

  test.each([1, 4, 6, 7])('clock %i shows the monotonic time', (id) => {
    expect(nanoseconds({ id })).toBe(FROZEN.monotonic);
  });

  test('frozen, it does not ask the kernel', () => {
    expect(run({}).asked).toEqual([]);
  });

  test.each([2, 3, 8, 9, 10, 12, 15, 0xffff_fffa])('clock %i is the kernel’s', (id) => {
    const { first, second, asked } = run({ id, raw: 7_000_000_009n });
    expect([first, second, asked]).toEqual([7n, 9n, [id]]);
  });

  const ANCHOR = 5_000_000_000n;
  const at = (rate: bigint, limit: bigint, raw: bigint) => {
    const slot = { ...FROZEN, rate, limit, anchor: ANCHOR };
    return nanoseconds({ slot, raw }) - FROZEN.monotonic;
  };

  test.each([
    ['before the anchor nothing has passed', REAL_TIME, NO_LIMIT, -1n, 0n],
    ['long before either', REAL_TIME, NO_LIMIT, -ANCHOR, 0n],
    ['in real time', REAL_TIME, NO_LIMIT, 1_234_567_891n, 1_234_567_891n],
    ['half as fast, rounded down', REAL_TIME / 2n, NO_LIMIT, 3n, 1n],
    ['a thousand times faster', REAL_TIME * 1000n, NO_LIMIT, 12_345n, 12_345_000n],
    [
      'for three years, a thousand times faster',
      REAL_TIME * 1000n,
      NO_LIMIT,
      10n ** 14n,
      10n ** 17n,
    ],
    ['up to the limit', REAL_TIME, 100n, 100n, 100n],
    ['not beyond it', REAL_TIME, 100n, 101n, 100n],
  ])('%s', (_what, rate, limit, since, expected) => {
    expect(at(rate, limit, ANCHOR + since)).toBe(expected);
  });

  test('reads again when the slot changes under it', () => {
    const later = { ...FROZEN, monotonic: 999_000_000_000n };
    const call = {
      slot: { ...FROZEN, rate: REAL_TIME, anchor: 0n },
      raw: 1_000n,
      meanwhile: (block: Uint8Array) => {
        block.set(blockWith(later).subarray(0x40, 0x80), 0x40 + 64);
        block[8] = 1;
      },
    };
    expect(nanoseconds(call)).toBe(later.monotonic);
    expect(run(call).asked).toEqual([1]);
  });
});

describe('the others', () => {
  test('gettimeofday gives microseconds', () => {
    const { first, second, result } = run({ entry: REPLACEMENTS['__vdso_gettimeofday'] as number });
    expect([first, second, result]).toEqual([1_924_992_000n, 123_456n, 0n]);
  });

  test('gettimeofday without a place for it does nothing', () => {
    const entry = REPLACEMENTS['__vdso_gettimeofday'] as number;
    expect(run({ entry, pointer: 0 })).toMatchObject({ first: 0n, result: 0n });
  });

  test.each([TIME, 0])('time returns seconds (pointer %i)', (pointer) => {
    const { first, result } = run({ entry: REPLACEMENTS['__vdso_time'] as number, pointer });
    expect(result).toBe(1_924_992_000n);
    expect(first).toBe(pointer === 0 ? 0n : 1_924_992_000n);
  });
});

describe('parent and child compute the same', () => {
  test('after each kind of change, at any raw time', () => {
    let raw = 10n ** 12n;
    const image = new Uint8Array(BLOCK_BYTES);
    const slot = { ...FROZEN, anchor: raw, monotonic: raw };
    image.set(blockWith(slot));
    const written = {
      ...kernel,
      monotonic: () => raw,
      list: () => ['1'],
      readText: () => '1 (x) T ',
      signal: () => {},
      write: (_file: number, bytes: Uint8Array, position: number) => {
        image.set(bytes, position);
        return bytes.length;
      },
    };
    const clock = new WarpClock(written, 1, new ControlBlock(written, 0, 0, slot));
    const changes = [
      () => clock.jump(77n),
      () => clock.run(1),
      () => clock.jump(5_000_000_001n),
      () => clock.run(0.3),
      () => clock.stepWall(-86_400_000_000_000n),
      () => clock.run(1000, { until: clock.now().elapsed + 1_000_000n }),
      () => clock.freeze(),
      () => clock.release(),
    ];
    for (let round = 0; round < 3; round += 1) {
      for (const change of changes) {
        change();
        for (const later of [0n, 1n, 333n, 1_000n, 2_000_000n]) {
          raw += later;
          const at = (id: number) => nanoseconds({ id, raw, slot: slotOf(image) });
          expect([at(1), at(0)]).toEqual([clock.now().monotonic, clock.now().wall]);
        }
      }
    }
  });

  /** The slot in force, as the bytes have it. */
  const slotOf = (image: Uint8Array): Slot => {
    const view = new DataView(image.buffer);
    const [rate, anchor, limit, monotonic, wall] = Array.from({ length: 5 }, (_, index) =>
      view.getBigUint64(0x40 + ((image[8] as number) & 3) * 64 + 8 * index, true),
    ) as [bigint, bigint, bigint, bigint, bigint];
    return { rate, anchor, limit, monotonic, wall };
  };
});
