/**
 * JSON as a message (WIRE-03). Unknown names are left out, null is as if it were not there; what is
 * wrong is said as each generation of gateways says it.
 */
import {
  type DescEnum,
  type DescField,
  type DescMessage,
  type DescOneof,
  fromJson,
  type JsonObject,
  type JsonValue,
  type MessageShape,
} from '@bufbuild/protobuf';
import { type JsonMember, type JsonNode, readJson } from './gateway-json.ts';
import { cannotUnmarshal, type Generation, nameOfScalar, scalarOf } from './gateway-scalars.ts';

export type MessageRead =
  | { readonly kind: 'message'; readonly message: MessageShape<DescMessage> }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'bad'; readonly message: string };

/** The first value in `body`, whose characters are bytes. */
export const readMessage = (
  schema: DescMessage,
  body: string,
  generation: Generation,
): MessageRead => {
  const read = readJson(body);
  if (read.kind !== 'value') return read;
  const { node, notUtf8At } = read;
  const mapper = new Mapper(body, node.at, generation);
  try {
    if (generation === 'v2' && notUtf8At >= 0) {
      throw mapper.syntaxError(notUtf8At, 'invalid UTF-8 in string');
    }
    const isNull = generation === 'v1' && isNullNode(node);
    const json = isNull ? {} : mapper.object(schema, node);
    return { kind: 'message', message: fromJson(schema, json) };
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error;
    return { kind: 'bad', message: error.message };
  }
};

class Mismatch extends Error {}

const isNullNode = (node: JsonNode): boolean => node.kind === 'literal' && node.raw === 'null';

/** Makes JSON that `fromJson` takes without complaint. */
class Mapper {
  readonly #body: string;
  /** Where the value begins, from which positions in errors count. */
  readonly #start: number;
  readonly #generation: Generation;

  constructor(body: string, start: number, generation: Generation) {
    this.#body = body;
    this.#start = start;
    this.#generation = generation;
  }

  object(schema: DescMessage, node: JsonNode): JsonObject {
    if (node.kind !== 'object') throw this.#unexpected(node, 'map[string]json.RawMessage');
    const json: Record<string, JsonValue> = {};
    const seen = new Set<DescField>();
    const chosen = new Set<DescOneof>();
    for (const member of node.members) {
      const { name, value } = member;
      const field = schema.fields.find((each) => each.name === name || each.jsonName === name);
      if (field === undefined) continue;
      if (seen.has(field)) this.#onDuplicate(member);
      seen.add(field);
      if (isNullNode(value)) continue;
      if (field.oneof !== undefined && !this.#mayChoose(field, field.oneof, chosen, member)) {
        continue;
      }
      const mapped = this.#field(field, value);
      if (mapped !== undefined) json[field.name] = mapped;
    }
    return json;
  }

  syntaxError(at: number, what: string): Mismatch {
    return new Mismatch(`proto: syntax error ${this.#position(at)}: ${what}`);
  }

  /** The first generation takes the last of them. */
  #onDuplicate({ at, raw }: JsonMember): void {
    if (this.#generation === 'v1') return;
    throw new Mismatch(`proto: ${this.#position(at)}: duplicate field ${utf8(raw)}`);
  }

  /** The first generation takes the first of several. */
  #mayChoose(
    field: DescField,
    oneof: DescOneof,
    chosen: Set<DescOneof>,
    { at, raw }: JsonMember,
  ): boolean {
    if (!chosen.has(oneof)) {
      chosen.add(oneof);
      return true;
    }
    if (this.#generation === 'v1') return false;
    const which = `oneof ${field.parent.typeName}.${oneof.name} is already set`;
    throw new Mismatch(`proto: ${this.#position(at)}: error parsing ${utf8(raw)}, ${which}`);
  }

  #field(field: DescField, node: JsonNode): JsonValue | undefined {
    if (field.fieldKind !== 'list') return this.#single(field, node);
    if (node.kind !== 'array') throw this.#unexpected(node, '[]json.RawMessage');
    return node.items
      .map((item) => this.#single(field, item))
      .filter((item): item is JsonValue => item !== undefined);
  }

  #single(field: DescField, node: JsonNode): JsonValue | undefined {
    if (field.message !== undefined) return this.object(field.message, node);
    if (field.enum !== undefined) return this.#enumValue(field, field.enum, node);
    if (field.scalar === undefined) return undefined;
    const read = scalarOf(field.scalar, node, this.#generation);
    if ('value' in read) return read.value;
    if (read.kind === 'absent') return undefined;
    if (this.#generation === 'v1') throw new Mismatch(read.message);
    throw this.#invalid(field, nameOfScalar(field.scalar), node);
  }

  #enumValue(field: DescField, schema: DescEnum, node: JsonNode): JsonValue | undefined {
    if (node.kind === 'string') {
      const value = schema.values.find(({ name }) => name === node.text);
      if (value !== undefined) return value.number;
      // The second generation takes it for something that only a later version knows.
      if (this.#generation === 'v2') return undefined;
      const within = schema.parent === undefined ? '' : `${schema.parent.name}_`;
      const goName = `${schema.file.proto.package}.${within}${schema.name}`;
      throw new Mismatch(`unknown value ${JSON.stringify(node.text)} for enum ${goName}`);
    }
    const number = node.kind === 'number' ? Number(node.raw) : Number.NaN;
    if (Number.isInteger(number) && number === (number | 0)) return number;
    if (this.#generation === 'v1') throw new Mismatch(cannotUnmarshal(node, 'int32'));
    throw this.#invalid(field, 'enum', node);
  }

  #invalid(field: DescField, kind: string, node: JsonNode): Mismatch {
    const where = `proto: ${this.#position(node.at)}`;
    return new Mismatch(
      `${where}: invalid value for ${kind} field ${field.jsonName}: ${token(node)}`,
    );
  }

  #unexpected(node: JsonNode, goType: string): Mismatch {
    return this.#generation === 'v1'
      ? new Mismatch(cannotUnmarshal(node, goType))
      : this.syntaxError(node.at, `unexpected token ${token(node)}`);
  }

  #position(at: number): string {
    const before = this.#body.slice(this.#start, at);
    const line = before.split('\n').length;
    const column = utf8(before.slice(before.lastIndexOf('\n') + 1)).length + 1;
    return `(line ${line}:${column})`;
  }
}

/** The piece of JSON that a complaint names: of what has parts, the first character. */
const token = (node: JsonNode): string => {
  if (node.kind === 'object') return '{';
  return node.kind === 'array' ? '[' : utf8(node.raw);
};

/** The text of bytes. */
const utf8 = (bytes: string): string => Buffer.from(bytes, 'latin1').toString();
