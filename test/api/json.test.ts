import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { parameters } from '../../properties/prove.ts';
import { schedules } from '../../properties/schedules.ts';
import { asBytes } from '../../src/api/bytes.ts';
import { type Codec, DecodeError } from '../../src/api/codec.ts';
import { type Command, PLAIN_VIEW } from '../../src/api/command.ts';
import { commandJson, configJson, responseJson, watchEventJson } from '../../src/api/json.ts';
import { REASONS } from '../../src/api/refusal.ts';
import { simulatorTarget } from '../../src/harness/targets/simulator-target.ts';
import { tryOut } from '../../src/harness/trial.ts';

/** Through text and back. */
const again = <T>(codec: Codec<T>, value: T): T =>
  codec.decode(JSON.parse(JSON.stringify(codec.encode(value))));

describe('what is written reads back the same', () => {
  test.prop([schedules({ commands: 40 })], parameters(100))(
    'all that clients ask, are answered and watch',
    async (schedule) => {
      const { history } = await tryOut(schedule, simulatorTarget());
      for (const entry of history.entries) {
        if (entry.kind === 'call') {
          expect(again(commandJson, entry.command)).toEqual(entry.command);
        } else if (entry.kind === 'return' && entry.completion.kind === 'answered') {
          const { response } = entry.completion;
          expect(again(responseJson, response)).toEqual(response);
        } else if (entry.kind === 'watch') {
          for (const event of entry.events) expect(again(watchEventJson, event)).toEqual(event);
        }
      }
    },
  );

  const int64s = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  test.prop([fc.nat(), int64s, int64s])('every int64', (token, id, ttl) => {
    const command: Command = { kind: 'grant', token, id, ttl };
    expect(again(commandJson, command)).toEqual(command);
    expect(commandJson.encode(command)).toEqual({
      kind: 'grant',
      token,
      id: `${id}`,
      ttl: `${ttl}`,
    });
  });

  const anyBytes = fc.array(fc.nat(255)).map((codes) => asBytes(String.fromCharCode(...codes)));
  test.prop([anyBytes, anyBytes])('every byte', (key, rangeEnd) => {
    const command: Command = { kind: 'range', token: 1, key, rangeEnd, view: PLAIN_VIEW };
    expect(again(commandJson, command)).toEqual(command);
  });
});

test('fields that are not known are passed over', () => {
  const given = { kind: 'leases', token: 7, priority: 'high' };
  expect(commandJson.decode(given)).toEqual({ kind: 'leases', token: 7 });
});

const kv = {
  key: 'k',
  value: '',
  createRevision: 2,
  modRevision: 2,
  version: 1,
  lease: '0',
};

test.each<[Pick<Codec<unknown>, 'decode'>, unknown, string]>([
  [commandJson, undefined, 'found nothing, expected an object'],
  [commandJson, 'grant', 'found "grant", expected an object'],
  [commandJson, [], 'found a list, expected an object'],
  [commandJson, null, 'found null, expected an object'],
  [
    commandJson,
    {},
    'kind: found nothing, expected one of grant, revoke, keepAlive, timeToLive, leases, put, ' +
      'range, deleteRange, txn, compact, alarm, watch, cancelWatch, watchProgress',
  ],
  [
    commandJson,
    { kind: 'constructor' },
    'kind: found "constructor", expected one of grant, revoke, keepAlive, timeToLive, leases, ' +
      'put, range, deleteRange, txn, compact, alarm, watch, cancelWatch, watchProgress',
  ],
  [
    commandJson,
    { kind: 'revoke', token: 1, id: 5 },
    'id: found 5, expected an int64 as a decimal text such as "-5"',
  ],
  [
    commandJson,
    { kind: 'revoke', token: 1, id: '9223372036854775808' },
    'id: found "9223372036854775808", expected an int64 as a decimal text such as "-5"',
  ],
  [
    commandJson,
    { kind: 'revoke', token: 1, id: '0x1' },
    'id: found "0x1", expected an int64 as a decimal text such as "-5"',
  ],
  [
    commandJson,
    { kind: 'leases', token: 1.5 },
    'token: found 1.5, expected a whole number of at least 0',
  ],
  [
    commandJson,
    { kind: 'range', token: 1, key: 'ж', rangeEnd: '' },
    'key: found "ж", expected a text of one character per byte, none above \\u00ff',
  ],
  [
    commandJson,
    { kind: 'timeToLive', token: 1, id: '1', keys: 'yes' },
    'keys: found "yes", expected true or false',
  ],
  [
    responseJson,
    { kind: 'refused', reason: 'x'.repeat(99) },
    `reason: found "${'x'.repeat(60)}…", expected one of ${REASONS.join(', ')}`,
  ],
  [
    responseJson,
    { kind: 'rangeResult', revision: 2, kvs: [kv, { ...kv, lease: 0 }] },
    'kvs[1].lease: found 0, expected an int64 as a decimal text such as "-5"',
  ],
  [
    responseJson,
    { kind: 'leaseList', revision: 2, ids: {} },
    'ids: found an object, expected a list',
  ],
  [
    watchEventJson,
    { kind: 'put', kv, prevKv: {} },
    'prevKv.key: found nothing, expected a text of one character per byte, none above \\u00ff',
  ],
  [
    configJson,
    { etcd: '2.0', heartbeat: 100, election: 1000 },
    'etcd: found "2.0", expected one of 3.4, 3.5, 3.6, 3.7',
  ],
  [
    configJson,
    { etcd: '3.5', heartbeat: 300, election: 1000 },
    'found heartbeat 300 and election 1000, expected 5 heartbeats ≤ election ≤ 50000',
  ],
  [
    configJson,
    { etcd: '3.5', heartbeat: 100, election: 1000, leaseCheckpointPersist: true },
    'found leaseCheckpointPersist, expected leaseCheckpoint with it',
  ],
])('%# is refused: %j', (codec, given, message) => {
  expect(() => codec.decode(given)).toThrow(new DecodeError(message));
});
