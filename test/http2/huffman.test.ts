/** Against the packing of Node's own HTTP/2. */
import { expect, test } from 'vitest';
import { headersIn, requestHeaders } from '../../src/http2/header-block.ts';
import { decodeHuffman } from '../../src/http2/huffman.ts';

test('what appendix C.4 of RFC 7541 shows is read as it says', () => {
  const read = (hex: string) => decodeHuffman(Buffer.from(hex, 'hex'));
  expect(read('f1e3c2e5f23a6ba0ab90f4ff')).toBe('www.example.com');
  expect(read('a8eb10649cbf')).toBe('no-cache');
  expect(read('25a849e95ba97d7f')).toBe('custom-key');
  expect(read('')).toBe('');
});

test.each([
  ['more ones at its end than fill a byte', '1fff', 'ends within'],
  ['a byte of ones', 'f8ff', 'ends within'],
  ['a last bit that is no one', 'f1e3c2e5f23a6ba0ab90f4fe', 'ends within'],
  ['the code that ends all', 'ffffffff', 'stands for nothing'],
])('%s: no string', (_, hex, why) => {
  expect(() => decodeHuffman(Buffer.from(hex, 'hex'))).toThrow(why);
});

test('a block is read in each form that a field may have', () => {
  const block = (hex: string) => [...headersIn(Buffer.from(hex.replaceAll(' ', ''), 'hex'))];
  // Indexed; a name from the table, indexed and not; a new name, indexed, not, and never.
  expect(block('88 5f 03 612f62 0f10 03 612f62')).toEqual([]);
  expect(block('40 01 61 01 62  00 01 63 01 64  10 01 65 00')).toEqual([
    ['a', 'b'],
    ['c', 'd'],
    ['e', ''],
  ]);
  expect(block('20 00 01 61 7f 01' + '62'.repeat(128))).toEqual([['a', 'b'.repeat(128)]]);
});

test.each([
  ['it is cut off in a name', '0002 61', 'cut off'],
  ['it is cut off before a value', '000161', 'cut off'],
  ['it names a header that nobody said', 'be', 'no header 62'],
  ['it names none', '80', 'no header 0'],
  ['it takes a name that nobody said', '7e 00', 'no header 62'],
  ['a table is begun', '3f e1 1f', 'keeps a table'],
  ['a number does not end', '7f ff ff ff ff ff ff', 'too long'],
])('%s: no block', (_, hex, why) => {
  expect(() => headersIn(Buffer.from(hex.replaceAll(' ', ''), 'hex'))).toThrow(why);
});

test('a request has its path at any length', () => {
  for (const length of [1, 126, 127, 128, 254, 255, 256, 20_000]) {
    const path = `/${'p'.repeat(length - 1)}`;
    const block = requestHeaders('h:1', path);
    // After `:authority`, the name of `:path`.
    const at = 2 + 1 + 1 + 3;
    expect(block[at]).toBe(0x04);
    const value = Buffer.concat([Buffer.from([0, 1, 0x61]), block.subarray(at + 1)]);
    const end = value.indexOf(Buffer.from([0x0f, 0x10]));
    expect(headersIn(value.subarray(0, end)).get('a')).toBe(path);
  }
});
