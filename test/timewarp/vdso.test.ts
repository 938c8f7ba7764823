/** Reading a vdso: this machine's own, and broken ones. */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { expect, test } from 'vitest';
import { BLOCK_BYTES, REPLACEMENTS } from '../../src/timewarp/machine-code.ts';
import { findVdso, type Mapping, parseVdso } from '../../src/timewarp/vdso.ts';
import { needsThisMachine, warpTest } from './this-machine.ts';

needsThisMachine();

const ownMapping = (): Mapping => findVdso(readFileSync('/proc/self/maps', 'latin1')) as Mapping;

const ownImage = (): Buffer => {
  const { start, bytes } = ownMapping();
  const memory = openSync('/proc/self/mem', 'r');
  const image = Buffer.alloc(bytes);
  readSync(memory, image, 0, bytes, start);
  closeSync(memory);
  return image;
};

test('the mapping is found by its name', () => {
  const maps = `
7ffd1a3f2000-7ffd1a413000 rw-p 00000000 00:00 0                          [stack]
7ffd1a5b1000-7ffd1a5b5000 r--p 00000000 00:00 0                          [vvar]
7ffd1a5b5000-7ffd1a5b7000 r-xp 00000000 00:00 0                          [vdso]
`;
  expect(findVdso(maps)).toEqual({ start: 0x7ffd_1a5b_5000, bytes: 8192 });
  expect(findVdso(maps.replace('[vdso]', '[none]'))).toBeUndefined();
});

warpTest('this machine’s has the functions, and room in both caves', () => {
  const image = ownImage();
  const { functions, caves } = parseVdso(image);
  for (const name of Object.keys(REPLACEMENTS)) {
    const { offset, bytes } = functions.get(name) as { offset: number; bytes: number };
    expect(bytes).toBeGreaterThanOrEqual(5);
    expect(offset + bytes).toBeLessThanOrEqual(caves[1] as number);
  }
  for (const cave of caves) {
    expect(cave % 64).toBe(0);
    expect(cave + BLOCK_BYTES).toBeLessThanOrEqual(image.length);
  }
  // Nothing at all is in the first.
  expect(image.subarray(caves[0]).every((byte) => byte === 0)).toBe(true);
});

warpTest('without a hash table the symbols are counted by their room', () => {
  const image = ownImage();
  const { functions } = parseVdso(image);
  const hashTag = image.indexOf(Buffer.from([4, 0, 0, 0, 0, 0, 0, 0]), dynamicOffset(image));
  image[hashTag] = 0x7f;
  expect(parseVdso(image).functions).toEqual(functions);
});

warpTest.each([
  ['no ELF magic', 0, 0],
  ['32 bits', 4, 1],
  ['big-endian', 5, 2],
  ['another machine', 18, 183],
  ['a table outside of the image', 39, 1],
  ['no segments', 56, 0],
])('an image with %s is refused', (_what, offset, value) => {
  const image = ownImage();
  image[offset] = value;
  expect(() => parseVdso(image)).toThrow(/^ELF: the process's vdso is no x86-64 ELF image/);
});

const dynamicOffset = (image: Buffer): number => {
  const table = Number(image.readBigUInt64LE(32));
  for (let at = table; ; at += image.readUInt16LE(54)) {
    if (image.readUInt32LE(at) === 2) return Number(image.readBigUInt64LE(at + 8));
  }
};
