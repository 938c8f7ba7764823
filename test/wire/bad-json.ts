/**
 * Requests over HTTP/1 that nobody means: to the JSON gateway, to the control of the clock, to
 * nowhere. None of them moves the clock, for there are good clients beside them.
 */
import type { Random } from '../../src/seed.ts';
import { randomBytes } from './bad-messages.ts';

/** The bytes of one. It may announce more, or less, than there is of it. */
export const badRequest = (random: Random): Buffer => {
  const isControl = random.chance(1, 4);
  const path = random.pick(isControl ? CONTROLS : PATHS);
  const body = isControl ? Buffer.from(random.pick(MOVING_NOTHING)) : json(random, 0);
  const length = random.pick([body.length, body.length, body.length + 9, body.length >> 1, 1e12]);
  const sizes = [`Content-Length: ${length}`, 'Transfer-Encoding: chunked', 'Content-Length: -1'];
  const size = random.chance(3, 4) ? sizes[0] : random.pick(sizes);
  const head = [`${random.pick(VERBS)} ${path} HTTP/1.1`, 'Host: x', size, '', ''];
  return Buffer.concat([Buffer.from(head.join('\r\n'), 'latin1'), body]);
};

const VERBS = ['POST', 'POST', 'POST', 'GET', 'PUT', 'OPTIONS', 'BREW'];

const PATHS = [
  '/v3/lease/grant',
  '/v3/lease/revoke',
  '/v3/lease/keepalive',
  '/v3/lease/timetolive',
  '/v3/kv/put',
  '/v3/kv/range',
  '/v3/kv/txn',
  '/v3/kv/compaction',
  '/v3/watch',
  '/v3/maintenance/hashkv',
  '/v3beta/kv/put',
  '/v3/nothing/here',
  '/health',
  '/%00/%ff/..',
  '/v3/kv/put?%',
  'http://x/v3/kv/put',
  '*',
];

const CONTROLS = [
  'clock',
  'clock/advance',
  'clock/rate',
  'clock/quiet',
  'clock/',
  '',
  '%',
  '?=',
].map((name) => `/leasehold/v1/${name}`);

const MOVING_NOTHING = ['', '{', '{"by":-1}', '{"to":"x"}', '{"rate":1e999}', '[]', '{"by":0.5}'];

/** Names that mean something in one message or another, and some that do not. */
const NAMES = [
  'ID',
  'TTL',
  'key',
  'value',
  'lease',
  'range_end',
  'compare',
  'success',
  'request_put',
  'createRequest',
  'filters',
  'revision',
  'x',
  '__proto__',
];

const VALUES = [
  '9007199254740993',
  '"-9223372036854775808"',
  '9223372036854775808',
  '-1',
  '1.5',
  '1e400',
  '00',
  'true',
  'null',
  'nul',
  '""',
  '"a2V5"',
  '"no base64"',
  '"\\ud800"',
  '"\\x"',
  '"NOPUT"',
  '"',
];

const DEEPEST = 4;

const json = (random: Random, depth: number): Buffer => {
  if (random.chance(1, 20)) return Buffer.from('[{"x":'.repeat(random.below(3000)));
  if (random.chance(1, 20)) return quoted(randomBytes(random, random.below(20)));
  if (depth === DEEPEST || (depth > 0 && random.chance(1, 2))) {
    return Buffer.from(random.pick(VALUES));
  }
  const count = random.below(4);
  const parts = Array.from({ length: count }, () =>
    Buffer.concat([Buffer.from(`"${random.pick(NAMES)}":`), json(random, depth + 1)]),
  );
  const all = parts.flatMap((part, index) => (index === 0 ? [part] : [Buffer.from(','), part]));
  const node = Buffer.concat([Buffer.from('{'), ...all, Buffer.from('}')]);
  return random.chance(1, 4) ? Buffer.concat([Buffer.from('['), node, Buffer.from(']')]) : node;
};

const quoted = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from('"'), bytes, Buffer.from('"')]);
