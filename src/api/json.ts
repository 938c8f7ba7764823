/**
 * Commands, responses and watch events as plain JSON: int64s are decimal strings, bytes stay
 * strings.
 */
import {
  byKind,
  bytes,
  type Codec,
  DecodeError,
  flag,
  int64,
  list,
  nullable,
  optional,
  record,
  whole,
  word,
} from './codec.ts';
import type { Command } from './command.ts';
import { isLegalConfig, MINOR_VERSIONS, type ServerConfig } from './config.ts';
import { REASONS } from './refusal.ts';
import type { KeyValue, Response, WatchEvent } from './response.ts';

const token = whole(0);
const revision = whole<KeyValue['modRevision']>(0);

export const commandJson: Codec<Command> = byKind<Command>({
  grant: { token, id: int64, ttl: int64 },
  revoke: { token, id: int64 },
  keepAlive: { token, id: int64, stream: whole(0) },
  timeToLive: { token, id: int64, keys: flag },
  leases: { token },
  put: {
    token,
    key: bytes,
    value: bytes,
    lease: int64,
    ignoreLease: flag,
    ignoreValue: flag,
    prevKv: flag,
  },
  range: { token, key: bytes, rangeEnd: bytes },
  deleteRange: { token, key: bytes, rangeEnd: bytes, prevKv: flag },
});

const keyValueJson = record<KeyValue>({
  key: bytes,
  value: bytes,
  createRevision: revision,
  modRevision: revision,
  version: whole(0),
  lease: int64,
});

export const responseJson: Codec<Response> = byKind<Response>({
  granted: { revision, id: int64, ttl: whole() },
  revoked: { revision },
  keptAlive: { revision, id: int64, ttl: whole() },
  remainingTtl: { revision, id: int64, ttl: whole(), grantedTtl: whole(), keys: list(bytes) },
  leaseList: { revision, ids: list(int64) },
  putDone: { revision, prevKv: nullable(keyValueJson) },
  rangeResult: { revision, kvs: list(keyValueJson) },
  deleted: { revision, deleted: whole(0), prevKvs: list(keyValueJson) },
  refused: { reason: word(REASONS) },
});

export const watchEventJson: Codec<WatchEvent> = byKind<PutEvent | DeleteEvent>({
  put: { kv: keyValueJson, prevKv: nullable(keyValueJson) },
  delete: { kv: keyValueJson, prevKv: nullable(keyValueJson) },
});

type PutEvent = WatchEvent & { readonly kind: 'put' };
type DeleteEvent = WatchEvent & { readonly kind: 'delete' };

const settings = record<ServerConfig>({
  etcd: word(MINOR_VERSIONS),
  heartbeat: whole(1),
  election: whole(1),
  leaseCheckpoint: optional(flag),
  leaseCheckpointPersist: optional(flag),
});

/** Refuses settings that etcd would not start with (CONST-03). */
export const configJson: Codec<ServerConfig> = {
  encode: settings.encode,
  decode: (value) => {
    const config = settings.decode(value);
    if (isLegalConfig(config)) return config;
    const found = `heartbeat ${config.heartbeat} and election ${config.election}`;
    throw new DecodeError(`found ${found}, expected 5 heartbeats ≤ election ≤ 50000`);
  },
};
