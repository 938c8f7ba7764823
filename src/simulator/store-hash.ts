/**
 * The hash of a store's keys up to a revision, as etcd's HashKV computes it: CRC-32C over the
 * revisions and the pairs as they stand in its file.
 */
import { FROM_KEY } from '../api/bytes.ts';
import type { KeyValue } from '../api/response.ts';
import type { History, Version } from './history.ts';

/** The hash up to a revision that is neither compacted nor in the future. */
export const hashUpTo = (history: History, revision: number): number => {
  const sum = new Checksum();
  sum.text('key');
  // Of what was there when the past was compacted, only what can still be seen counts, unless
  // nothing can.
  const seen = new Set(history.range(FROM_KEY, FROM_KEY, revision));
  for (const { version, place } of history.all(revision)) {
    if (version.modRevision > revision) break;
    const isOld = version.modRevision <= history.floor;
    if (isOld && seen.size > 0 && !seen.has(version)) continue;
    addRevision(sum, version, place);
    addPair(sum, version);
  }
  return sum.value;
};

/** Two numbers of eight bytes, and a mark for a deletion. */
const addRevision = (sum: Checksum, version: Version, place: number): void => {
  sum.fixed64(version.modRevision);
  sum.text('_');
  sum.fixed64(place);
  if (version.version === 0) sum.text('t');
};

/** A `mvccpb.KeyValue`; what is zero or empty is left out, as is all but the key of a deletion. */
const addPair = (sum: Checksum, version: KeyValue): void => {
  addBytes(sum, 1, version.key);
  if (version.version === 0) return;
  addNumber(sum, 2, BigInt(version.createRevision));
  addNumber(sum, 3, BigInt(version.modRevision));
  addNumber(sum, 4, BigInt(version.version));
  addBytes(sum, 5, version.value);
  addNumber(sum, 6, version.lease);
};

const addNumber = (sum: Checksum, field: number, value: bigint): void => {
  if (value === 0n) return;
  sum.byte(field << 3);
  sum.varint(value);
};

const addBytes = (sum: Checksum, field: number, bytes: string): void => {
  if (bytes === '') return;
  sum.byte((field << 3) | 2);
  sum.varint(BigInt(bytes.length));
  sum.text(bytes);
};

/** CRC-32 with Castagnoli's polynomial, byte by byte. */
class Checksum {
  #crc = -1;

  get value(): number {
    return ~this.#crc >>> 0;
  }

  byte(byte: number): void {
    this.#crc = (this.#crc >>> 8) ^ (TABLE[(this.#crc ^ byte) & 0xff] as number);
  }

  text(text: string): void {
    for (let index = 0; index < text.length; index += 1) this.byte(text.charCodeAt(index));
  }

  /** Most significant byte first. */
  fixed64(value: number): void {
    for (let shift = 56; shift >= 0; shift -= 8) this.byte(Math.floor(value / 2 ** shift) & 0xff);
  }

  /** Seven bits at a time; a negative int64 takes ten bytes. */
  varint(value: bigint): void {
    let rest = BigInt.asUintN(64, value);
    for (; rest > 0x7fn; rest >>= 7n) this.byte(Number(rest & 0x7fn) | 0x80);
    this.byte(Number(rest));
  }
}

const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  return crc;
});
