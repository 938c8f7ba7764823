/** A reply to a keep-alive is written by hand, to the bytes that the library writes. */
import { create, toBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { LeaseKeepAliveResponseSchema, ResponseHeaderSchema } from '../../src/wire/gen/rpc_pb.ts';
import { keepAliveBytes } from '../../src/wire/keep-alive-bytes.ts';

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
