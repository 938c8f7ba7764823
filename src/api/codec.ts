/**
 * Codecs between values and plain JSON, put together from smaller ones. What they read is checked
 * in full; fields they do not know are passed over.
 */
import { asBytes, type Bytes, isBytes } from './bytes.ts';

export interface Codec<T> {
  readonly encode: (value: T) => Json;
  /** Throws `DecodeError`. */
  readonly decode: (value: unknown) => T;
}

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [name: string]: Json };

/**
 * What is wrong with something that was read, in one line: where, what was given, what would be
 * right.
 */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  readonly #path: string;
  readonly #problem: string;

  constructor(problem: string, path = '') {
    super(path === '' ? problem : `${path}: ${problem}`);
    this.#path = path;
    this.#problem = problem;
  }

  /** The same, said of what holds the value as `name`. */
  within(name: string): DecodeError {
    const path = this.#path;
    return new DecodeError(
      this.#problem,
      path === '' || path.startsWith('[') ? name + path : `${name}.${path}`,
    );
  }
}

/** The error that `given` is where `wanted` should be. */
export const unexpected = (given: unknown, wanted: string): DecodeError =>
  new DecodeError(`found ${shown(given)}, expected ${wanted}`);

/** What `decode` makes of a part called `name`. */
export const decodePart = <T>(name: string, decode: () => T): T => {
  try {
    return decode();
  } catch (error) {
    throw error instanceof DecodeError ? error.within(name) : error;
  }
};

/** The codecs of an object's fields; `kind`, where there is one, is not among them. */
export type Fields<T> = { readonly [Name in Exclude<keyof T, 'kind'>]-?: Codec<T[Name]> };

/** The fields of each kind of a union. */
export type Kinds<U extends { readonly kind: string }> = {
  readonly [Kind in U['kind']]: Fields<Extract<U, { readonly kind: Kind }>>;
};

/** An object with these fields. */
export const record = <T extends object>(fields: Fields<T>): Codec<T> => {
  const codecs = Object.entries(fields) as [string, Codec<unknown>][];
  return {
    encode: (value) => {
      const encoded: Record<string, Json> = {};
      for (const [name, codec] of codecs) {
        const field = (value as Readonly<Record<string, unknown>>)[name];
        if (field !== undefined) encoded[name] = codec.encode(field);
      }
      return encoded;
    },
    decode: (value) => {
      if (!isObject(value)) throw unexpected(value, 'an object');
      const decoded: Record<string, unknown> = {};
      for (const [name, codec] of codecs) {
        const given = Object.hasOwn(value, name) ? value[name] : undefined;
        const field = decodePart(name, () => codec.decode(given));
        if (field !== undefined) decoded[name] = field;
      }
      return decoded as T;
    },
  };
};

/** An object whose `kind` says which fields it has. */
export const byKind = <U extends { readonly kind: string }>(kinds: Kinds<U>): Codec<U> => {
  const names = Object.keys(kinds);
  const codecs = new Map(names.map((kind) => [kind, record<object>(kinds[kind as U['kind']])]));
  return {
    encode: (value) => {
      const fields = codecs.get(value.kind)?.encode(value);
      return { kind: value.kind, ...(fields as Readonly<Record<string, Json>>) };
    },
    decode: (value) => {
      if (!isObject(value)) throw unexpected(value, 'an object');
      const kind = value['kind'];
      const codec = typeof kind === 'string' ? codecs.get(kind) : undefined;
      if (codec === undefined) throw unexpected(kind, oneOfThese(names)).within('kind');
      return { kind, ...codec.decode(value) } as unknown as U;
    },
  };
};

export const list = <T>(item: Codec<T>): Codec<readonly T[]> => ({
  encode: (values) => values.map(item.encode),
  decode: (value) => {
    if (!Array.isArray(value)) throw unexpected(value, 'a list');
    return value.map((each: unknown, at) => decodePart(`[${at}]`, () => item.decode(each)));
  },
});

export const nullable = <T>(codec: Codec<T>): Codec<T | null> => ({
  encode: (value) => (value === null ? null : codec.encode(value)),
  decode: (value) => (value === null ? null : codec.decode(value)),
});

/** A field that may be missing; `record` leaves out what is undefined. */
export const optional = <T>(codec: Codec<T>): Codec<T | undefined> => ({
  encode: (value) => (value === undefined ? null : codec.encode(value)),
  decode: (value) => (value === undefined ? undefined : codec.decode(value)),
});

/** A field that stands for `missing` where it is not there. */
export const otherwise = <T>(codec: Codec<T>, missing: T): Codec<T> => ({
  encode: codec.encode,
  decode: (value) => (value === undefined ? missing : codec.decode(value)),
});

/** One of a few words. */
export const word = <T extends string>(words: readonly T[]): Codec<T> => ({
  encode: (value) => value,
  decode: (value) => {
    const found = words.find((each) => each === value);
    if (found === undefined) throw unexpected(value, oneOfThese(words));
    return found;
  },
});

export const text: Codec<string> = {
  encode: (value) => value,
  decode: (value) => {
    if (typeof value !== 'string') throw unexpected(value, 'a text');
    return value;
  },
};

/** An object with any names and texts under them. */
export const texts: Codec<Readonly<Record<string, string>>> = {
  encode: (value) => ({ ...value }),
  decode: (value) => {
    if (!isObject(value)) throw unexpected(value, 'an object');
    for (const [name, each] of Object.entries(value)) decodePart(name, () => text.decode(each));
    return { ...value } as Record<string, string>;
  },
};

export const flag: Codec<boolean> = {
  encode: (value) => value,
  decode: (value) => {
    if (typeof value !== 'boolean') throw unexpected(value, 'true or false');
    return value;
  },
};

export const bytes: Codec<Bytes> = {
  encode: (value) => value,
  decode: (value) => {
    if (typeof value === 'string' && isBytes(value)) return asBytes(value);
    throw unexpected(value, 'a text of one character per byte, none above \\u00ff');
  },
};

/** A whole number, branded as the caller's type has it. */
export const whole = <T extends number = number>(least = Number.MIN_SAFE_INTEGER): Codec<T> => ({
  encode: (value) => value,
  decode: (value) => {
    if (Number.isSafeInteger(value) && (value as number) >= least) return value as T;
    const wanted = least === Number.MIN_SAFE_INTEGER ? '' : ` of at least ${least}`;
    throw unexpected(value, `a whole number${wanted}`);
  },
});

export const int64: Codec<bigint> = {
  encode: (value) => value.toString(),
  decode: (value) => {
    if (typeof value === 'string' && /^(?:0|-?[1-9]\d{0,18})$/.test(value)) {
      const number = BigInt(value);
      if (BigInt.asIntN(64, number) === number) return number;
    }
    throw unexpected(value, 'an int64 as a decimal text such as "-5"');
  },
};

/** True of an object that is neither null nor a list. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const SHOWN_CHARACTERS = 60;

const shown = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (isObject(value)) return 'an object';
  if (typeof value !== 'string') return `${value as number | boolean | bigint | null}`;
  const cut = value.length > SHOWN_CHARACTERS ? `${value.slice(0, SHOWN_CHARACTERS)}…` : value;
  return JSON.stringify(cut);
};

const oneOfThese = (words: readonly string[]): string =>
  words.length === 1 ? JSON.stringify(words[0]) : `one of ${words.join(', ')}`;
