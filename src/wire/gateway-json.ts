/**
 * Reads one JSON value off a text, and says what is wrong with it in the words of Go's scanner,
 * which is what etcd's gateway reads with. Numbers stay texts: none is rounded.
 *
 * The text is the bytes of the body, a character each, so that a piece of it that is no UTF-8 does
 * no harm to what stands beside it.
 */
import { isUtf8 } from 'node:buffer';

export type JsonNode =
  | { readonly kind: 'object'; readonly at: number; readonly members: readonly JsonMember[] }
  | { readonly kind: 'array'; readonly at: number; readonly items: readonly JsonNode[] }
  | { readonly kind: 'string'; readonly at: number; readonly raw: string; readonly text: string }
  | { readonly kind: 'number' | 'literal'; readonly at: number; readonly raw: string };

export interface JsonMember {
  readonly name: string;
  readonly raw: string;
  readonly at: number;
  readonly value: JsonNode;
}

export type JsonRead =
  | {
      readonly kind: 'value';
      readonly node: JsonNode;
      readonly end: number;
      /** Where the first string begins that is no UTF-8; -1: nowhere. */
      readonly notUtf8At: number;
    }
  /** There is nothing but space. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'bad'; readonly message: string };

/** The first value from `from` on. What follows it is not looked at. */
export const readJson = (text: string, from = 0): JsonRead => {
  const reader = new Reader(text, from);
  try {
    reader.skipSpace();
    if (reader.at === text.length) return { kind: 'nothing' };
    const node = reader.value(0);
    return { kind: 'value', node, end: reader.at, notUtf8At: reader.notUtf8At };
  } catch (error) {
    if (!(error instanceof BadJson)) throw error;
    return { kind: 'bad', message: error.message };
  }
};

export const CUT_OFF = 'unexpected EOF';

/** Arrays and objects within each other; etcd allows 10,000, and no message has more than a few. */
const MAX_DEPTH = 500;

class BadJson extends Error {}

const SPACE = /[ \t\r\n]*/y;
/** No quote, no backslash, no control character. */
const PLAIN = /[ !#-[\]-\u{10ffff}]*/uy;
const ESCAPES = '"\\/bfnrt';

class Reader {
  readonly #text: string;
  at: number;
  notUtf8At = -1;

  constructor(text: string, at: number) {
    this.#text = text;
    this.at = at;
  }

  skipSpace(): void {
    this.#skip(SPACE);
  }

  value(depth: number): JsonNode {
    if (depth > MAX_DEPTH) throw new BadJson('exceeded max depth');
    const { at } = this;
    const first = this.#peek();
    if (first === '{') return this.#object(depth);
    if (first === '[') return this.#array(depth);
    if (first === '"') return { kind: 'string', at, ...this.#string() };
    if (first === '-' || isDigit(first)) return { kind: 'number', at, raw: this.#number() };
    for (const literal of ['true', 'false', 'null']) {
      if (first === literal[0]) return { kind: 'literal', at, raw: this.#literal(literal) };
    }
    throw this.#unexpected('looking for beginning of value');
  }

  #object(depth: number): JsonNode {
    const { at } = this;
    const members: JsonMember[] = [];
    this.at += 1;
    this.skipSpace();
    if (this.#took('}')) return { kind: 'object', at, members };
    for (;;) {
      const nameAt = this.at;
      if (this.#peek() !== '"') {
        throw this.#unexpected('looking for beginning of object key string');
      }
      const { raw, text: name } = this.#string();
      this.skipSpace();
      if (!this.#took(':')) throw this.#unexpected('after object key');
      this.skipSpace();
      members.push({ name, raw, at: nameAt, value: this.value(depth + 1) });
      this.skipSpace();
      if (this.#took('}')) return { kind: 'object', at, members };
      if (!this.#took(',')) throw this.#unexpected('after object key:value pair');
      this.skipSpace();
    }
  }

  #array(depth: number): JsonNode {
    const { at } = this;
    const items: JsonNode[] = [];
    this.at += 1;
    this.skipSpace();
    if (this.#took(']')) return { kind: 'array', at, items };
    for (;;) {
      items.push(this.value(depth + 1));
      this.skipSpace();
      if (this.#took(']')) return { kind: 'array', at, items };
      if (!this.#took(',')) throw this.#unexpected('after array element');
      this.skipSpace();
    }
  }

  #string(): { readonly raw: string; readonly text: string } {
    const { at } = this;
    this.at += 1;
    for (;;) {
      this.#skip(PLAIN);
      if (this.#took('"')) break;
      if (!this.#took('\\')) throw this.#unexpected('in string literal');
      this.#escape();
    }
    const raw = this.#text.slice(at, this.at);
    const bytes = Buffer.from(raw, 'latin1');
    if (this.notUtf8At < 0 && !isUtf8(bytes)) this.notUtf8At = at;
    return { raw, text: JSON.parse(bytes.toString()) as string };
  }

  #escape(): void {
    const which = this.#peek();
    if (which !== 'u' && !ESCAPES.includes(which)) {
      throw this.#unexpected('in string escape code');
    }
    this.at += 1;
    for (let digits = which === 'u' ? 4 : 0; digits > 0; digits -= 1) {
      if (!/[\da-fA-F]/.test(this.#peek())) {
        throw this.#unexpected('in \\u hexadecimal character escape');
      }
      this.at += 1;
    }
  }

  #number(): string {
    const { at } = this;
    this.#took('-');
    if (!this.#took('0')) this.#digits('in numeric literal');
    if (this.#took('.')) this.#digits('after decimal point in numeric literal');
    if (this.#took('e') || this.#took('E')) {
      if (!this.#took('+')) this.#took('-');
      this.#digits('in exponent of numeric literal');
    }
    return this.#text.slice(at, this.at);
  }

  #digits(where: string): void {
    if (!isDigit(this.#peek())) throw this.#unexpected(where);
    this.#skip(/\d*/y);
  }

  #literal(literal: string): string {
    for (let index = 0; index < literal.length; index += 1) {
      const expected = literal[index] as string;
      if (!this.#took(expected)) {
        throw this.#unexpected(`in literal ${literal} (expecting '${expected}')`);
      }
    }
    return literal;
  }

  #skip(pattern: RegExp): void {
    pattern.lastIndex = this.at;
    pattern.test(this.#text);
    this.at = pattern.lastIndex;
  }

  /** The next character; throws at the end. */
  #peek(): string {
    const next = this.#text[this.at];
    if (next === undefined) throw new BadJson(CUT_OFF);
    return next;
  }

  #took(expected: string): boolean {
    if (this.#text[this.at] !== expected) return false;
    this.at += 1;
    return true;
  }

  #unexpected(where: string): BadJson {
    return new BadJson(`invalid character ${quoted(this.#peek())} ${where}`);
  }
}

const isDigit = (character: string): boolean => character >= '0' && character <= '9';

/** As Go quotes a character. */
const quoted = (character: string): string => {
  if (character === "'") return `'\\''`;
  if (character === '"') return `'"'`;
  return `'${JSON.stringify(character)
    .slice(1, -1)
    .replace(/^\\u00/, '\\x')}'`;
};
