/** Messages of protocol buffers, as far as etcd's lease and key commands need them. */
import { asBytes, type Bytes } from '../../api/bytes.ts';

/**
 * A field to be written: its number, and a whole number of 64 bits, a flag, bytes, or a message,
 * which is there even when nothing is in it.
 */
export type Field = readonly [number: number, value: bigint | boolean | Bytes | Buffer];

/** A message; fields that have their default value are left out, as the protocol wants it. */
export const encodeMessage = (fields: readonly Field[]): Buffer => {
  const bytes: number[] = [];
  for (const [number, value] of fields) {
    if (typeof value === 'string') pushBytes(bytes, number, value);
    else if (typeof value === 'object') pushMessage(bytes, number, value);
    else if (value) pushNumber(bytes, number, BigInt(value));
  }
  return Buffer.from(bytes);
};

const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;

const pushBytes = (bytes: number[], number: number, value: Bytes): void => {
  if (value === '') return;
  pushTag(bytes, number, LENGTH_DELIMITED);
  pushVarint(bytes, BigInt(value.length));
  for (let index = 0; index < value.length; index += 1) bytes.push(value.charCodeAt(index));
};

const pushMessage = (bytes: number[], number: number, value: Buffer): void => {
  pushTag(bytes, number, LENGTH_DELIMITED);
  pushVarint(bytes, BigInt(value.length));
  for (const byte of value) bytes.push(byte);
};

const pushNumber = (bytes: number[], number: number, value: bigint): void => {
  pushTag(bytes, number, VARINT);
  pushVarint(bytes, BigInt.asUintN(64, value));
};

const pushTag = (bytes: number[], number: number, kind: number): void =>
  pushVarint(bytes, BigInt((number << 3) | kind));

const pushVarint = (bytes: number[], value: bigint): void => {
  let left = value;
  for (; left > 0x7fn; left >>= 7n) bytes.push(Number(left & 0x7fn) | 0x80);
  bytes.push(Number(left));
};

/** What a message says, by field number; a field that is absent has its default value. */
export class Message {
  readonly #bytes: Buffer;
  /** Where each value begins: a varint, or the length of bytes. */
  readonly #fields = new Map<number, number[]>();

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    for (let at = 0; at < bytes.length; ) {
      const tag = this.#varint(at);
      const starts = this.#fields.get(Number(tag.value) >> 3);
      if (starts === undefined) this.#fields.set(Number(tag.value) >> 3, [tag.end]);
      else starts.push(tag.end);
      at = this.#endOf(Number(tag.value) & 7, tag.end);
    }
  }

  /** A signed number of 64 bits. */
  int64(field: number): bigint {
    const start = this.#last(field);
    return start === undefined ? 0n : BigInt.asIntN(64, BigInt(this.#varint(start).value));
  }

  uint64(field: number): bigint {
    const start = this.#last(field);
    return start === undefined ? 0n : BigInt(this.#varint(start).value);
  }

  bytes(field: number): Bytes {
    const start = this.#last(field);
    return asBytes(start === undefined ? '' : this.#slice(start).toString('latin1'));
  }

  allBytes(field: number): readonly Bytes[] {
    return this.#all(field).map((slice) => asBytes(slice.toString('latin1')));
  }

  message(field: number): Message | null {
    const start = this.#last(field);
    return start === undefined ? null : new Message(this.#slice(start));
  }

  messages(field: number): readonly Message[] {
    return this.#all(field).map((slice) => new Message(slice));
  }

  #all(field: number): readonly Buffer[] {
    return (this.#fields.get(field) ?? []).map((start) => this.#slice(start));
  }

  #last(field: number): number | undefined {
    return this.#fields.get(field)?.at(-1);
  }

  #slice(start: number): Buffer {
    const { value, end } = this.#varint(start);
    return this.#bytes.subarray(end, end + Number(value));
  }

  #endOf(kind: number, start: number): number {
    if (kind === FIXED_64) return start + 8;
    const { value, end } = this.#varint(start);
    if (kind === VARINT) return end;
    if (kind === LENGTH_DELIMITED) return end + Number(value);
    throw new Error(`a message has a field of kind ${kind}, which etcd does not use`);
  }

  /** Most are small: those are numbers, which are quicker than bigints. */
  #varint(start: number): { readonly value: number | bigint; readonly end: number } {
    let small = 0;
    for (let at = start, scale = 1; at < start + 7; at += 1, scale *= 128) {
      const byte = this.#byte(at);
      small += (byte & 0x7f) * scale;
      if (byte < 0x80) return { value: small, end: at + 1 };
    }
    let value = BigInt(small);
    for (let at = start + 7, shift = 49n; ; at += 1, shift += 7n) {
      const byte = this.#byte(at);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return { value: BigInt.asUintN(64, value), end: at + 1 };
    }
  }

  #byte(at: number): number {
    const byte = this.#bytes[at];
    if (byte === undefined) throw new Error('a message is cut off');
    return byte;
  }
}
