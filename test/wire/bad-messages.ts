/** Messages with absurd values, and messages that are none. */
import { create, type DescField, type DescMessage, ScalarType, toBinary } from '@bufbuild/protobuf';
import { Health } from '../../src/wire/gen/health_pb.ts';
import { Auth, Cluster, KV, Lease, Maintenance, Watch } from '../../src/wire/gen/rpc_pb.ts';
import type { Random } from '../../src/seed.ts';

export const METHODS = [KV, Watch, Lease, Cluster, Maintenance, Auth, Health].flatMap((service) =>
  service.methods.map((method) => ({
    path: `/${service.typeName}/${method.name}`,
    input: method.input,
  })),
);

export const randomBytes = (random: Random, length: number): Buffer => {
  const bytes = Buffer.alloc(length);
  for (let index = 0; index < length; index += 1) bytes[index] = random.below(256);
  return bytes;
};

/** A message whose every field may hold anything that its type allows. */
export const absurd = (random: Random, input: DescMessage): Uint8Array =>
  toBinary(input, create(input, fieldsOf(random, input, 0)));

/** A message of which a part is wrong: cut off, or other bytes in the middle. */
export const broken = (random: Random, input: DescMessage): Uint8Array => {
  const bytes = Buffer.from(absurd(random, input));
  if (bytes.length === 0 || random.chance(1, 3)) return randomBytes(random, 1 + random.below(200));
  if (random.chance(1, 2)) return bytes.subarray(0, random.below(bytes.length));
  for (let count = 0; count < 3; count += 1) bytes[random.below(bytes.length)] = random.below(256);
  return bytes;
};

const INT64S = [
  0n,
  1n,
  -1n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  9_000_000_000n,
  9_000_000_001n,
  2n ** 53n,
];

const fieldsOf = (random: Random, message: DescMessage, depth: number): Record<string, unknown> => {
  const fields: Record<string, unknown> = {};
  for (const member of message.members) {
    const field = member.kind === 'oneof' ? random.pick(member.fields) : member;
    if (random.chance(1, 3)) continue;
    const value = valueOf(random, field, depth);
    if (value === undefined) continue;
    if (member.kind === 'oneof') fields[member.localName] = { case: field.localName, value };
    else fields[member.localName] = value;
  }
  return fields;
};

const valueOf = (random: Random, field: DescField, depth: number): unknown => {
  if (field.fieldKind === 'message') {
    return depth > 5 ? undefined : fieldsOf(random, field.message, depth + 1);
  }
  if (field.fieldKind === 'scalar') return scalarOf(random, field.scalar);
  if (field.fieldKind === 'enum') return random.pick([0, 1, 2, 3, 4, 5, 99, -1, 2 ** 31 - 1]);
  if (field.fieldKind === 'map') return undefined;
  return Array.from({ length: random.pick([0, 1, 2, 5, 200]) >> depth }, () => {
    if (field.listKind === 'message') return fieldsOf(random, field.message, depth + 3);
    if (field.listKind === 'enum') return random.pick([0, 1, 2, 99]);
    return scalarOf(random, field.scalar);
  });
};

const scalarOf = (random: Random, scalar: ScalarType): unknown => {
  switch (scalar) {
    case ScalarType.INT64:
      return random.pick(INT64S);
    case ScalarType.UINT64:
      return BigInt.asUintN(64, random.pick(INT64S));
    case ScalarType.BOOL:
      return random.chance(1, 2);
    case ScalarType.BYTES:
      return randomBytes(random, random.pick([0, 1, 1, 2, 8, 300]));
    case ScalarType.STRING:
      return random.pick(['', 'x', '\0', 'ä€😀', '%', 'y'.repeat(1000)]);
    default:
      return 0;
  }
};
