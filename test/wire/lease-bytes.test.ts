/** Keep-alives and grants are read and written by hand, as the library does it. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import {
  LeaseGrantRequestSchema,
  LeaseGrantResponseSchema,
  LeaseKeepAliveRequestSchema,
  LeaseKeepAliveResponseSchema,
  ResponseHeaderSchema,
} from '../../src/wire/gen/rpc_pb.ts';
import { grantBytes, grantOf, keepAliveBytes, keepAliveOf } from '../../src/wire/lease-bytes.ts';

const INT64S = [
  0n,
  1n,
  127n,
  128n,
  16_383n,
  16_384n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 35n,
  2n ** 53n + 1n,
  0x694d9c0e12345678n,
  2n ** 63n - 1n,
  -1n,
  -5n,
  -(2n ** 63n),
];
const UINT64S = INT64S.map((value) => BigInt.asUintN(64, value));

test('KA-01, WIRE-01 each number is written as the library writes it', () => {
  for (const [index, ID] of INT64S.entries()) {
    for (const [other, TTL] of INT64S.entries()) {
      const [clusterId = 0n, memberId = 0n] = [UINT64S[other], UINT64S[index]];
      const header = create(ResponseHeaderSchema, {
        clusterId,
        memberId,
        revision: TTL,
        raftTerm: clusterId,
      });
      const reply = create(LeaseKeepAliveResponseSchema, { header, ID, TTL });
      const expected = Buffer.from(toBinary(LeaseKeepAliveResponseSchema, reply));
      expect(Buffer.from(keepAliveBytes(reply))).toEqual(expected);
      expect(Buffer.from(keepAliveBytes(reply))).toEqual(expected);
    }
  }
});

test('the header of the reply before is not taken for that of this one', () => {
  const names = ['clusterId', 'memberId', 'revision', 'raftTerm'] as const;
  for (const name of names) {
    for (const value of [1n, 2n]) {
      const header = create(ResponseHeaderSchema, {
        clusterId: 9n,
        memberId: 9n,
        revision: 9n,
        raftTerm: 9n,
        [name]: value,
      });
      const reply = create(LeaseKeepAliveResponseSchema, { header, ID: 7n });
      const expected = Buffer.from(toBinary(LeaseKeepAliveResponseSchema, reply));
      expect(Buffer.from(keepAliveBytes(reply))).toEqual(expected);
    }
  }
});

test('a reply without a header has none', () => {
  const reply = create(LeaseKeepAliveResponseSchema, { ID: 7n, TTL: 3n });
  const expected = toBinary(LeaseKeepAliveResponseSchema, reply);
  expect(Buffer.from(keepAliveBytes(reply))).toEqual(Buffer.from(expected));
});

test('GRANT-01, WIRE-01 a reply to a grant is written as the library writes it', () => {
  const header = create(ResponseHeaderSchema, { clusterId: 9n, revision: 300n });
  for (const ID of INT64S) {
    for (const error of ['', 'no']) {
      const reply = create(LeaseGrantResponseSchema, { header, ID, TTL: 10n, error });
      const expected = Buffer.from(toBinary(LeaseGrantResponseSchema, reply));
      expect(Buffer.from(grantBytes(reply))).toEqual(expected);
    }
  }
  const bare = create(LeaseGrantResponseSchema, { ID: 7n });
  expect(Buffer.from(grantBytes(bare))).toEqual(
    Buffer.from(toBinary(LeaseGrantResponseSchema, bare)),
  );
});

test('GRANT-01, KA-01 each number of a request is read as the library reads it', () => {
  for (const TTL of INT64S) {
    for (const ID of INT64S) {
      const bytes = toBinary(LeaseGrantRequestSchema, create(LeaseGrantRequestSchema, { TTL, ID }));
      expect(grantOf(bytes)).toMatchObject({ TTL, ID });
    }
    const renewal = create(LeaseKeepAliveRequestSchema, { ID: TTL });
    expect(keepAliveOf(toBinary(LeaseKeepAliveRequestSchema, renewal)).ID).toBe(TTL);
  }
});

const nines = (count: number): number[] => Array.from({ length: count }, () => 0xff);

test.each([
  ['a field twice: the last counts', [0x08, 1, 0x08, 2]],
  ['fields in another order', [0x10, 3, 0x08, 2]],
  ['a number with more bytes than it needs', [0x08, 0x81, 0x80, 0x00]],
  ['a number of ten bytes', [0x08, ...nines(9), 0x01]],
  ['a number of more than 64 bits', [0x08, ...nines(9), 0x02]],
  ['a number of eleven bytes', [0x08, ...nines(10), 0x01]],
  ['a number that breaks off', [0x08, 0x80]],
  ['a tag that breaks off', [0x88]],
  ['a tag alone', [0x08]],
  ['a tag with more bytes than it needs', [0x88, 0x00, 5]],
  ['a field that nobody knows', [0x08, 5, 0x1a, 1, 0x61]],
  ['a number in a field that nobody knows', [0x08, 5, 0x10, 6, 0x18, 7]],
  ['a field of another kind', [0x0a, 1, 0x61]],
  ['a field 0', [0x00, 1]],
])('WIRE-01 %s', (_what, numbers) => {
  const bytes = Uint8Array.from(numbers);
  const seen = (read: () => { readonly ID: bigint; readonly TTL?: bigint }): unknown => {
    try {
      const { ID, TTL } = read();
      return { ID, TTL };
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(seen(() => grantOf(bytes))).toEqual(
    seen(() => fromBinary(LeaseGrantRequestSchema, bytes)),
  );
  expect(seen(() => keepAliveOf(bytes))).toEqual(
    seen(() => fromBinary(LeaseKeepAliveRequestSchema, bytes)),
  );
});
