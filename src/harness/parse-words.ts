/**
 * The words of a schedule's line: split, read one by one, and turned into names, keys and numbers.
 */
import { type Bytes, FROM_KEY, isBytes, NO_BYTES, prefixEnd } from '../api/bytes.ts';
import { LIMITS } from '../limits.ts';
import type { LeaseRef, RevisionRef } from './schedule.ts';
import { readBytes } from './words.ts';

/** What is wrong with a text, in one line. */
export class ScheduleSyntaxError extends Error {
  override readonly name = 'ScheduleSyntaxError';
}

/**
 * Splits at blanks, but neither within quotes nor within a comparison; `(`, `)` and `;` are words.
 */
export const splitWords = (text: string): string[] => text.match(WORDS) ?? [];

/**
 * A key in quotes, as the source of an expression with the flag `s`. One that is not closed goes to
 * the end: otherwise each quote in it would be looked through to the end anew.
 */
export const QUOTED = /"(?:[^"\\]|\\(?:.|$))*(?:"|$)/s.source;

const TARGETS = /(?:version|create|mod|lease|value)/.source;
const SIGN = /(?:!=|[=<>])/.source;
const WORDS = new RegExp(
  [
    `${TARGETS}\\((?:${QUOTED}|[^"()])*\\)${SIGN}(?:${QUOTED}|[^\\s();])*`,
    '[();]',
    `(?:${QUOTED}|[^\\s();])+`,
  ].join('|'),
  'gs',
);

/** Throws: `given` stands where `wanted` should. */
export const fail = (given: string, wanted: string): never => {
  throw new ScheduleSyntaxError(`found ${JSON.stringify(given.slice(0, 80))}, expected ${wanted}`);
};

/** The words of an action after its verb: `name=value` options and flags, each at most once. */
export class Words {
  readonly #words: string[];
  constructor(words: readonly string[]) {
    this.#words = [...words];
  }
  next(what: string): string {
    return this.#words.shift() ?? fail('the end of the line', what);
  }
  optional(): string | undefined {
    return this.#words.shift();
  }
  option(name: string): string | undefined {
    const at = this.#words.findIndex((word) => word.startsWith(`${name}=`));
    return at < 0 ? undefined : this.#words.splice(at, 1)[0]?.slice(name.length + 1);
  }
  flag(name: string): boolean {
    const at = this.#words.indexOf(name);
    if (at >= 0) this.#words.splice(at, 1);
    return at >= 0;
  }
  peek(): string | undefined {
    return this.#words[0];
  }
  /** Whether `word` comes next; then it is read. */
  flagNext(word: string): boolean {
    const isNext = this.#words[0] === word;
    if (isNext) this.#words.shift();
    return isNext;
  }
  end(wanted = 'the end of the line'): void {
    if (this.#words.length > 0) fail(this.#words.join(' '), wanted);
  }
}

export const parseRef = (text: string): LeaseRef => {
  if (/^#-?\d{1,19}$/.test(text)) return `#${int64(text.slice(1))}`;
  if (!/^[A-Za-z][A-Za-z0-9]*(?:\.[1-9]\d{0,4})?$/.test(text))
    fail(text, 'a lease such as A, B.2, #-5');
  // `lease(k)=none`, `ttl A keys`.
  if (text === 'none' || text === 'keys') fail(text, 'another name: this is a word of schedules');
  return text;
};

export const parseRevision = (text: string): RevisionRef => {
  if (/^rev(?:[+-][1-9]\d{0,17})?$/.test(text)) return text;
  return /^-?\d{1,19}$/.test(text)
    ? String(int64(text))
    : fail(text, 'a revision as 5, rev, rev-2');
};

export const parseStream = (words: Words): number => {
  const stream = Number(words.option('stream') ?? 1);
  if (!(Number.isInteger(stream) && stream >= 1 && stream <= 100))
    fail(String(stream), 'a stream from 1 to 100');
  return stream;
};

export const int64 = (text: string): bigint => {
  const value = /^-?\d{1,19}$/.test(text) ? BigInt(text) : fail(text, 'an int64');
  return BigInt.asIntN(64, value) === value ? value : fail(text, 'an int64');
};

/** `A` or `A*12`. */
export const parseGroup = <T>(
  text: string,
  read: (name: string) => T,
): { name: T; count: number } => {
  const parts = /^(.+?)(?:\*([1-9]\d*))?$/s.exec(text) ?? fail(text, 'a name, or name*count');
  const count = Number(parts[2] ?? 1);
  if (count > LIMITS.group) fail(text, `a group of at most ${LIMITS.group}`);
  return { name: read(parts[1] ?? ''), count };
};

export const parseKey = (text: string): Bytes => {
  const key = readBytes(text) ?? fail(text, 'a key such as k, or "any \\u00ff bytes"');
  return isBytes(key) ? key : fail(text, 'one character per byte, none above \\u00ff');
};

export const parseRange = (words: Words): { key: Bytes; rangeEnd: Bytes } => {
  const prefix = words.flag('prefix');
  const fromKey = words.flag('from-key');
  const key = parseKey(words.next('a key'));
  if (prefix) return { key, rangeEnd: prefixEnd(key) };
  if (fromKey) return { key, rangeEnd: FROM_KEY };
  return words.flag('to')
    ? { key, rangeEnd: parseKey(words.next('a key')) }
    : { key, rangeEnd: NO_BYTES };
};
