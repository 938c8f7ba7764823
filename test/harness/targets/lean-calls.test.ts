/** The lean connection says and hears the same as the library does. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asBytes, NO_BYTES } from '../../../src/api/bytes.ts';
import { PLAIN_VIEW, PLAIN_WATCH, type RangeView, type Watch } from '../../../src/api/command.ts';
import { DEFAULT_CONFIG } from '../../../src/api/config.ts';
import { type EtcdProcess, startEtcd } from '../../../src/harness/targets/etcd-process.ts';
import { Connections } from '../../../src/harness/targets/grpc-connections.ts';
import { callUnary, type UnaryCommand } from '../../../src/harness/targets/grpc-calls.ts';
import { callLean } from '../../../src/harness/targets/lean-calls.ts';
import { watchOver } from '../../../src/harness/targets/grpc-watch-transport.ts';
import { WatchStream } from '../../../src/harness/targets/grpc-watch-stream.ts';
import { leanWatch } from '../../../src/harness/targets/lean-watch.ts';
import type { OpenWatch } from '../../../src/harness/targets/watch-transport.ts';
import { LeanConnection } from '../../../src/harness/targets/lean-connection.ts';
import { encodeMessage, Message } from '../../../src/harness/targets/protobuf.ts';
import { testEtcd } from './etcd-under-test.ts';

let server: EtcdProcess;
let library: Connections;
let lean: LeanConnection;
beforeAll(async () => {
  const { path: binary, version } = await testEtcd();
  server = await startEtcd({ binary, version, config: DEFAULT_CONFIG, onDeath: () => {} });
  library = new Connections([server.url]);
  lean = new LeanConnection(server.url, 5_000);
});
afterAll(async () => {
  library.close();
  lean.close();
  await server.close();
});

const PUT = { ignoreLease: false, ignoreValue: false, prevKv: true };
const KEY = asBytes('\0k\xff');
const LONG = asBytes('v'.repeat(40_000));
const LEAST = -(2n ** 63n);

type Asked = UnaryCommand extends infer Each
  ? Each extends UnaryCommand
    ? Omit<Each, 'token'>
    : never
  : never;

const ALL = { key: asBytes('\0'), rangeEnd: asBytes('\0') };

function range(view: Partial<RangeView>): Asked {
  return { kind: 'range', ...ALL, view: { ...PLAIN_VIEW, ...view } };
}

/** Reads in one branch, and within another transaction in the other. */
function txn(compares: readonly object[]): Asked {
  const read = { kind: 'range', ...ALL, view: PLAIN_VIEW } as const;
  const remove = { kind: 'deleteRange', key: asBytes('none'), rangeEnd: NO_BYTES, prevKv: true };
  const inner = { kind: 'txn', compares: [], success: [read, remove], failure: [] };
  const each = { key: KEY, rangeEnd: NO_BYTES };
  const asked = {
    kind: 'txn',
    compares: compares.map((compare) => ({ ...each, ...compare })),
    success: [read, remove],
    failure: [inner],
  };
  return asked as Asked;
}

/** Each may be asked twice, with the same answer. */
const COMMANDS: readonly Asked[] = [
  { kind: 'timeToLive', id: LEAST, keys: true },
  { kind: 'timeToLive', id: 404n, keys: false },
  { kind: 'leases' },
  { kind: 'range', key: KEY, rangeEnd: NO_BYTES, view: PLAIN_VIEW },
  { kind: 'range', key: asBytes('\0'), rangeEnd: asBytes('\0'), view: PLAIN_VIEW },
  { kind: 'grant', id: LEAST, ttl: 60n },
  { kind: 'grant', id: 5n, ttl: 2n ** 63n - 1n },
  { kind: 'revoke', id: -404n },
  { kind: 'deleteRange', key: asBytes('none'), rangeEnd: NO_BYTES, prevKv: true },
  { kind: 'put', key: NO_BYTES, value: LONG, lease: 0n, ...PUT },
  { kind: 'put', key: KEY, value: LONG, lease: 404n, ...PUT },
  { kind: 'put', key: KEY, value: NO_BYTES, lease: 1n, ...PUT, ignoreLease: true },
  { kind: 'put', key: KEY, value: LONG, lease: 0n, ...PUT, ignoreValue: true },
  { kind: 'compact', revision: 2n ** 62n, physical: false },
  { kind: 'alarm', action: 'list' },
  range({ limit: 1n, sortOrder: 'descend', sortTarget: 'mod' }),
  range({ revision: 2n, serializable: true, keysOnly: true }),
  range({ countOnly: true }),
  range({ revision: 2n ** 62n }),
  range({ minModRevision: 2n, maxModRevision: 2n ** 62n, sortTarget: 'value' }),
  range({ minCreateRevision: 2n ** 62n, maxCreateRevision: 1n, sortOrder: 'ascend' }),
  txn([{ target: 'lease', result: 'equal', operand: LEAST }]),
  txn([{ target: 'value', result: 'notEqual', operand: NO_BYTES }]),
  txn([{ target: 'version', result: 'greater', operand: 0n }]),
  txn([{ target: 'create', result: 'less', operand: 2n ** 63n - 1n, rangeEnd: asBytes('\0') }]),
  txn([{ target: 'mod', result: 'equal', operand: 0n }]),
];

test('answers and refusals are the same, at the ends of all ranges', async () => {
  const grant = { kind: 'grant', token: 0, id: LEAST, ttl: 3600n } as const;
  expect(await callLean(lean, grant)).toMatchObject({ response: { id: LEAST, ttl: 3600 } });
  const put = { kind: 'put', token: 0, key: KEY, value: LONG, lease: LEAST, ...PUT } as const;
  expect(await callLean(lean, put)).toMatchObject({ response: { prevKv: null } });
  const kinds = new Set<string>();
  for (const asked of COMMANDS) {
    const command = { ...asked, token: 0 };
    const completion = await callLean(lean, command);
    expect(completion).toEqual(await callUnary(library.of(0, 0), command, 5_000));
    expect(completion.kind).toBe('answered');
    if (completion.kind === 'answered') kinds.add(completion.response.kind);
  }
  expect(kinds).toContain('refused');
  for (const [action, noSpace] of [
    ['raise', true],
    ['clear', true],
    ['list', false],
  ] as const) {
    const completion = await callLean(lean, { kind: 'alarm', token: 0, action });
    expect(completion).toMatchObject({ response: { kind: 'alarms', noSpace } });
  }
});

test('what is written once is read back with its previous value', async () => {
  const value = asBytes('w');
  const put = { kind: 'put', token: 0, key: KEY, value, lease: 0n, ...PUT } as const;
  expect(await callLean(lean, put)).toMatchObject({
    response: { kind: 'putDone', prevKv: { key: KEY, value: LONG, lease: LEAST, version: 1 } },
  });
  const remove = { kind: 'deleteRange', token: 0, key: KEY, rangeEnd: NO_BYTES, prevKv: true };
  expect(await callLean(lean, remove as UnaryCommand)).toMatchObject({
    response: { kind: 'deleted', deleted: 1, prevKvs: [{ value, lease: 0n, version: 2 }] },
  });
});

test('a watch is told the same, and what it is told comes before later answers', async () => {
  const told = async (open: OpenWatch): Promise<readonly unknown[]> => {
    const said: unknown[] = [];
    const stream = new WatchStream(open, 3, {
      answered: (token, completion) => said.push({ token, completion }),
      delivered: ({ watch, events }) => said.push({ watch, keys: events.map(({ kv }) => kv.key) }),
    });
    stream.send({ ...WATCH, token: 1, watch: 7n, noDelete: true });
    stream.send({ ...WATCH, token: 2, watch: LEAST, startRevision: 2n ** 60n });
    stream.send({ ...WATCH, token: 3, key: asBytes('b'), rangeEnd: asBytes('a') });
    await expect.poll(() => said.length).toBe(3);
    for (const name of ['x1', 'x2']) {
      const put = {
        kind: 'put',
        token: 0,
        key: asBytes(name),
        value: NO_BYTES,
        lease: 0n,
      } as const;
      await callLean(lean, { ...put, ...PUT });
    }
    await expect.poll(() => said.length).toBe(5);
    stream.send({ kind: 'cancelWatch', token: 4, stream: 3, watch: 7n });
    await expect.poll(() => said.length).toBe(6);
    stream.close('done');
    return said.map((each) => JSON.stringify(each, withoutRevisions));
  };
  const byLibrary = await told(watchOver(library.of(0, 0)));
  expect(await told(leanWatch(lean))).toEqual(byLibrary);
  expect(byLibrary.join()).toContain('watchCanceled');
});

const WATCH: Watch = {
  ...PLAIN_WATCH,
  kind: 'watch',
  token: 0,
  stream: 3,
  ...ALL,
  prevKv: true,
  fragment: true,
};

const withoutRevisions = (name: string, value: unknown): unknown =>
  name === 'revision' || name === 'header' ? null : typeof value === 'bigint' ? `${value}` : value;

test('a server that is not there leaves the fate of a call unknown', async () => {
  const nowhere = new LeanConnection('http://127.0.0.1:1', 5_000);
  const completion = await callLean(nowhere, { kind: 'leases', token: 0 });
  expect(completion).toMatchObject({ kind: 'unknown' });
});

test.each([0n, 1n, 127n, 128n, 2n ** 48n, 2n ** 49n - 1n, 2n ** 49n, 2n ** 63n - 1n, -1n, LEAST])(
  'the number %d is read as it was written',
  (value) => expect(new Message(encodeMessage([[3, value]])).int64(3)).toBe(value),
);

test('a message that is cut off is no message', () => {
  expect(() => new Message(Buffer.from([0x08, 0x80]))).toThrow('cut off');
});
