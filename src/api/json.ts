/**
 * Commands, responses and watch events as plain JSON: int64s are decimal strings, bytes stay
 * strings.
 */
import type { Bytes } from './bytes.ts';
import {
  byKind,
  bytes,
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
  otherwise,
  record,
  whole,
  word,
} from './codec.ts';
import {
  type Command,
  type Compare,
  PLAIN_VIEW,
  type RangeView,
  type RequestOp,
} from './command.ts';
import {
  isLegalConfig,
  MINOR_VERSIONS,
  type ServerConfig,
  SHORTEST_PROGRESS_INTERVAL,
} from './config.ts';
import { REASONS } from './refusal.ts';
import type { Delivery, KeyValue, Response, ResponseOp, WatchEvent } from './response.ts';

const token = whole(0);
const revision = whole<KeyValue['modRevision']>(0);

const viewJson = record<RangeView>({
  revision: int64,
  limit: int64,
  sortOrder: word(['none', 'ascend', 'descend']),
  sortTarget: word(['key', 'version', 'create', 'mod', 'value']),
  serializable: flag,
  keysOnly: flag,
  countOnly: flag,
  minModRevision: int64,
  maxModRevision: int64,
  minCreateRevision: int64,
  maxCreateRevision: int64,
});

/** Histories from before ranges had views have none. */
const view = otherwise(viewJson, PLAIN_VIEW);

const watchFields = { token, stream: whole(0) };

const put = {
  key: bytes,
  value: bytes,
  lease: int64,
  ignoreLease: flag,
  ignoreValue: flag,
  prevKv: flag,
};
const range = { key: bytes, rangeEnd: bytes, view };
const deleteRange = { key: bytes, rangeEnd: bytes, prevKv: flag };

const commonCompare = {
  key: bytes,
  rangeEnd: bytes,
  result: word<Compare['result']>(['equal', 'greater', 'less', 'notEqual']),
};
const compareTarget = word<Compare['target']>(['version', 'create', 'mod', 'lease', 'value']);

/** The target says what the operand is. */
const compareJson: Codec<Compare> = {
  encode: ({ target, operand, ...common }) => ({
    ...common,
    target,
    operand: typeof operand === 'bigint' ? int64.encode(operand) : operand,
  }),
  decode: (value) => {
    const common = record(commonCompare).decode(value);
    const { target: given, operand: compared } = value as Readonly<Record<string, unknown>>;
    const target = decodePart('target', () => compareTarget.decode(given));
    const codec: Pick<Codec<Bytes | bigint>, 'decode'> = target === 'value' ? bytes : int64;
    const operand = decodePart('operand', () => codec.decode(compared));
    return { ...common, target, operand } as Compare;
  },
};

/** A transaction holds transactions, so its codec is looked up when it is used. */
const later = <T>(codec: () => Codec<T>): Codec<T> => ({
  encode: (value) => codec().encode(value),
  decode: (value) => codec().decode(value),
});

const txn = {
  compares: list(compareJson),
  success: list(later(() => requestOpJson)),
  failure: list(later(() => requestOpJson)),
};

const requestOpJson: Codec<RequestOp> = byKind<RequestOp>({ put, range, deleteRange, txn });

export const commandJson: Codec<Command> = byKind<Command>({
  grant: { token, id: int64, ttl: int64 },
  revoke: { token, id: int64 },
  keepAlive: { token, id: int64, stream: whole(0) },
  timeToLive: { token, id: int64, keys: flag },
  leases: { token },
  put: { token, ...put },
  range: { token, ...range },
  deleteRange: { token, ...deleteRange },
  txn: { token, ...txn },
  compact: { token, revision: int64, physical: flag },
  alarm: { token, action: word(['list', 'raise', 'clear']) },
  watch: {
    ...watchFields,
    watch: int64,
    key: bytes,
    rangeEnd: bytes,
    startRevision: int64,
    prevKv: flag,
    noPut: flag,
    noDelete: flag,
    progressNotify: flag,
    fragment: flag,
  },
  cancelWatch: { ...watchFields, watch: int64 },
  watchProgress: watchFields,
});

const keyValueJson = record<KeyValue>({
  key: bytes,
  value: bytes,
  createRevision: revision,
  modRevision: revision,
  version: whole(0),
  lease: int64,
});

const putDone = { revision, prevKv: nullable(keyValueJson) };
const deleted = { revision, deleted: whole(0), prevKvs: list(keyValueJson) };
const rangeResult = {
  revision,
  kvs: list(keyValueJson),
  more: otherwise(flag, false),
  count: whole(0),
};
const txnResult = {
  revision,
  succeeded: flag,
  responses: list(later(() => responseOpJson)),
};

const responseOpJson: Codec<ResponseOp> = byKind<ResponseOp>({
  putDone,
  rangeResult,
  deleted,
  txnResult,
});

const anyResponseJson: Codec<Response> = byKind<Response>({
  granted: { revision, id: int64, ttl: whole() },
  revoked: { revision },
  keptAlive: { revision, id: int64, ttl: whole() },
  remainingTtl: { revision, id: int64, ttl: whole(), grantedTtl: whole(), keys: list(bytes) },
  leaseList: { revision, ids: list(int64) },
  putDone,
  rangeResult,
  deleted,
  txnResult,
  compacted: { revision },
  alarms: { revision, noSpace: flag },
  watchCreated: { revision, watch: int64 },
  watchCanceled: { revision, watch: int64 },
  progress: { revision },
  refused: { reason: word(REASONS) },
});

/** Before ranges could be cut short, they showed all keys, and nobody counted them. */
const counted = (value: unknown): unknown => {
  if (!isObject(value) || value['kind'] !== 'rangeResult' || 'count' in value) return value;
  const { kvs } = value;
  return Array.isArray(kvs) ? { ...value, count: kvs.length } : value;
};

export const responseJson: Codec<Response> = {
  encode: (value): Json => anyResponseJson.encode(value),
  decode: (value) => anyResponseJson.decode(counted(value)),
};

export const watchEventJson: Codec<WatchEvent> = byKind<PutEvent | DeleteEvent>({
  put: { kv: keyValueJson, prevKv: nullable(keyValueJson) },
  delete: { kv: keyValueJson, prevKv: nullable(keyValueJson) },
});

type PutEvent = WatchEvent & { readonly kind: 'put' };
type DeleteEvent = WatchEvent & { readonly kind: 'delete' };

export const deliveryJson: Codec<Delivery> = record<Delivery>({
  stream: whole(0),
  watch: int64,
  revision,
  events: list(watchEventJson),
  compactRevision: revision,
});

const settings = record<ServerConfig>({
  etcd: word(MINOR_VERSIONS),
  heartbeat: whole(1),
  election: whole(1),
  leaseCheckpoint: optional(flag),
  leaseCheckpointPersist: optional(flag),
  progressInterval: optional(whole(SHORTEST_PROGRESS_INTERVAL)),
});

/** Refuses settings that etcd would not start with (CONST-03, CONST-13). */
export const configJson: Codec<ServerConfig> = {
  encode: settings.encode,
  decode: (value) => {
    const config = settings.decode(value);
    if (isLegalConfig(config)) return config;
    if (config.leaseCheckpointPersist === true && config.leaseCheckpoint !== true)
      throw new DecodeError('found leaseCheckpointPersist, expected leaseCheckpoint with it');
    const found = `heartbeat ${config.heartbeat} and election ${config.election}`;
    throw new DecodeError(`found ${found}, expected 5 heartbeats ≤ election ≤ 50000`);
  },
};
