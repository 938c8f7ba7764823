/**
 * A number or a text of JSON as a scalar of a message, the way each generation of gateways does.
 */
import { ScalarType } from '@bufbuild/protobuf';
import { type JsonNode, readJson } from './gateway-json.ts';

/** WIRE-05: 3.4 has the first generation of grpc-gateway, later versions the second. */
export type Generation = 'v1' | 'v2';

export type ScalarRead =
  | { readonly value: string | boolean }
  | { readonly kind: 'absent' }
  /** In the second generation what is wrong is said by whoever knows the field. */
  | { readonly kind: 'wrong'; readonly message: string };

const WRONG = { kind: 'wrong', message: '' } as const;

/** [what Go calls the type, its bounds]. */
const INTEGERS: ReadonlyMap<ScalarType, readonly [string, bigint, bigint]> = new Map([
  [ScalarType.INT64, ['int64', -(1n << 63n), (1n << 63n) - 1n]],
  [ScalarType.UINT64, ['uint64', 0n, (1n << 64n) - 1n]],
  [ScalarType.INT32, ['int32', -(1n << 31n), (1n << 31n) - 1n]],
  [ScalarType.UINT32, ['uint32', 0n, (1n << 32n) - 1n]],
] as const);

/** The value as `fromJson` takes it. */
export const scalarOf = (type: ScalarType, node: JsonNode, generation: Generation): ScalarRead => {
  if (INTEGERS.has(type)) {
    return generation === 'v1' ? firstInteger(type, node) : secondInteger(type, node);
  }
  if (type === ScalarType.BOOL) {
    const isBool = node.kind === 'literal' && node.raw !== 'null';
    return isBool ? { value: node.raw === 'true' } : mistaken(node, type);
  }
  if (node.kind !== 'string') return mistaken(node, type);
  if (type !== ScalarType.BYTES) return { value: node.text };
  return generation === 'v1' ? firstBytes(node.text) : secondBytes(node.text);
};

/** As it is called in errors: `int64`, `bytes`. */
export const nameOfScalar = (type: ScalarType): string =>
  INTEGERS.get(type)?.[0] ?? (OTHERS.get(type)?.[0] as string);

/** [what protobuf calls it, what Go does]. */
const OTHERS: ReadonlyMap<ScalarType, readonly [string, string]> = new Map([
  [ScalarType.BOOL, ['bool', 'bool']],
  [ScalarType.BYTES, ['bytes', '[]uint8']],
  [ScalarType.STRING, ['string', 'string']],
] as const);

/** In the words of Go's own JSON package, which are those of the first generation. */
export const cannotUnmarshal = (node: JsonNode, goType: string): string =>
  `json: cannot unmarshal ${goKind(node)} into Go value of type ${goType}`;

const mistaken = (node: JsonNode, type: ScalarType): ScalarRead => ({
  kind: 'wrong',
  message: cannotUnmarshal(node, OTHERS.get(type)?.[1] ?? nameOfScalar(type)),
});

const goKind = (node: JsonNode): string => {
  if (node.kind !== 'literal') return node.kind;
  return node.raw === 'null' ? 'null' : 'bool';
};

const withinBounds = (type: ScalarType, value: bigint): boolean => {
  const [, least, most] = INTEGERS.get(type) as readonly [string, bigint, bigint];
  return value >= least && value <= most;
};

/** WIRE-03: whole numbers only; in a text there may be any JSON. */
const firstInteger = (type: ScalarType, node: JsonNode): ScalarRead => {
  if (node.kind === 'string') {
    const inner = readJson(node.text);
    if (inner.kind === 'bad') return { kind: 'wrong', message: inner.message };
    if (inner.kind === 'nothing') {
      return { kind: 'wrong', message: 'unexpected end of JSON input' };
    }
    if (inner.node.kind === 'literal' && inner.node.raw === 'null') return { kind: 'absent' };
    if (inner.node.kind !== 'string') return firstInteger(type, inner.node);
  }
  if (node.kind !== 'number') return mistaken(node, type);
  if (/^-?\d{1,20}$/.test(node.raw) && withinBounds(type, BigInt(node.raw))) {
    return { value: BigInt(node.raw).toString() };
  }
  const what = `json: cannot unmarshal number ${node.raw}`;
  return { kind: 'wrong', message: `${what} into Go value of type ${nameOfScalar(type)}` };
};

/** WIRE-03: any way to write a whole number, also in a text. */
const secondInteger = (type: ScalarType, node: JsonNode): ScalarRead => {
  if (node.kind !== 'number' && node.kind !== 'string') return WRONG;
  const value = wholeNumber(node.kind === 'string' ? node.text : node.raw);
  return value !== undefined && withinBounds(type, value) ? { value: value.toString() } : WRONG;
};

const NUMBER = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
const MOST_DIGITS = 20;
/** No number that anybody means is written with more. */
const MOST_CHARACTERS = 100;

/** Undefined: it is none, or has more digits than any that fits. */
const wholeNumber = (text: string): bigint | undefined => {
  if (text.length > MOST_CHARACTERS) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = NUMBER.exec(text) ?? [];
  if (sign === undefined) return undefined;
  const significant = `${whole}${fraction}`.replace(/^0+/, '');
  const digits = significant.replace(/0+$/, '');
  if (digits === '') return 0n;
  const zeros = Number(exponent) - fraction.length + significant.length - digits.length;
  if (zeros < 0 || digits.length + zeros > MOST_DIGITS) return undefined;
  return BigInt(`${sign}${digits}${'0'.repeat(zeros)}`);
};

/** Padded, in the standard alphabet, with line ends anywhere. */
const firstBytes = (text: string): ScalarRead => {
  const plain = text.replaceAll(/[\r\n]/g, '');
  const isWhole = plain.length % 4 === 0 && !STRANGE_STANDARD.test(withoutPadding(plain));
  if (isWhole) return { value: plain };
  return { kind: 'wrong', message: 'illegal base64 data at input byte 0' };
};

/** In either alphabet, padded or not. */
const secondBytes = (text: string): ScalarRead => {
  const digits = withoutPadding(text);
  const isUrlSafe = /[_-]/.test(digits);
  const isStrange = (isUrlSafe ? STRANGE_URL_SAFE : STRANGE_STANDARD).test(digits);
  const isPadded = digits.length < text.length;
  const fits = isPadded ? text.length % 4 === 0 : digits.length % 4 !== 1;
  if (isStrange || !fits) return WRONG;
  const standard = digits.replaceAll('-', '+').replaceAll('_', '/');
  return { value: standard.padEnd(Math.ceil(standard.length / 4) * 4, '=') };
};

const STRANGE_STANDARD = /[^A-Za-z\d+/]/;
const STRANGE_URL_SAFE = /[^A-Za-z\d_-]/;

const withoutPadding = (text: string): string => {
  if (text.endsWith('==')) return text.slice(0, -2);
  return text.endsWith('=') ? text.slice(0, -1) : text;
};
