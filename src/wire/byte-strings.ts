/** Bytes as messages carry them, and as byte strings. */
import { asBytes, type Bytes, NO_BYTES } from '../api/bytes.ts';

export const bytesOf = (array: Uint8Array): Bytes =>
  array.length === 0
    ? NO_BYTES
    : asBytes(Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('latin1'));

export const arrayOf = (bytes: Bytes): Uint8Array<ArrayBuffer> => Buffer.from(bytes, 'latin1');
