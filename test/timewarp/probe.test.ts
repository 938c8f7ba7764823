/** Each condition that can be missing is named, in one line that says what to do. */
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Kernel, kernel } from '../../src/timewarp/kernel.ts';
import { probe, probeOn } from '../../src/timewarp/probe.ts';
import { needsThisMachine, warpTest } from './this-machine.ts';

needsThisMachine();

warpTest('this machine can do it', async () => {
  expect(await probe()).toEqual({ ok: true });
});

test.each([
  ['darwin', 'x64'],
  ['linux', 'arm64'],
])('%s on %s cannot', async (platform, arch) => {
  expect(await probeOn({ ...kernel, platform, arch })).toEqual({
    ok: false,
    code: 'PLATFORM',
    message: `PLATFORM: only Linux on x86-64 can do this, and this is ${platform} on ${arch}`,
  });
});

const failure = (code: string): Error => Object.assign(new Error(code), { code });

/** Throws when the path is the one that is refused. */
const refusing =
  <Arguments extends [string, ...unknown[]], Result>(
    pattern: RegExp,
    code: string,
    otherwise: (...args: Arguments) => Result,
  ) =>
  (...args: Arguments): Result => {
    if (pattern.test(args[0])) throw failure(code);
    return otherwise(...args);
  };

/** Reading a process's memory; `change` sees its vdso. */
const changedImage = (change: (image: Buffer) => void): Partial<Kernel> => ({
  read: (file, into, position) => {
    const bytes = kernel.read(file, into, position);
    if (into.length >= 4096) change(into as Buffer);
    return bytes;
  },
});

/** Writes that go nowhere, and read back as if they did not. */
const forgetful: Partial<Kernel> = {
  write: (_file, bytes) => bytes.length,
};

/** Writes that go nowhere, and read back as if they did. */
const pretending = (): Partial<Kernel> => {
  const written = new Map<number, Uint8Array>();
  return {
    write: (_file, bytes, position) => {
      written.set(position, Uint8Array.from(bytes));
      return bytes.length;
    },
    read: (file, into, position) => {
      const bytes = written.get(position);
      if (bytes === undefined) return kernel.read(file, into, position);
      into.set(bytes);
      return bytes.length;
    },
  };
};

const renamed = (image: Buffer): void => {
  for (let at = 0; (at = image.indexOf('clock_gettime\0', at)) >= 0; at += 1) image[at] = 0x78;
};

const shortened = (image: Buffer): void => {
  // The sizes of all symbols: 24 bytes each, a size is the last eight.
  const symbols = Number(image.readBigUInt64LE(tagOffset(image, 6)));
  const strings = Number(image.readBigUInt64LE(tagOffset(image, 5)));
  for (let at = symbols; at + 24 <= strings; at += 24) image.writeBigUInt64LE(4n, at + 16);
};

const tagOffset = (image: Buffer, tag: number): number => {
  const table = Number(image.readBigUInt64LE(32));
  let at = table;
  while (image.readUInt32LE(at) !== 2) at += image.readUInt16LE(54);
  let entry = Number(image.readBigUInt64LE(at + 8));
  while (image.readBigUInt64LE(entry) !== BigInt(tag)) entry += 16;
  return entry + 8;
};

const full = (image: Buffer): void => {
  const table = Number(image.readBigUInt64LE(32));
  for (let at = table; image.readUInt32LE(at) <= 2; at += image.readUInt16LE(54)) {
    if (image.readUInt32LE(at) === 1) image.writeBigUInt64LE(BigInt(image.length), at + 40);
  }
};

const noVdso: Partial<Kernel> = {
  readText: (path) => kernel.readText(path).replace('[vdso]', '[none]'),
};

const inEntries: Partial<Kernel> = {
  readText: (path) => {
    if (!path.endsWith('/syscall')) return kernel.readText(path);
    const maps = kernel.readText(path.replace(/task\/.*/, 'maps'));
    const start = Number(`0x${/^([0-9a-f]+)-.*\[vdso\]$/m.exec(maps)?.[1]}`);
    return `-1 0x0 0x${(start + everyEntry(path, start) + 2).toString(16)}\n`;
  },
};

const everyEntry = (path: string, start: number): number => {
  const memory = kernel.open(path.replace(/task\/.*/, 'mem'), 'r');
  const image = Buffer.alloc(8192);
  kernel.read(memory, image, start);
  kernel.close(memory);
  const symbols = Number(image.readBigUInt64LE(tagOffset(image, 6)));
  const strings = Number(image.readBigUInt64LE(tagOffset(image, 5)));
  for (let at = symbols; at < strings; at += 24) {
    const name = strings + image.readUInt32LE(at);
    const isIt = image.toString('latin1', name, name + 21) === '__vdso_clock_gettime\0';
    if (isIt) return Number(image.readBigUInt64LE(at + 8));
  }
  throw new Error('no clock_gettime');
};

/** How often a thread has run is always 0. */
const uncounted = (): Partial<Kernel> => {
  const files = new Set<number>();
  return {
    open: (path, flags) => {
      const file = kernel.open(path, flags);
      if (path.endsWith('/schedstat')) files.add(file);
      return file;
    },
    read: (file, into, position) => {
      if (!files.has(file)) return kernel.read(file, into, position);
      into.set(Buffer.from('0 0 0\n'));
      return 6;
    },
  };
};

/** Nothing stops, and time flies. */
const impatient = (): Partial<Kernel> => {
  let late = 0n;
  const monotonic = () => {
    late += 100_000_000n;
    return kernel.monotonic() + late;
  };
  return { signal: () => {}, monotonic };
};

const DENIED = { open: refusing(/\/io$/, 'EACCES', kernel.open) };
const MISSING = { open: refusing(/\/schedstat$/, 'ENOENT', kernel.open) };
const UNREADABLE = { readText: refusing(/\/maps$/, 'EACCES', kernel.readText) };
const YAMA = { open: refusing(/\/mem$/, 'EACCES', kernel.open) };
const NO_FORCE: Partial<Kernel> = {
  write: () => {
    throw failure('EIO');
  },
};

warpTest.each<[string, Partial<Kernel>, RegExp]>([
  ['NOVDSO', noVdso, /the process has no vdso: the kernel runs with vdso=0, or/],
  ['ACCESS', UNREADABLE, /maps cannot be read \(EACCES\); the program must be readable/],
  ['OPEN', YAMA, /mem cannot be opened for writing \(EACCES\); .*ptrace_scope must be 0 or 1/],
  ['WRITE', NO_FORCE, /vdso cannot be written \(EIO\); .*proc_mem\.force_override/],
  ['ELF', changedImage((image) => image.fill(0, 0, 64)), /no x86-64 ELF image/],
  ['SYM', changedImage(renamed), /the vdso has no __vdso_clock_gettime/],
  ['SYM', changedImage(shortened), /__vdso_clock_gettime has no room for a jump/],
  ['SPACE', changedImage(full), /no 556 bytes free in the vdso's 8192/],
  ['VERIFY', forgetful, /what was written to the vdso is not there/],
  ['NOEFFECT', pretending(), /a process reads \d+ \d+ instead of 2000000000000 \d+/],
  ['ENTRY', inEntries, /a thread stays where the vdso has to change; try again/],
  ['STOP', impatient(), /the process does not stop within 5000 ms; try again/],
  ['COUNTERS', DENIED, /io cannot be read \(EACCES\); to settle, the kernel needs/],
  ['COUNTERS', MISSING, /schedstat cannot be read \(ENOENT\); to settle, the kernel needs/],
  ['COUNTERS', uncounted(), /schedstat counts nothing/],
])('%s is named: %#', async (code, change, message) => {
  const found = await probeOn({ ...kernel, ...change });
  expect(found).toMatchObject({ ok: false, code });
  const line = found.ok ? '' : found.message;
  expect(line).toMatch(message);
  expect(line.startsWith(`${code}: `)).toBe(true);
  expect(line).not.toContain('\n');
  expect(childrenOf(process.pid)).toEqual([]);
});

warpTest('without room at its end, the section headers of the vdso make way', async () => {
  const lastByteUsed = changedImage((image) => {
    image[image.length - 1] = 1;
  });
  expect(await probeOn({ ...kernel, ...lastByteUsed })).toEqual({ ok: true });
});

/** What is left of what was started. */
const childrenOf = (pid: number): string[] =>
  readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const stat = kernel.readText(`/proc/${name}/stat`);
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[1] === String(pid) && !stat.includes('(sh)');
    } catch {
      return false;
    }
  });
