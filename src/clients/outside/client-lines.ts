/**
 * The words in which programs are told what to do and say what happens to them, a line each: those
 * of `docs/CLIENT-PROTOCOL.md`.
 */
import { ABILITIES, type Ability, type ClientEvent, type Name } from '../adapter.ts';

/** What a program says. */
export type Heard =
  | { readonly kind: 'ready'; readonly abilities: readonly Ability[] }
  /** It is known not to keep a contract, and why. */
  | { readonly kind: 'exception'; readonly contract: string; readonly why: string }
  | { readonly kind: 'event'; readonly event: ClientEvent }
  /** A call is done; `error`: or failed, and why. */
  | { readonly kind: 'settled'; readonly call: number; readonly error: string | null };

/** A line makes no sense, and why. */
export class Nonsense extends Error {
  override readonly name = 'Nonsense';
}

/** Throws `Nonsense`. */
export const readClientLine = (line: string): Heard => {
  const words = line.trim().split(/\s+/);
  const [word = '', ...rest] = words;
  const event = (event: ClientEvent): Heard => ({ kind: 'event', event });
  const [name = ''] = rest;
  switch (word) {
    case 'ready':
      return { kind: 'ready', abilities: abilitiesOf(rest) };
    case 'except':
      return exceptionOf(line, name);
    case 'done':
      return { kind: 'settled', call: numberOf(line, rest, 0), error: null };
    case 'failed':
      return { kind: 'settled', call: numberOf(line, rest, 0), error: afterWord(line, 2) };
    case 'granted': {
      const [id, ttl] = [integerOf(line, rest, 1), numberOf(line, rest, 2)];
      return event({ kind: 'granted', lease: name, id, ttl });
    }
    case 'renewed':
      return event({ kind: 'renewed', lease: name, ttl: numberOf(line, rest, 1) });
    case 'lost':
      return event({ kind: 'lost', lease: named(line, name), why: afterWord(line, 2) });
    case 'acquired': {
      const lease = integerOf(line, rest, 1);
      const revision = rest[2] === '-' ? null : integerOf(line, rest, 2);
      const key = afterWord(line, 4);
      if (key === '') throw new Nonsense(`${shown(line)} names no key`);
      return event({ kind: 'acquired', name, key, revision, lease });
    }
    case 'yielded':
      return event({ kind: 'yielded', name: named(line, name) });
    default:
      throw new Nonsense(`it says ${shown(line)}, which no client says`);
  }
};

/** The lease, lock or office that an event is about. */
export const subjectOf = (event: ClientEvent): Name => ('name' in event ? event.name : event.lease);

/** Of whatever length, and whatever is in it. */
const shown = (line: string): string =>
  JSON.stringify(line.length > 60 ? `${line.slice(0, 60)}…` : line);

/** What comes after so many words, as it is. */
const afterWord = (line: string, words: number): string =>
  new RegExp(`^\\s*(?:\\S+\\s+){${words}}(.*)$`).exec(line)?.[1]?.trimEnd() ?? '';

const abilitiesOf = (words: readonly string[]): readonly Ability[] => {
  const unknown = words.find((word) => !(ABILITIES as readonly string[]).includes(word));
  const list = ABILITIES.join(', ');
  if (unknown !== undefined) throw new Nonsense(`it is ready for ${shown(unknown)}, not ${list}`);
  if (!words.includes('lease')) throw new Nonsense('it is not ready for leases: ready lease');
  return ABILITIES.filter((ability) => words.includes(ability));
};

const exceptionOf = (line: string, contract: string): Heard => {
  const why = afterWord(line, 2);
  if (!/^FUZZ-\d+$/.test(contract) || why === '') {
    throw new Nonsense(`${shown(line)} names no contract, or no reason: except FUZZ-19 WHY`);
  }
  return { kind: 'exception', contract, why };
};

const named = (line: string, name: string): string => {
  if (name === '') throw new Nonsense(`${shown(line)} names nothing`);
  return name;
};

const numberOf = (line: string, words: readonly string[], index: number): number => {
  const word = words[index] ?? '';
  if (/^-?\d{1,15}$/.test(word)) return Number(word);
  throw new Nonsense(`${shown(line)} has ${shown(word)} for a number`);
};

const integerOf = (line: string, words: readonly string[], index: number): bigint => {
  const word = words[index] ?? '';
  if (/^-?\d{1,19}$/.test(word)) return BigInt(word);
  throw new Nonsense(`${shown(line)} has ${shown(word)} for a number`);
};
