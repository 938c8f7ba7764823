/**
 * The control block: what the patched code of a process reads, and we write, through
 * /proc/PID/mem. Offsets are hexadecimal, numbers little-endian:
 *
 *     000  8  "TIMEWRP1"
 *     008  1  the generation; its last two bits name the slot in force
 *     040     four slots of 64 bytes:
 *             00 rate, 32.32 fixed point   08 anchor, raw monotonic ns   10 limit, ns
 *             18 monotonic base, ns        20 wall base, ns
 *     140     the code (machine-code.ts)
 *
 * An update fills the next slot and then writes the one byte of the generation.
 */
import type { FileDescriptor, Kernel } from './kernel.ts';
import { BLOCK_BYTES, CODE_OFFSET, MACHINE_CODE } from './machine-code.ts';
import type { Nanoseconds } from './nanoseconds.ts';
import { hasEnded } from './standstill.ts';

/** What a slot says. */
export interface Slot {
  /** Virtual time per real time, times 2^32. 0: the clock is frozen. */
  readonly rate: bigint;
  /** The raw monotonic time from which on the clock runs. */
  readonly anchor: Nanoseconds;
  /** How far it runs, at most. */
  readonly limit: Nanoseconds;
  /** What the monotonic clock shows at the anchor. */
  readonly monotonic: Nanoseconds;
  /** What the wall clock shows at the anchor. */
  readonly wall: Nanoseconds;
}

/** Rate 1. */
export const REAL_TIME = 1n << 32n;

/** No limit that is ever reached: 146 years. */
export const NO_LIMIT: Nanoseconds = 1n << 62n;

const GENERATION_OFFSET = 0x08;
const SLOTS_OFFSET = 0x40;
const SLOT_BYTES = 64;
const SLOTS = 4;
const GENERATIONS = 256;

/** A whole block, with `slot` in force. */
export const blockWith = (slot: Slot): Uint8Array => {
  const bytes = Buffer.alloc(BLOCK_BYTES);
  bytes.write('TIMEWRP1', 'latin1');
  bytes.set(slotBytes(slot), SLOTS_OFFSET);
  bytes.set(MACHINE_CODE, CODE_OFFSET);
  return bytes;
};

const slotBytes = ({ rate, anchor, limit, monotonic, wall }: Slot): Uint8Array => {
  const bytes = Buffer.alloc(SLOT_BYTES);
  for (const [index, value] of [rate, anchor, limit, monotonic, wall].entries()) {
    bytes.writeBigUInt64LE(value, 8 * index);
  }
  return bytes;
};

/** The block of a process that runs with it. */
export class ControlBlock {
  readonly #kernel: Kernel;
  readonly #memory: FileDescriptor;
  readonly #address: number;
  #generation = 0;
  #slot: Slot;
  #open = true;

  /** Takes over `memory`, the process's open /proc/PID/mem, where `blockWith(slot)` is written. */
  constructor(kernel: Kernel, memory: FileDescriptor, address: number, slot: Slot) {
    this.#kernel = kernel;
    this.#memory = memory;
    this.#address = address;
    this.#slot = slot;
  }

  /** The slot in force. */
  get slot(): Slot {
    return this.#slot;
  }

  /** Puts another slot in force. Throws `WarpFailed` when the process has ended. */
  write(slot: Slot): void {
    const next = (this.#generation + 1) % GENERATIONS;
    this.#put(slotBytes(slot), SLOTS_OFFSET + (next % SLOTS) * SLOT_BYTES);
    this.#put(Uint8Array.of(next), GENERATION_OFFSET);
    this.#generation = next;
    this.#slot = slot;
  }

  /** Lets go of the process's memory. Safe to call twice. */
  close(): void {
    if (this.#open) this.#kernel.close(this.#memory);
    this.#open = false;
  }

  #put(bytes: Uint8Array, offset: number): void {
    // The memory of a process that is gone takes nothing and gives no error.
    const taken = this.#open && this.#kernel.write(this.#memory, bytes, this.#address + offset);
    if (taken !== bytes.length) throw hasEnded();
  }
}
