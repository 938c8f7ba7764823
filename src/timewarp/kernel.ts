/**
 * All that this module asks of the kernel, behind one face: a test puts a kernel in its place that
 * refuses.
 */
import { closeSync, openSync, readdirSync, readSync, statSync, writeSync } from 'node:fs';

/** An open file of /proc. */
export type FileDescriptor = number;

export interface Kernel {
  readonly platform: string;
  readonly arch: string;
  /** CLOCK_MONOTONIC, in nanoseconds: the clock that the patched code reads as well. */
  readonly monotonic: () => bigint;
  /** CLOCK_REALTIME, in nanoseconds, right to the millisecond. */
  readonly wall: () => bigint;
  readonly signal: (id: number, name: NodeJS.Signals) => void;
  readonly list: (folder: string) => string[];
  /** How many links a folder has: changes with how many folders are in it. */
  readonly links: (folder: string) => number;
  readonly readText: (path: string) => string;
  readonly open: (path: string, flags: 'r' | 'r+') => FileDescriptor;
  /** Returns how many bytes were read. */
  readonly read: (file: FileDescriptor, into: Uint8Array, position: number) => number;
  /** Returns how many bytes were written. */
  readonly write: (file: FileDescriptor, bytes: Uint8Array, position: number) => number;
  readonly close: (file: FileDescriptor) => void;
  /** Does nothing for so long, our event loop included. */
  readonly rest: (ms: number) => void;
}

// Taken once: whoever gives this process a fake clock later does not mean us.
const monotonic = process.hrtime.bigint.bind(process.hrtime);
const now = Date.now.bind(Date);

/** A file of /proc, which says of itself that it is empty. One buffer serves all. */
const readText = (path: string): string => {
  const file = openSync(path, 'r');
  try {
    let text = '';
    for (;;) {
      const length = readSync(file, TEXT, 0, TEXT.length, text.length);
      if (length === 0) return text;
      text += TEXT.toString('latin1', 0, length);
    }
  } finally {
    closeSync(file);
  }
};
const TEXT = Buffer.alloc(65_536);

/** The kernel of this machine. */
export const kernel: Kernel = {
  platform: process.platform,
  arch: process.arch,
  monotonic,
  // What the machine's date says to the millisecond, and digits that no two calls share.
  wall: () => BigInt(now()) * 1_000_000n + (monotonic() % 1_000_000n),
  signal: (id, name) => {
    process.kill(id, name);
  },
  list: (folder) => readdirSync(folder),
  links: (folder) => statSync(folder).nlink,
  readText,
  open: (path, flags) => openSync(path, flags),
  read: (file, into, position) => readSync(file, into, 0, into.length, position),
  write: (file, bytes, position) => writeSync(file, bytes, 0, bytes.length, position),
  close: (file) => closeSync(file),
  rest: (ms) => {
    Atomics.wait(NEVER_WOKEN, 0, 0, ms);
  },
};

const NEVER_WOKEN = new Int32Array(new SharedArrayBuffer(4));
