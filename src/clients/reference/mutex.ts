/**
 * A lock, or an office that is held: whoever's key under a prefix was created first has it. The key
 * is created, and who has the lock is read, in one transaction, which is repeated whenever the key
 * before the own one may be gone: it changes nothing when it is carried out twice. It is the answer
 * that shows the own key first that counts, and nothing else.
 */
import {
  Compare_CompareResult,
  Compare_CompareTarget,
  KV,
  RangeRequest_SortOrder,
  RangeRequest_SortTarget,
  type RangeResponse,
  type TxnResponse,
  Watch,
} from '../../wire/gen/rpc_pb.ts';
import { CODE } from '../../wire/status.ts';
import { ask, Call, CallFailed } from './call.ts';
import type { ReferenceLease, Surroundings } from './lease.ts';
import { pause, TooLate, within } from './within.ts';

/** Milliseconds that one request may take. */
const LIMIT = 1_000;
/** Milliseconds after which it is looked again, whatever a watch says. */
const GLANCE = 2_000;
/** Milliseconds between two tries. */
const DISTANCE = 250;

/** The place of a key in the queue. */
export interface Place {
  readonly key: string;
  readonly revision: bigint;
}

/** Waits for its turn; rejects when the lease is over before that. The key goes with the lease. */
export async function takeTurn(
  prefix: string,
  lease: ReferenceLease,
  { connection }: Surroundings,
): Promise<Place> {
  const key = `${prefix}/${lease.id.toString(16)}`;
  const bounds = { limit: LIMIT, signal: lease.over };
  for (;;) {
    const startedAt = performance.now();
    try {
      const request = enlisting(key, prefix, lease.id);
      const { message } = await ask(connection, KV.method.txn, request, bounds);
      const { own, before } = standingIn(message, key);
      if (!lease.isAlive) throw new Error('the lease is over');
      if (before === null) return { key, revision: own };
      const from = (message.header?.revision ?? 0n) + 1n;
      await untilGone(before, from, { connection, closing: lease.over });
    } catch (error) {
      if (!(error instanceof CallFailed) || lease.over.aborted) throw error;
      if (isRefusal(error)) throw error;
    }
    await pause(Math.max(0, startedAt + DISTANCE - performance.now()), lease.over);
  }
}

/** Creates the key unless it is there, and reads it and whoever stands before it. */
const enlisting = (key: string, prefix: string, lease: bigint) => ({
  compare: [
    {
      key: Buffer.from(key),
      target: Compare_CompareTarget.CREATE,
      result: Compare_CompareResult.EQUAL,
      targetUnion: { case: 'createRevision' as const, value: 0n },
    },
  ],
  success: [
    {
      request: { case: 'requestPut' as const, value: { key: Buffer.from(key), lease } },
    },
    reading(prefix),
  ],
  failure: [reading(prefix), reading(prefix)],
});

/** All keys of the queue, the first created first. */
const reading = (prefix: string) => ({
  request: {
    case: 'requestRange' as const,
    value: {
      key: Buffer.from(`${prefix}/`),
      rangeEnd: Buffer.from(`${prefix}0`),
      sortOrder: RangeRequest_SortOrder.ASCEND,
      sortTarget: RangeRequest_SortTarget.CREATE,
      keysOnly: true,
    },
  },
});

/** When the own key was created, and which one stands right before it; null: it is first. */
const standingIn = ({ responses }: TxnResponse, key: string) => {
  const response = responses.at(-1)?.response;
  const queue = response?.case === 'responseRange' ? keysOf(response.value) : [];
  const place = queue.findIndex((other) => other.key === key);
  const own = queue[place];
  if (own === undefined) throw new Error('the own key is not in the queue');
  return { own: own.revision, before: queue[place - 1]?.key ?? null };
};

const keysOf = ({ kvs }: RangeResponse): Place[] =>
  kvs.map(({ key, createRevision }) => ({
    key: Buffer.from(key).toString(),
    revision: createRevision,
  }));

/** Waits until a key is deleted, or may be: a watch is a hint to look, and no proof. */
async function untilGone(
  key: string,
  startRevision: bigint,
  { connection, closing }: Surroundings,
): Promise<void> {
  let call: { cancel: () => void } | undefined;
  const line = await connection.line().catch(() => null);
  if (line === null) return pause(DISTANCE, closing);
  const hint = new Promise<void>((resolve) => {
    const watch = new Call(line, Watch.method.watch, {
      onMessage: ({ events, canceled }) => {
        if (events.length > 0 || canceled) resolve();
      },
      onEnd: () => resolve(),
    });
    const value = { key: Buffer.from(key), startRevision };
    watch.send({ requestUnion: { case: 'createRequest', value } });
    call = watch;
  });
  try {
    await within(hint, { limit: GLANCE, signal: closing });
  } catch (error) {
    if (!(error instanceof TooLate)) throw error;
  } finally {
    call?.cancel();
  }
}

/** The server has answered, and will not answer otherwise: the lease is not there. */
const isRefusal = ({ code }: CallFailed): boolean => REFUSALS.has(code);
const REFUSALS: ReadonlySet<number> = new Set([
  CODE.invalidArgument,
  CODE.notFound,
  CODE.failedPrecondition,
]);
