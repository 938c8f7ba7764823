/**
 * Histories as JSON Lines, and back. What is read is checked in full; fields that are not known are
 * passed over, and those of the header are kept.
 */
import {
  byKind,
  type Codec,
  DecodeError,
  decodePart,
  flag,
  int64,
  isObject,
  type Json,
  list,
  nullable,
  optional,
  record,
  text,
  texts,
  unexpected,
  whole,
  word,
} from '../api/codec.ts';
import {
  commandJson,
  configJson,
  deliveryJson,
  responseJson,
  watchEventJson,
} from '../api/json.ts';
import { type Instant, instant } from '../api/units.ts';
import { type Entry, HISTORY_SCHEMA, type History, type HistoryHeader } from './history.ts';
import { expectEnd, HistoryOrder } from './history-order.ts';
import type { Completion, Header } from './target.ts';

/** A history as a file: the header, then one entry a line with its number, from 0, as `seq`. */
export const encodeHistory = (history: History): string =>
  `${historyValues(history)
    .map((value) => JSON.stringify(value))
    .join('\n')}\n`;

/** Reads a history from a file. Throws `DecodeError`, which names the line. */
export const decodeHistory = (content: string): History => {
  const values: unknown[] = [];
  const numbers: number[] = [];
  for (const [index, line] of content.split('\n').entries()) {
    if (line.trim() === '') continue;
    numbers.push(index + 1);
    values.push(parseLine(line, index + 1));
  }
  return historyOfValues(values, (index) => `line ${numbers[index] ?? 1}`);
};

/** The lines of a history as plain JSON, the header first. */
export const historyValues = ({ header, entries }: History): readonly Json[] => [
  // Those fields of the header that we do not know as well.
  { ...(header as object as JsonObject), ...(headerJson.encode(header) as JsonObject) },
  ...entries.map((entry, seq) => ({ seq, ...(entryJson.encode(entry) as JsonObject) })),
];

type JsonObject = Readonly<Record<string, Json>>;

/** Reads what `historyValues` gave. `placeOf` says where a value stands. Throws `DecodeError`. */
export const historyOfValues = (
  values: readonly unknown[],
  placeOf: (index: number) => string,
): History => {
  const at = <T>(index: number, read: () => T): T => {
    try {
      return read();
    } catch (error) {
      throw error instanceof DecodeError ? new DecodeError(error.message, placeOf(index)) : error;
    }
  };
  const header = at(0, () => decodeHeader(values[0]));
  const reader = new EntryReader(header);
  const entries = values.slice(1).map((value, seq) => at(seq + 1, () => reader.read(value, seq)));
  at(values.length - 1, () => expectEnd(entries));
  return { header, entries };
};

const parseLine = (line: string, number: number): unknown => {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    throw new DecodeError(
      'found no complete JSON (cut off?), expected one value',
      `line ${number}`,
    );
  }
};

const instantJson: Codec<Instant> = {
  encode: (value) => value,
  decode: (value) => {
    if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return instant(value);
    throw unexpected(value, 'milliseconds from the clock’s origin, 0 or more');
  },
};

const headerJson = record<HistoryHeader>({
  schema: word([HISTORY_SCHEMA]),
  versions: texts,
  target: text,
  config: configJson,
  clock: word(['virtual', 'real']),
  lastTurn: nullable(instantJson),
  minimumTtl: nullable(whole(1)),
  exclusive: flag,
});

const decodeHeader = (value: unknown): HistoryHeader => {
  if (!isObject(value)) throw unexpected(value, `a header with schema "${HISTORY_SCHEMA}"`);
  return { ...value, ...headerJson.decode(value) };
};

const completionJson: Codec<Completion> = byKind<Completion>({
  answered: {
    response: responseJson,
    header: optional(record<Header>({ member: text, term: text })),
  },
  unknown: { why: text },
});

const entryJson: Codec<Entry> = byKind<Entry>({
  call: { at: instantJson, session: whole(0), client: whole(1), command: commandJson },
  return: { at: instantJson, token: whole(0), completion: completionJson },
  watch: { at: instantJson, session: whole(0), revision: whole(1), events: list(watchEventJson) },
  delivery: { at: instantJson, session: whole(0), delivery: deliveryJson },
  turn: { at: instantJson, revoked: list(int64) },
  jump: { at: instantJson, from: instantJson },
  restart: { at: instantJson, from: instantJson, kill: flag, config: configJson },
  promote: { at: instantJson, order: list(int64) },
  demote: { at: instantJson },
  stall: { at: instantJson },
  catchUp: { at: instantJson, chosen: list(int64) },
  lost: { at: instantJson, why: text },
  end: { at: instantJson },
});

const seqJson = optional(whole(0));

/** Reads the entries one after the other, and sees to it that they belong together. */
class EntryReader {
  readonly #order: HistoryOrder;

  constructor(header: HistoryHeader) {
    this.#order = new HistoryOrder(header);
  }

  read(value: unknown, seq: number): Entry {
    const entry = entryJson.decode(value);
    const given = decodePart('seq', () => seqJson.decode((value as { seq?: unknown }).seq));
    if (given !== undefined && given !== seq) {
      const wanted = `${seq} (lines are missing, or not in their order)`;
      throw unexpected(given, wanted).within('seq');
    }
    this.#order.take(entry);
    return entry;
  }
}
