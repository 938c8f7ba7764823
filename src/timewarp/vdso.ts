/**
 * The vdso of a process: the page of code that the kernel maps into each, so that a program reads
 * the time without a system call. Here: where it is, where its functions are, where it has room.
 */
import { WarpUnsupported } from './errors.ts';

/** Where in a process its vdso is. */
export interface Mapping {
  readonly start: number;
  readonly bytes: number;
}

export interface Vdso {
  /** Name → offset and length of a function. */
  readonly functions: ReadonlyMap<string, VdsoFunction>;
  /** Offsets from which on the mapping holds nothing that is used at run time; the best first. */
  readonly caves: readonly number[];
}

export interface VdsoFunction {
  readonly offset: number;
  readonly bytes: number;
}

/** The mapping named `[vdso]` in the text of a /proc/PID/maps; undefined if there is none. */
export const findVdso = (maps: string): Mapping | undefined => {
  const range = /^([0-9a-f]+)-([0-9a-f]+) .*\[vdso\]$/m.exec(maps);
  if (range === null) return undefined;
  // User space ends at 2^47: exact in a number.
  const [start, end] = [range[1], range[2]].map((text) => Number.parseInt(text as string, 16));
  return { start: start as number, bytes: (end as number) - (start as number) };
};

/** Reads a vdso's image. Throws `WarpUnsupported` when it is none of x86-64. */
export const parseVdso = (image: Buffer): Vdso => {
  try {
    return parse(image);
  } catch (error) {
    // A number that points out of the image.
    if (!(error instanceof RangeError)) throw error;
    throw notElf('its tables are not where its header says');
  }
};

const ELF_MAGIC = 0x7f_45_4c_46;
const CLASS_64 = 2;
const LITTLE_ENDIAN = 1;
const MACHINE_X86_64 = 62;

const parse = (image: Buffer): Vdso => {
  const isElf =
    image.readUInt32BE(0) === ELF_MAGIC &&
    image[4] === CLASS_64 &&
    image[5] === LITTLE_ENDIAN &&
    image.readUInt16LE(18) === MACHINE_X86_64;
  if (!isElf) throw notElf('a 32-bit program, or another machine');
  const segments = readSegments(image);
  return {
    functions: readFunctions(image, segments),
    caves: readCaves(image, segments.loadEnd),
  };
};

const notElf = (what: string): WarpUnsupported =>
  new WarpUnsupported('ELF', `the process's vdso is no x86-64 ELF image (${what}); use another`);

interface Segments {
  /** Offset of the end of what is loaded. */
  readonly loadEnd: number;
  /** Offset of the dynamic section. */
  readonly dynamic: number;
  /** Address minus offset. */
  readonly bias: number;
}

const SEGMENT_LOAD = 1;
const SEGMENT_DYNAMIC = 2;

const readSegments = (image: Buffer): Segments => {
  const table = word(image, 32);
  const size = image.readUInt16LE(54);
  const count = image.readUInt16LE(56);
  let [loadEnd, dynamic, bias] = [0, 0, 0];
  for (let index = 0; index < count; index += 1) {
    const at = table + index * size;
    const kind = image.readUInt32LE(at);
    const offset = word(image, at + 8);
    if (kind === SEGMENT_LOAD) {
      loadEnd = offset + word(image, at + 40);
      bias = word(image, at + 16) - offset;
    }
    if (kind === SEGMENT_DYNAMIC) dynamic = offset;
  }
  if (loadEnd === 0 || dynamic === 0) throw notElf('it has no dynamic segment');
  return { loadEnd, dynamic, bias };
};

const TAG_HASH = 4;
const TAG_STRINGS = 5;
const TAG_SYMBOLS = 6;
const SYMBOL_BYTES = 24;
const TYPE_FUNCTION = 2;

const readFunctions = (image: Buffer, { dynamic, bias }: Segments): Vdso['functions'] => {
  const tags = readTags(image, dynamic, bias);
  const strings = tags.get(TAG_STRINGS);
  const symbols = tags.get(TAG_SYMBOLS);
  if (strings === undefined || symbols === undefined) throw notElf('it has no symbols');
  // Without a hash table: the strings follow the symbols in every vdso.
  const hash = tags.get(TAG_HASH);
  const count =
    hash === undefined
      ? Math.floor((strings - symbols) / SYMBOL_BYTES)
      : image.readUInt32LE(hash + 4);
  const functions = new Map<string, VdsoFunction>();
  for (let index = 1; index < count; index += 1) {
    const at = symbols + index * SYMBOL_BYTES;
    if ((image.readUInt8(at + 4) & 0xf) !== TYPE_FUNCTION) continue;
    const start = strings + image.readUInt32LE(at);
    const name = image.toString('latin1', start, image.indexOf(0, start));
    functions.set(name, { offset: word(image, at + 8) - bias, bytes: word(image, at + 16) });
  }
  return functions;
};

/** Tag → offset in the image. */
const readTags = (image: Buffer, dynamic: number, bias: number): ReadonlyMap<number, number> => {
  const tags = new Map<number, number>();
  for (let at = dynamic; ; at += 16) {
    const tag = word(image, at);
    if (tag === 0) return tags;
    tags.set(tag, word(image, at + 8) - bias);
  }
};

const readCaves = (image: Buffer, loadEnd: number): number[] => {
  const sectionsEnd = word(image, 40) + image.readUInt16LE(58) * image.readUInt16LE(60);
  const lastUsed = image.findLastIndex((byte) => byte !== 0);
  // The second is over the section headers: only debuggers read them.
  return [Math.max(loadEnd, sectionsEnd, lastUsed + 1), loadEnd].map(
    (offset) => Math.ceil(offset / CAVE_ALIGNMENT) * CAVE_ALIGNMENT,
  );
};

const CAVE_ALIGNMENT = 64;

/** An unsigned number of 64 bits that fits. */
const word = (image: Buffer, offset: number): number => Number(image.readBigUInt64LE(offset));
