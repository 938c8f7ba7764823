/**
 * Counterexamples as files, and whatever else a replay can be given: a schedule in text form or a
 * recorded history.
 */
import {
  byKind,
  type Codec,
  DecodeError,
  decodePart,
  isObject,
  type Json,
  nullable,
  record,
  text,
  texts,
  unexpected,
  whole,
  word,
} from '../api/codec.ts';
import type { ServerConfig } from '../api/config.ts';
import { configJson } from '../api/json.ts';
import { LIMITS } from '../limits.ts';
import { RULE_IDS, type RuleId } from '../model/index.ts';
import { HISTORY_SCHEMA, type History } from './history.ts';
import { decodeHistory, historyOfValues, historyValues } from './history-json.ts';
import { seedJson, shrinkJson } from './origin-json.ts';
import { parseSchedule } from './parse-schedule.ts';
import { ScheduleSyntaxError } from './parse-words.ts';
import type { Schedule } from './schedule.ts';
import { parseScheduleFile } from './schedule-file.ts';
import { printSchedule, SCHEDULE_HEADER } from './schedule-text.ts';
import type { Shrunk } from './shrink.ts';
import type { Verdict } from './verdict.ts';

export const COUNTEREXAMPLE_SCHEMA = 'leasehold-counterexample/1';

/** A schedule that failed, and everything that a replay needs. */
export interface Counterexample {
  readonly schema: typeof COUNTEREXAMPLE_SCHEMA;
  readonly versions: Readonly<Record<string, string>>;
  /** The seed and the run's number under it; null when the schedule was not generated. */
  readonly seed: bigint | null;
  readonly run: number | null;
  readonly target: { readonly name: string; readonly version: string };
  readonly config: ServerConfig;
  /** As far as it was made smaller. */
  readonly schedule: Schedule;
  /** How many steps it had before. */
  readonly originalSteps: number;
  /** Null when nobody tried. */
  readonly shrink: Pick<Shrunk, 'attempts' | 'complete'> | null;
  readonly verdict: Verdict;
  /** What `schedule` did, not the longer one before. */
  readonly history: History;
}

/** A file that a replay can be given. */
export type Case =
  | { readonly kind: 'schedule'; readonly schedule: Schedule }
  | { readonly kind: 'history'; readonly history: History }
  | { readonly kind: 'counterexample'; readonly counterexample: Counterexample };

/**
 * Reads a file of any of the three kinds. Throws `DecodeError`, which says what is wrong with it.
 */
export function readCase(content: string): Case {
  if (content.length > LIMITS.fileBytes) {
    throw new DecodeError(`the file is too long: at most ${LIMITS.fileBytes} bytes are read`);
  }
  const clean = content.replace(/^\uFEFF/, '');
  const first = firstLine(clean);
  if (first === '') throw new DecodeError(`the file is empty, expected ${KINDS}`);
  // Control characters, and what stands for bytes that are no UTF-8.
  if (/[^\P{Cc}\s]|\uFFFD/u.test(clean.slice(0, 4096))) {
    throw new DecodeError(`the file is not text, expected ${KINDS}`);
  }
  if (first.startsWith(SCHEDULE_WORDS)) {
    return { kind: 'schedule', schedule: readSchedule(clean, parseScheduleFile) };
  }
  if (!first.startsWith('{')) {
    throw new DecodeError(`the file begins with ${quoted(first)}, expected ${KINDS}`);
  }
  if (isHistory(first)) return { kind: 'history', history: decodeHistory(clean) };
  return { kind: 'counterexample', counterexample: decodeCounterexample(clean) };
}

/** JSON with a line for each field, and one for each entry of the history. */
export const encodeCounterexample = (counterexample: Counterexample): string => {
  const { schedule, history } = counterexample;
  const fields = Object.entries({
    ...(fieldsJson.encode(counterexample) as Readonly<Record<string, Json>>),
    schedule: printSchedule(schedule),
  }).map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)},\n`);
  const entries = historyValues(history).map((value) => `    ${JSON.stringify(value)}`);
  return `{\n${fields.join('')}  "history": [\n${entries.join(',\n')}\n  ]\n}\n`;
};

/** Reads what `encodeCounterexample` wrote. Throws `DecodeError`. */
export const decodeCounterexample = (content: string): Counterexample => {
  const value = parseOrNull(content);
  if (!isObject(value)) {
    const begin = quoted(content.slice(0, 200).replaceAll(/\s+/g, ' ').trim());
    throw new DecodeError(`the JSON that begins with ${begin} is cut off or damaged`);
  }
  const { schema, schedule, history } = value;
  if (!String(schema).startsWith(COUNTEREXAMPLE_WORDS)) {
    const lines = `or lines of which the first has "${HISTORY_SCHEMA}"`;
    const wanted = `"${COUNTEREXAMPLE_SCHEMA}", ${lines}`;
    throw unexpected(schema, wanted).within('schema');
  }
  const fields = fieldsJson.decode(value);
  const lines = decodePart('schedule', () => text.decode(schedule));
  if (!Array.isArray(history)) throw unexpected(history, 'a list').within('history');
  const counterexample = {
    ...fields,
    schedule: decodePart('schedule', () => readSchedule(lines)),
    history: historyOfValues(history, (index) => `history[${index}]`),
  };
  const { verdict } = fields;
  const { length } = counterexample.history.entries;
  if (verdict.kind === 'violation' && verdict.entry >= length) {
    throw unexpected(verdict.entry, `an entry from 0 to ${length - 1}`).within('verdict.entry');
  }
  return counterexample;
};

/** Of more than a hundred ids, those of the same family help most. */
const ruleJson: Codec<RuleId> = {
  encode: (rule) => rule,
  decode: (value) => {
    const found = RULE_IDS.find((id) => id === value);
    if (found !== undefined) return found;
    const family = RULE_IDS.filter((id) => id.startsWith(`${String(value).split('-')[0]}-`));
    const few = (family.length === 0 ? RULE_IDS : family).slice(0, 3).join(', ');
    throw unexpected(value, `a rule of docs/SEMANTICS.md, such as ${few}`);
  },
};

const verdictJson: Codec<Verdict> = byKind<Verdict>({
  conformant: {},
  violation: {
    rule: ruleJson,
    entry: whole(0),
    explanation: text,
    expected: text,
    observed: text,
  },
  inconclusive: { why: text },
});

const fieldsJson = record<Omit<Counterexample, 'schedule' | 'history'>>({
  schema: word([COUNTEREXAMPLE_SCHEMA]),
  versions: texts,
  seed: nullable(seedJson),
  run: nullable(whole(0)),
  target: record<Counterexample['target']>({ name: text, version: text }),
  config: configJson,
  originalSteps: whole(0),
  shrink: nullable(shrinkJson),
  verdict: verdictJson,
});

const readSchedule = (content: string, parse = parseSchedule): Schedule => {
  try {
    const schedule = parse(content);
    const { length } = schedule.steps;
    if (length <= LIMITS.steps) return schedule;
    throw new DecodeError(`found ${length} steps, expected at most ${LIMITS.steps}`);
  } catch (error) {
    throw error instanceof ScheduleSyntaxError ? new DecodeError(error.message) : error;
  }
};

/** How schedules and histories of all versions begin. */
const SCHEDULE_WORDS = SCHEDULE_HEADER.replace(/\d+$/, '');
const HISTORY_WORDS = HISTORY_SCHEMA.replace(/\d+$/, '');

const COUNTEREXAMPLE_WORDS = COUNTEREXAMPLE_SCHEMA.replace(/\d+$/, '');

const KINDS =
  `a schedule ("${SCHEDULE_HEADER}"), a history or a counterexample (JSON with schema ` +
  `"${HISTORY_SCHEMA}" or "${COUNTEREXAMPLE_SCHEMA}")`;

/** Whether the first line is the header of a history, of whatever version and even when cut off. */
const isHistory = (first: string): boolean => {
  if (/^\{\s*"schema"\s*:\s*"leasehold-history\//.test(first)) return true;
  const header = parseOrNull(first);
  return isObject(header) && String(header['schema']).startsWith(HISTORY_WORDS);
};

/** The first line that is neither empty nor a comment of a schedule. */
const firstLine = (content: string): string =>
  /^[^\S\n]*([^\s#].*)$/m.exec(content)?.[1]?.trimEnd() ?? '';

const quoted = (line: string): string =>
  JSON.stringify(line.length > 60 ? `${line.slice(0, 60)}…` : line);

const parseOrNull = (content: string): unknown => {
  try {
    return JSON.parse(content) as unknown;
  } catch {
    return null;
  }
};
