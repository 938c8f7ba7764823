/** KA-13: calls that want a leader, while it is lost and when it is back. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import {
  LeaseGrantRequestSchema,
  LeaseKeepAliveRequestSchema,
  StatusResponseSchema,
  WatchRequestSchema,
} from '../../src/wire/gen/rpc_pb.ts';
import { begin, callRaw, connectRaw, framed, type Outcome, outcomeOf } from './raw-client.ts';
import { serve, stopServing } from './served.ts';
import { eachServed } from './each-served.ts';

const GRANT = '/etcdserverpb.Lease/LeaseGrant';
const KEEP_ALIVE = '/etcdserverpb.Lease/LeaseKeepAlive';
const LEASES = '/etcdserverpb.Lease/LeaseLeases';
const STATUS = '/etcdserverpb.Maintenance/Status';
const WATCH = '/etcdserverpb.Watch/Watch';
const NOTHING = [framed(Buffer.alloc(0))];
const GRANTED = [
  framed(toBinary(LeaseGrantRequestSchema, create(LeaseGrantRequestSchema, { ID: 7n, TTL: 60n }))),
];
const KEPT = [
  framed(toBinary(LeaseKeepAliveRequestSchema, create(LeaseKeepAliveRequestSchema, { ID: 7n }))),
];
const WATCHED = [
  framed(
    toBinary(
      WatchRequestSchema,
      create(WatchRequestSchema, {
        requestUnion: { case: 'createRequest', value: { key: Buffer.from('k') } },
      }),
    ),
  ),
];
const headers = { hasleader: 'true' };

const summary = ({ isTrailersOnly, message, messages, status }: Outcome) =>
  `${status} ${message} ${messages.length} ${isTrailersOnly ? 'at once' : 'after all'}`;

interface Trial {
  readonly address: string;
  /** Takes the leader away. */
  readonly lose: () => void;
  /** Lets it be away for long enough that streams end. */
  readonly wait: () => Promise<void>;
}

const rest = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
};

/** What becomes of calls that want a leader and of others, as it is lost. */
const outcomesAt = async ({ address, lose, wait }: Trial): Promise<Record<string, unknown>> => {
  const session = connectRaw(address);
  await callRaw(session, { path: GRANT, chunks: GRANTED });
  const open = {
    'open keep-alives': { path: KEEP_ALIVE, headers, chunks: KEPT },
    'open keep-alives without a request': { path: KEEP_ALIVE, headers },
    'open watch': { path: WATCH, headers, chunks: WATCHED },
    'open watch that wants none': { path: WATCH, chunks: WATCHED },
    'open keep-alives of another value': {
      path: KEEP_ALIVE,
      headers: { hasleader: 'TRUE' },
      chunks: KEPT,
    },
  };
  const outcomes: Record<string, unknown> = {};
  const streams = Object.entries(open).map(([name, call]) => {
    outcomes[name] = 'goes on';
    const stream = begin(session, { ...call, end: false });
    const ended = outcomeOf(stream).then((outcome) => {
      outcomes[name] = summary(outcome);
    });
    return { ended, stream, isEnded: 'headers' in call && call.headers === headers };
  });
  await rest();
  await callRaw(session, { path: LEASES, chunks: NOTHING });
  lose();
  const calls = {
    list: { path: LEASES, headers, chunks: NOTHING },
    'list that wants none': { path: LEASES, chunks: NOTHING },
    'no protobuf': { path: GRANT, headers, chunks: [framed(Buffer.from([0xff]))] },
    status: { path: STATUS, headers, chunks: NOTHING },
    health: { path: '/grpc.health.v1.Health/Check', headers, chunks: NOTHING },
    'keep-alives': { path: KEEP_ALIVE, headers, end: false },
    watch: { path: WATCH, headers, chunks: WATCHED, end: false },
  };
  for (const [name, call] of Object.entries(calls)) {
    outcomes[name] = summary(await callRaw(session, call));
  }
  await wait();
  await Promise.all(streams.filter(({ isEnded }) => isEnded).map(({ ended }) => ended));
  const seen = { ...outcomes };
  for (const { stream } of streams) stream.close();
  await Promise.all(streams.map(({ ended }) => ended));
  session.destroy();
  return seen;
};

describe('KA-13', () => {
  const on = eachServed();

  test('a stream ends at the third look that finds no leader, one an election time', async () => {
    await on.served.advance(300);
    let isOver = false;
    const stream = begin(on.session, { path: KEEP_ALIVE, headers, chunks: KEPT, end: false });
    const outcome = outcomeOf(stream).finally(() => (isOver = true));
    await rest();
    on.served.etcd.leader.lose();
    await on.served.advance(2_699);
    await rest();
    expect(isOver).toBe(false);
    await on.served.advance(1);
    expect(summary(await outcome)).toBe('14 etcdserver: no leader 1 after all');
  });

  test('a leader that is back at a look counts, one between two looks does not', async () => {
    const { leader } = on.served.etcd;
    let isOver = false;
    const stream = begin(on.session, { path: WATCH, headers, chunks: WATCHED, end: false });
    void outcomeOf(stream).finally(() => (isOver = true));
    await rest();
    leader.lose();
    await on.served.advance(2_100);
    leader.regain();
    await on.served.advance(1_000);
    leader.lose();
    await on.served.advance(2_500);
    expect(isOver).toBe(false);
    leader.regain();
    leader.lose();
    await on.served.advance(400);
    await rest();
    expect(isOver).toBe(true);
  });

  test('a stream that waits with its request ends before the request is given up', async () => {
    on.served.etcd.leader.lose();
    const waiting = outcomeOf(begin(on.session, { path: KEEP_ALIVE, chunks: KEPT, end: false }));
    await rest();
    await on.served.advance(7_000);
    expect(summary(await waiting)).toBe('14 etcdserver: no leader 0 at once');
    on.served.etcd.simulator.scan();
  });

  test('RESTART-07 status and health tell of it; a new leader has a term of its own', async () => {
    const statusNow = async () => {
      const { messages } = await callRaw(on.session, { path: STATUS, chunks: NOTHING });
      const { errors, leader, raftTerm } = fromBinary(StatusResponseSchema, messages[0] as Buffer);
      return { errors, leader, raftTerm };
    };
    const health = async (query = '') => {
      const response = await fetch(`http://${on.served.address}/health${query}`);
      return [response.status, await response.json()];
    };
    expect(await health()).toEqual([200, { health: 'true', reason: '' }]);
    const leader = 0x8e9e05c52164694dn;
    expect(await statusNow()).toEqual({ errors: [], leader, raftTerm: 2n });
    on.served.etcd.leader.lose();
    on.served.etcd.leader.lose();
    const errors = ['etcdserver: no leader'];
    expect(await statusNow()).toEqual({ errors, leader: 0n, raftTerm: 2n });
    expect(await health()).toEqual([503, { health: 'false', reason: 'RAFT NO LEADER' }]);
    expect(await health('?serializable=true')).toEqual([200, { health: 'true', reason: '' }]);
    expect(on.served.etcd.leader.regain()).toEqual([]);
    expect(await statusNow()).toEqual({ errors: [], leader, raftTerm: 3n });
  });

  test.each([
    ['3.4.23', '/v3/lease/leases', { error: 'etcdserver: no leader', code: 14 }],
    ['3.5.30', '/v3/lease/leases', { code: 14, message: 'etcdserver: no leader' }],
    ['3.4.23', '/v3/watch', { error: expect.objectContaining({ grpc_code: 14, http_code: 503 }) }],
    ['3.5.30', '/v3/watch', { error: { code: 14, message: 'etcdserver: no leader' } }],
  ])('the gateway of %s passes on Grpc-Metadata-Hasleader to %s', async (version, path, body) => {
    const { address, etcd } = await serve({ version });
    etcd.leader.lose();
    const post = (name: string) =>
      fetch(`http://${address}${path}`, {
        method: 'POST',
        body: '{}',
        headers: { [name]: 'true' },
      });
    const refused = await post('Grpc-Metadata-Hasleader');
    expect([refused.status, await refused.json()]).toEqual([503, expect.objectContaining(body)]);
    if (path.endsWith('leases')) expect((await post('hasleader')).status).toBe(200);
  });
});

/** So members of 3.4.23, 3.5.30, 3.6.16 and 3.7.3 answered whose only peer was killed. */
const OBSERVED = {
  'open keep-alives': '14 etcdserver: no leader 1 after all',
  'open keep-alives without a request': '14 etcdserver: no leader 0 at once',
  'open watch': '14 etcdserver: no leader 1 after all',
  'open watch that wants none': 'goes on',
  'open keep-alives of another value': 'goes on',
  list: '14 etcdserver: no leader 0 at once',
  'list that wants none': '0  1 after all',
  'no protobuf': '13 grpc: error unmarshalling request: unexpected EOF 0 at once',
  status: '14 etcdserver: no leader 0 at once',
  health: '14 etcdserver: no leader 0 at once',
  'keep-alives': '14 etcdserver: no leader 0 at once',
  watch: '14 etcdserver: no leader 0 at once',
};

test('KA-13 calls fare as on a real member that is left alone', async () => {
  const { address, advance, etcd } = await serve();
  try {
    const outcomes = await outcomesAt({
      address,
      lose: () => etcd.leader.lose(),
      wait: () => advance(4_000),
    });
    expect(outcomes).toEqual(OBSERVED);
  } finally {
    await stopServing();
  }
});
