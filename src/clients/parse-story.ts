/** Reads the text form of a story of clients (`story-text.ts`). */
import { DecodeError } from '../api/codec.ts';
import { parseDuration } from '../harness/parse-schedule.ts';
import { ScheduleSyntaxError } from '../harness/parse-words.ts';
import { LIMITS } from '../limits.ts';
import { type Act, type Aim, CALLS, type ClientStory, type Fault, type Side } from './story.ts';
import { STORY_HEADER } from './story-text.ts';

/** Throws `DecodeError`, which names the line that is wrong and why. */
export const parseStory = (text: string): ClientStory => {
  const lines = text
    .split(/\r?\n/)
    .map((line, index) => ({ number: index + 1, words: line.replace(/(^|\s)#.*$/, '').trim() }))
    .filter(({ words }) => words !== '');
  const [header, lasts, ...rest] = lines;
  if (header?.words !== STORY_HEADER) throw new DecodeError(`a story begins ${STORY_HEADER}`);
  if (lasts === undefined) throw new DecodeError('the story does not say how long it lasts');
  if (rest.length > LIMITS.commands) {
    throw new DecodeError(`${rest.length} steps are too many: at most ${LIMITS.commands}`);
  }
  const duration = onLine(lasts, (words) => {
    const [, value] = /^lasts (\S+)$/.exec(words) ?? fail(words, 'how long it lasts: lasts 60s');
    const time = span(value);
    return time <= LIMITS.storyTime ? time : fail(value ?? '', 'a day at most');
  });
  let last = 0;
  const steps = rest.map((line) =>
    onLine(line, (words) => {
      const [, at, what] = /^at (\S+)\s+(.*)$/.exec(words) ?? fail(words, 'at TIME …');
      const instant = span(at);
      if (instant < last) fail(at ?? '', 'no instant before that of the line above');
      last = instant;
      return { at: instant, act: parseStep(what ?? '') };
    }),
  );
  return { steps, lasts: duration };
};

const onLine = <T>(
  { number, words }: { readonly number: number; readonly words: string },
  read: (words: string) => T,
): T => {
  try {
    return read(words);
  } catch (error) {
    if (!(error instanceof ScheduleSyntaxError)) throw error;
    throw new DecodeError(`line ${number}: ${error.message}`);
  }
};

const fail = (given: string, wanted: string): never => {
  throw new ScheduleSyntaxError(`found ${JSON.stringify(given.slice(0, 80))}, expected ${wanted}`);
};

const parseStep = (text: string): Act | Fault => {
  for (const [pattern, read] of FORMS) {
    const found = pattern.exec(text);
    if (found !== null) return read(found.groups ?? {});
  }
  return fail(text, 'something that a client does (c1 grant A ttl=9) or that goes wrong');
};

type Parts = Readonly<Partial<Record<string, string>>>;
type Form = readonly [RegExp, (parts: Parts) => Act | Fault];

/** A line: words as they stand, and blanks for the rest: `CLIENT`, `NAME`, `TIME`, … */
const form = (text: string, read: (parts: Parts) => Act | Fault): Form => {
  const filled = text.replaceAll(/[A-Z]{3,}/g, (blank) => BLANKS[blank] ?? blank);
  return [new RegExp(`^${filled.replaceAll(' ', '\\s+')}$`), read];
};

const NAME = '[A-Za-z][\\w/.-]{0,63}';
const BLANKS: Readonly<Record<string, string>> = {
  CLIENT: 'c(?<client>[1-9]\\d?)',
  WHO: '(?<who>all|c[1-9]\\d?)',
  // Of all, where nobody is named.
  ONLY: '( of (?<who>all|c[1-9]\\d?))?',
  WHOSE: `(?<who>all|c[1-9]\\d?)( about (?<about>${NAME}))?`,
  NAME: `(?<name>${NAME})`,
  KEY: `(?<key>${NAME})`,
  TTL: '(?<ttl>[1-9]\\d{0,9})',
  TIME: '(?<time>\\S+)',
  SIDE: '(?<side>requests?|repl(?:y|ies))',
  CALLS: 'calls?',
  AIM: `(?<times>[1-9]\\d{0,5}) (?<call>any|${CALLS.join('|')})`,
  CODE: '(?<code>\\d{1,2})',
  SIGN: '(?<sign>[+-])(?<time>\\S+)',
  RATE: '(?<rate>-?\\d{1,3})',
};

const span = (text: string | undefined): number => parseDuration(text ?? '');
const clientOf = ({ client }: Parts): number => limited(Number(client) - 1);
const whoOf = ({ who = 'all' }: Parts): number | null =>
  who === 'all' ? null : limited(Number(who.slice(1)) - 1);
const limited = (client: number): number =>
  client < LIMITS.clients ? client : fail(`c${client + 1}`, `at most ${LIMITS.clients} clients`);
const upTo = (most: number, code: string | undefined, what: string): number =>
  Number(code) <= most ? Number(code) : fail(String(code), `${what}, 0 to ${most}`);
const sideOf = ({ side }: Parts): Side => (side?.startsWith('req') ? 'request' : 'reply');
const aimOf = (parts: Parts): Aim => ({
  client: whoOf(parts),
  call: CALLS.find((name) => name === parts['call']) ?? null,
  times: Number(parts['times']),
  ...(parts['about'] === undefined ? {} : { about: parts['about'] }),
});

const withTtl = (kind: 'grant' | 'lock' | 'campaign'): Form =>
  form(`CLIENT ${kind} NAME ttl=TTL`, (parts) => ({
    kind,
    client: clientOf(parts),
    name: parts['name'] ?? '',
    ttl: Number(parts['ttl']),
  }));

const named = (kind: 'revoke' | 'release' | 'unlock' | 'resign'): Form =>
  form(`CLIENT ${kind} NAME`, (parts) => ({
    kind,
    client: clientOf(parts),
    name: parts['name'] ?? '',
  }));

const lasting = (kind: 'pause server' | 'no leader' | 'slow apply' | 'pause client'): Form =>
  form(`${kind} for TIME`, ({ time }) => ({ kind, for: span(time) }));

const FORMS: readonly Form[] = [
  ...(['grant', 'lock', 'campaign'] as const).map(withTtl),
  ...(['revoke', 'release', 'unlock', 'resign'] as const).map(named),
  form('CLIENT put KEY with NAME', (parts) => ({
    kind: 'put',
    client: clientOf(parts),
    key: parts['key'] ?? '',
    name: parts['name'] ?? '',
  })),
  form('CLIENT close', (parts) => ({ kind: 'close', client: clientOf(parts) })),
  ...(['lose', 'duplicate', 'overtake'] as const).map((kind) =>
    form(`${kind} AIM SIDE of WHOSE`, (parts) => ({
      kind,
      side: sideOf(parts),
      aim: aimOf(parts),
    })),
  ),
  form('delay AIM SIDE of WHOSE by TIME', (parts) => ({
    kind: 'delay',
    side: sideOf(parts),
    by: span(parts['time']),
    aim: aimOf(parts),
  })),
  form('zero AIM SIDE of WHOSE', (parts) => ({ kind: 'ttl zero', aim: aimOf(parts) })),
  ...(['refuse', 'end'] as const).map((kind) =>
    form(`${kind} AIM CALLS of ${kind === 'end' ? 'WHOSE' : 'WHO'} with status CODE`, (parts) => ({
      kind,
      status: upTo(16, parts['code'], 'a status of gRPC'),
      aim: aimOf(parts),
    })),
  ),
  form('reset AIM CALLS of WHOSE with code CODE', (parts) => ({
    kind: 'reset',
    code: upTo(13, parts['code'], 'an error code of HTTP/2'),
    aim: aimOf(parts),
  })),
  form('abandon AIM CALLS of WHOSE', (parts) => ({ kind: 'abandon', aim: aimOf(parts) })),
  ...(['disconnect', 'goaway'] as const).map((kind) =>
    form(`${kind} WHO`, (parts) => ({ kind, client: whoOf(parts) })),
  ),
  ...(['refuse', 'ignore'] as const).map((how) =>
    form(`${how} connectionsONLY for TIME`, (parts) => ({
      kind: 'unreachable',
      how: how === 'refuse' ? 'refused' : 'unanswered',
      client: whoOf(parts),
      for: span(parts['time']),
    })),
  ),
  ...(['in', 'out', 'both'] as const).map((direction) =>
    form(`black hole ${direction}ONLY for TIME`, (parts) => ({
      kind: 'black-hole',
      direction,
      client: whoOf(parts),
      for: span(parts['time']),
    })),
  ),
  form('restart for TIME', ({ time }) => ({ kind: 'restart', down: span(time) })),
  ...(['pause server', 'no leader', 'slow apply', 'pause client'] as const).map(lasting),
  form('new leader', () => ({ kind: 'new leader' })),
  form('another revokes NAME', ({ name }) => ({ kind: 'revoke by another', name: name ?? '' })),
  form('wall clock SIGN', ({ sign, time }) => ({
    kind: 'wall clock',
    by: sign === '-' ? -span(time) : span(time),
  })),
  form('drift RATE per mille', ({ rate }) => ({ kind: 'drift', perMille: Number(rate) })),
];
