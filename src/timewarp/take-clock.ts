/**
 * Takes the clock of a process that has just been started: stops it, puts our code into its vdso,
 * and lets it go on.
 *
 * The kernel gives the process a private copy of the page that we write to; no other process sees
 * it. Bodies of the replaced functions stay but for their first five bytes, so a thread that was
 * stopped deeper inside one finishes it.
 */
import { blockWith, ControlBlock, type Slot } from './control-block.ts';
import { errnoOf, meansGone, WarpUnsupported } from './errors.ts';
import type { FileDescriptor, Kernel } from './kernel.ts';
import { BLOCK_BYTES, JUMP_BYTES, jump, REPLACEMENTS, REQUIRED_FUNCTION } from './machine-code.ts';
import { ACCESS_REMEDY, goOn, hasEnded, standStill, threadFiles } from './standstill.ts';
import { findVdso, type Mapping, parseVdso, type Vdso } from './vdso.ts';

/**
 * Returns the way to the process's clock; undefined when the process has come so far that its own
 * code may have read the time. `slotNow` is asked while the process stands still, so that its clock
 * can begin no earlier than what its loader and its runtime have read.
 *
 * Throws `WarpUnsupported` or `WarpFailed`; then the process may be left stopped.
 */
export const takeClock = (kernel: Kernel, pid: number, slotNow: () => Slot): Taken => {
  standStill(kernel, pid);
  // The Go runtime makes its second thread before it runs any code of the program.
  if (threadFiles(kernel, pid, 'stat').length > 1) return undefined;
  const mapping = readMapping(kernel, pid);
  const memory = openMemory(kernel, pid);
  try {
    const { block, patches } = plan(readImage(kernel, memory, mapping));
    const slot = slotNow();
    const bytes = blockWith(slot);
    write(kernel, memory, bytes, mapping.start + block);
    leaveEntries(kernel, pid, mapping, patches);
    for (const { at, jump } of patches) write(kernel, memory, jump, mapping.start + at);
    verify(kernel, memory, mapping.start + block, bytes);
    for (const { at, jump } of patches) verify(kernel, memory, mapping.start + at, jump);
    goOn(kernel, pid);
    return new ControlBlock(kernel, memory, mapping.start + block, slot);
  } catch (error) {
    kernel.close(memory);
    throw error;
  }
};

type Taken = ControlBlock | undefined;

interface Patch {
  /** Offset of the function that is replaced. */
  readonly at: number;
  readonly jump: Uint8Array;
}

interface Plan {
  /** Offset of the block. */
  readonly block: number;
  readonly patches: readonly Patch[];
}

/** Where in the vdso what goes. */
const plan = (image: Buffer): Plan => {
  const { functions, caves } = parseVdso(image);
  const block = caves.find((offset) => offset + BLOCK_BYTES <= image.length);
  if (block === undefined) {
    const room = `no ${BLOCK_BYTES} bytes free in the vdso's ${image.length}`;
    throw new WarpUnsupported('SPACE', `${room}; another kernel is needed`);
  }
  return { block, patches: planPatches(functions, block) };
};

const planPatches = (functions: Vdso['functions'], block: number): Patch[] => {
  if (!functions.has(REQUIRED_FUNCTION)) {
    throw new WarpUnsupported('SYM', `the vdso has no ${REQUIRED_FUNCTION}; use another kernel`);
  }
  return Object.entries(REPLACEMENTS).flatMap(([name, offset]) => {
    const old = functions.get(name);
    if (old === undefined) return [];
    if (old.bytes < JUMP_BYTES) {
      throw new WarpUnsupported('SYM', `${name} has no room for a jump; use another kernel`);
    }
    return [{ at: old.offset, jump: jump(old.offset, block + offset) }];
  });
};

const readMapping = (kernel: Kernel, pid: number): Mapping => {
  const path = `/proc/${pid}/maps`;
  const mapping = findVdso(
    attempt('ACCESS', `${path} cannot be read`, () => kernel.readText(path)),
  );
  if (mapping !== undefined) return mapping;
  const causes = 'the kernel runs with vdso=0, or this is a sandbox with a kernel of its own';
  throw new WarpUnsupported('NOVDSO', `the process has no vdso: ${causes}`);
};

const openMemory = (kernel: Kernel, pid: number): FileDescriptor => {
  const path = `/proc/${pid}/mem`;
  return attempt('OPEN', `${path} cannot be opened for writing`, () => kernel.open(path, 'r+'));
};

const readImage = (kernel: Kernel, memory: FileDescriptor, { start, bytes }: Mapping): Buffer => {
  const image = Buffer.alloc(bytes);
  attempt('ACCESS', "the process's vdso cannot be read", () => kernel.read(memory, image, start));
  return image;
};

const write = (kernel: Kernel, memory: FileDescriptor, bytes: Uint8Array, at: number): void => {
  const taken = attempt('WRITE', "the process's vdso cannot be written", () =>
    kernel.write(memory, bytes, at),
  );
  if (taken !== bytes.length) throw hasEnded();
};

const verify = (kernel: Kernel, memory: FileDescriptor, at: number, expected: Uint8Array): void => {
  const found = Buffer.alloc(expected.length);
  attempt('ACCESS', "the process's vdso cannot be read", () => kernel.read(memory, found, at));
  if (found.equals(expected)) return;
  throw new WarpUnsupported('VERIFY', 'what was written to the vdso is not there: an emulator?');
};

/**
 * No thread may stand between the first and the sixth byte of a function that is replaced: it would
 * go on in the middle of the jump. If one does, the process runs a little further.
 */
const leaveEntries = (
  kernel: Kernel,
  pid: number,
  { start }: Mapping,
  patches: readonly Patch[],
): void => {
  const isInside = (pc: number) =>
    patches.some(({ at }) => pc > start + at && pc < start + at + JUMP_BYTES);
  for (let attempts = 0; attempts < ENTRY_ATTEMPTS; attempts += 1) {
    // The last field is where the thread stands.
    const pcs = threadFiles(kernel, pid, 'syscall').map((line) =>
      Number(line.trim().split(' ').at(-1)),
    );
    if (!pcs.some(isInside)) return;
    goOn(kernel, pid);
    standStill(kernel, pid);
  }
  throw new WarpUnsupported('ENTRY', 'a thread stays where the vdso has to change; try again');
};

const ENTRY_ATTEMPTS = 50;

const attempt = <Result>(
  code: keyof typeof REMEDIES,
  what: string,
  action: () => Result,
): Result => {
  try {
    return action();
  } catch (error) {
    if (meansGone(error)) throw hasEnded();
    if (!/^E[A-Z0-9]+$/.test(errnoOf(error))) throw error;
    throw refused(code, what, error);
  }
};

const refused = (code: keyof typeof REMEDIES, what: string, cause: unknown): WarpUnsupported =>
  new WarpUnsupported(code, `${what} (${errnoOf(cause)}); ${REMEDIES[code]}`, { cause });

const REMEDIES = {
  ACCESS: ACCESS_REMEDY,
  OPEN: 'a security module forbids it: kernel.yama.ptrace_scope must be 0 or 1',
  WRITE: 'the kernel forbids it: boot without proc_mem.force_override=never (or =ptrace)',
} as const;
