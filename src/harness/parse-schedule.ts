/**
 * Reads the text form of a schedule. Every error names the line, what it says and what would be
 * right.
 */
import {
  DEFAULT_CONFIG,
  isLegalConfig,
  MINOR_VERSIONS,
  type MinorVersion,
  type ServerConfig,
} from '../api/config.ts';
import { type Milliseconds, milliseconds } from '../api/units.ts';
import { LIMITS } from '../limits.ts';
import { printDuration } from './duration.ts';
import { OPS } from './parse-op.ts';
import {
  fail,
  int64,
  parseGroup,
  parseRange,
  parseRef,
  parseRevision,
  parseStream,
  QUOTED,
  ScheduleSyntaxError,
  splitWords,
  Words,
} from './parse-words.ts';
import type { Action, LeaseRef, Schedule, ScheduleStep, WatchRef, When } from './schedule.ts';
import { SCHEDULE_HEADER } from './schedule-text.ts';
import { type Flags, RESTART_TAKES } from './server-life.ts';

/** Throws `ScheduleSyntaxError`. Empty lines and lines that begin with `#` are passed over. */
export function parseSchedule(text: string): Schedule {
  const { config, lines } = parseNumbered(text);
  return { config, steps: lines.map(({ step }) => step) };
}

/** The steps of a schedule, each with the number of its line. */
export const parseNumbered = (text: string): NumberedSchedule => {
  const lines = text.split('\n').map((line, index) => ({ text: line.trim(), number: index + 1 }));
  const [header, ...rest] = lines.filter((line) => line.text !== '' && !line.text.startsWith('#'));
  if (header?.text !== SCHEDULE_HEADER) {
    const found = JSON.stringify((header?.text ?? '').slice(0, 60));
    throw new ScheduleSyntaxError(
      `not a schedule: it begins with ${found}, not "${SCHEDULE_HEADER}"`,
    );
  }
  let config = DEFAULT_CONFIG;
  const read: NumberedStep[] = [];
  for (const line of rest) {
    try {
      const isConfig = line.text.startsWith('config ');
      if (isConfig && read.length === 0) config = parseConfig(line.text.slice('config '.length));
      else read.push({ number: line.number, step: parseStep(line.text) });
    } catch (error) {
      if (!(error instanceof ScheduleSyntaxError)) throw error;
      throw new ScheduleSyntaxError(`line ${line.number}: ${error.message}`);
    }
  }
  return { config, lines: read };
};

export interface NumberedSchedule {
  readonly config: ServerConfig;
  readonly lines: readonly NumberedStep[];
}

interface NumberedStep {
  readonly number: number;
  readonly step: ScheduleStep;
}

const parseConfig = (text: string): ServerConfig => {
  const words = new Words(text.split(/\s+/));
  const etcd = words.option('etcd');
  const version = etcd === undefined ? {} : { etcd: parseVersion(etcd) };
  const config: ServerConfig = { ...DEFAULT_CONFIG, ...version, ...parseFlags(words) };
  words.end('etcd=, heartbeat=, election=, checkpoint=, persist= or progress=');
  return isLegalConfig(config) ? config : fail(text, LEGAL);
};

const LEGAL = '5 heartbeats ≤ election ≤ 50s, both positive; persist=on with checkpoint=on';

const parseFlags = (words: Words): Flags => {
  const [heartbeat, election] = [words.option('heartbeat'), words.option('election')];
  const [checkpoint, persist] = [words.option('checkpoint'), words.option('persist')];
  const progress = words.option('progress');
  return {
    ...(heartbeat === undefined ? {} : { heartbeat: parseDuration(heartbeat) }),
    ...(election === undefined ? {} : { election: parseDuration(election) }),
    ...(checkpoint === undefined ? {} : { leaseCheckpoint: parseSwitch(checkpoint) }),
    ...(persist === undefined ? {} : { leaseCheckpointPersist: parseSwitch(persist) }),
    ...(progress === undefined ? {} : { progressInterval: parseInterval(progress) }),
  };
};

/** A turn, at which a real etcd is looked at, must not pass over two ticks (KV-29). */
const parseInterval = (text: string): Milliseconds => {
  const interval = parseDuration(text);
  return interval < 1000 ? fail(text, 'a second at least') : interval;
};

const parseSwitch = (text: string): boolean =>
  text === 'on' || (text === 'off' ? false : fail(text, 'on or off'));

const parseRestart = (words: Words): Action => {
  const kill = words.flag('kill');
  const down = parseDuration(words.option('down') ?? '1s');
  if (down < RESTART_TAKES) fail(printDuration(down), 'a second at least: an election takes it');
  const flags = parseFlags(words);
  // What a killed server had not written to its backend would be done again under the new flags.
  if (kill && Object.keys(flags).length > 0) fail('kill', 'no new flags, or no kill (RESTART-03)');
  return { kind: 'restart', kill, down, flags };
};

const parseVersion = (text: string): MinorVersion =>
  MINOR_VERSIONS.find((version) => version === text) ?? fail(text, MINOR_VERSIONS.join(', '));

/** One line: `at INSTANT [cN] ACTION [→ EXPECTATION]`. */
const parseStep = (line: string): ScheduleStep => {
  const [, said = line, told] = EXPECTED.exec(line) ?? [];
  const expect = told?.trim() ?? null;
  const words = splitWords(said);
  if (words.shift() !== 'at') fail(line, 'at INSTANT [cN] ACTION [→ EXPECTATION]');
  const at = parseWhen(words.shift() ?? '');
  const client = /^c([1-9]\d*)$/.exec(words[0] ?? '');
  if (client !== null) words.shift();
  const number = client === null ? 0 : Number(client[1]);
  if (number > LIMITS.clients) fail(client?.[0] ?? '', `a client from c1 to c${LIMITS.clients}`);
  const action = parseAction(words);
  const needsClient = !['wait', 'jump', 'restart', 'leader', 'apply', 'turn'].includes(action.kind);
  if (needsClient && number === 0) fail(line, 'a client before the action, as in "at 0 c1 leases"');
  if (!needsClient && number !== 0) fail(line, `${action.kind} without a client`);
  return { at, client: number, action, expect };
};

/** What stands before and behind the first arrow that is not part of a key. */
const EXPECTED = new RegExp(`^((?:${QUOTED}|[^"])*?)\\s(?:→|->)\\s(.*)$`, 's');

const parseWhen = (text: string): When => {
  const anchored = /^(.+?)\.(deadline|turn)(?:([+-])(.+))?$/s.exec(text);
  if (anchored !== null) {
    const [, lease = '', from, sign, size] = anchored;
    const offset = size === undefined ? 0 : parseDuration(size) * (sign === '-' ? -1 : 1);
    return { from: from as 'deadline', lease: parseRef(lease), offset: milliseconds(offset) };
  }
  if (text.startsWith('+')) return { from: 'previous', offset: parseDuration(text.slice(1)) };
  return { from: 'start', offset: parseDuration(text) };
};

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A whole number of milliseconds, seconds, minutes or hours. */
export const parseDuration = (text: string): Milliseconds => {
  const parts = /^(\d{1,16})(ms|s|m|h)$/.exec(text);
  const value = Number(parts?.[1]) * (UNITS[parts?.[2] ?? ''] ?? Number.NaN);
  if (text !== '0' && !Number.isSafeInteger(value))
    fail(text, 'a duration such as 0, 500ms, 12s, 1h');
  return milliseconds(text === '0' ? 0 : value);
};

const parseAction = (words: readonly string[]): Action => {
  const verb = words[0] ?? '';
  const rest = new Words(words.slice(1));
  const read = ACTIONS[verb] ?? fail(verb, `one of ${Object.keys(ACTIONS).join(', ')}`);
  const action = read(rest);
  rest.end();
  return action;
};

const leaseGroup = (words: Words): { lease: LeaseRef; count: number } => {
  const { name, count } = parseGroup(words.next('a lease'), parseRef);
  return { lease: name, count };
};

const ACTIONS: Readonly<Record<string, (words: Words) => Action>> = {
  grant: (words) => {
    const ttl = int64(words.option('ttl') ?? fail('no ttl', 'ttl=SECONDS'));
    const id = int64(words.option('id') ?? '0');
    return { kind: 'grant', ...leaseGroup(words), ttl, id };
  },
  revoke: (words) => ({ kind: 'revoke', ...leaseGroup(words) }),
  'keep-alive': (words) => {
    const stream = parseStream(words);
    return { kind: 'keepAlive', ...leaseGroup(words), stream };
  },
  ttl: (words) => ({ kind: 'timeToLive', keys: words.flag('keys'), ...leaseGroup(words) }),
  leases: () => ({ kind: 'leases' }),
  ...OPS,
  compact: (words) => {
    const physical = words.flag('physical');
    return { kind: 'compact', revision: parseRevision(words.next('a revision')), physical };
  },
  alarm: (words) => {
    const word = words.next('list, raise or clear');
    const action = ALARMS.find((each) => each === word) ?? fail(word, ALARMS.join(', '));
    return { kind: 'alarm', action };
  },
  watch: (words) => parseWatch(words),
  cancel: (words) => {
    const stream = parseStream(words);
    return { kind: 'cancelWatch', watch: parseWatchRef(words.next('a watch')), stream };
  },
  progress: (words) => ({ kind: 'watchProgress', stream: parseStream(words) }),
  wait: () => ({ kind: 'wait' }),
  restart: (words) => parseRestart(words),
  leader: (words) => {
    const word = words.next('lost or back');
    const change = LEADER.find((each) => each === word) ?? fail(word, 'lost or back');
    return { kind: 'leader', change };
  },
  slow: (words) => parsePhrase(words, ['apply'], { kind: 'apply', change: 'slow' }),
  apply: (words) => parsePhrase(words, ['catches', 'up'], { kind: 'apply', change: 'caught up' }),
  jump: (words) => ({ kind: 'jump', by: parseDuration(words.next('a duration')) }),
  turn: (words) => {
    const leases: LeaseRef[] = [];
    for (;;) {
      const word = words.optional();
      if (word === undefined) return { kind: 'turn', leases };
      leases.push(parseRef(word));
    }
  },
};

/** The words that an action consists of. */
const parsePhrase = (words: Words, phrase: readonly string[], action: Action): Action => {
  for (const word of phrase) {
    const next = words.next(word);
    if (next !== word) fail(next, word);
  }
  return action;
};

const LEADER = ['lost', 'back'] as const;

const ALARMS = ['list', 'raise', 'clear'] as const;

const parseWatch = (words: Words): Action => {
  const startRevision = parseRevision(words.option('from') ?? '0');
  const id = int64(words.option('id') ?? '0');
  const stream = parseStream(words);
  const flags = {
    prevKv: words.flag('prev-kv'),
    noPut: words.flag('no-put'),
    noDelete: words.flag('no-delete'),
    progressNotify: words.flag('progress-notify'),
    fragment: words.flag('fragment'),
  };
  const word = words.next('a name for the watch');
  const name = word.startsWith('#') ? fail(word, 'a name such as w1') : parseWatchRef(word);
  return { kind: 'watch', name, ...parseRange(words), startRevision, ...flags, stream, id };
};

const parseWatchRef = (text: string): WatchRef => {
  if (/^#-?\d{1,19}$/.test(text)) return `#${int64(text.slice(1))}`;
  return /^[A-Za-z][A-Za-z0-9]*$/.test(text) ? text : fail(text, 'a watch such as w1, #5');
};
