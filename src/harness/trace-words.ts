/** Commands, responses and events in the canonical words of a trace. */
import {
  type Command,
  type Compare,
  type LeaseId,
  PLAIN_VIEW,
  type RangeView,
  type RequestOp,
  type Watch,
} from '../api/command.ts';
import type { KeyValue, Response, WatchEvent } from '../api/response.ts';
import type { Revision } from '../api/units.ts';

export class TraceWords {
  /** What ids are called that the server chose. */
  readonly names = new Map<LeaseId, string>();

  id(id: LeaseId): string {
    // Most keys have no lease, and 0 no name.
    return id === 0n ? '0' : (this.names.get(id) ?? String(id));
  }

  kv(kv: KeyValue | null): string {
    if (kv === null) return '-';
    const { createRevision, modRevision, version } = kv;
    const lease = this.id(kv.lease);
    return `${text(kv.key)}=${text(kv.value)}/${createRevision}/${modRevision}/${version}/${lease}`;
  }

  command(command: Command): string {
    switch (command.kind) {
      case 'grant':
        return `grant ${command.id} ${command.ttl}`;
      case 'revoke':
        return `revoke ${this.id(command.id)}`;
      case 'keepAlive':
        return `keepAlive ${this.id(command.id)} ${command.stream}`;
      case 'timeToLive':
        return `timeToLive ${this.id(command.id)} ${command.keys}`;
      case 'leases':
        return 'leases';
      case 'put':
      case 'range':
      case 'deleteRange':
      case 'txn':
        return this.#operation(command);
      case 'compact':
        return `compact ${command.revision} ${command.physical}`;
      case 'alarm':
        return `alarm ${command.action}`;
      case 'watch':
        return watchText(command);
      case 'cancelWatch':
        return `cancel ${command.stream} ${command.watch}`;
      case 'watchProgress':
        return `progress ${command.stream}`;
    }
  }

  #operation(op: RequestOp): string {
    switch (op.kind) {
      case 'put': {
        const flags = `${op.ignoreLease} ${op.ignoreValue} ${op.prevKv}`;
        return `put ${text(op.key)} ${text(op.value)} ${this.id(op.lease)} ${flags}`;
      }
      case 'range':
        return `range ${text(op.key)} ${text(op.rangeEnd)}${viewText(op.view)}`;
      case 'deleteRange':
        return `delete ${text(op.key)} ${text(op.rangeEnd)} ${op.prevKv}`;
      case 'txn': {
        const compares = op.compares.map((compare) => this.#compare(compare)).join(' & ');
        const branch = (ops: readonly RequestOp[]): string =>
          ops.map((each) => this.#operation(each)).join('; ');
        return `txn ${compares} [${branch(op.success)}] [${branch(op.failure)}]`;
      }
    }
  }

  #compare(compare: Compare): string {
    const { target, key, rangeEnd, result } = compare;
    const operand =
      compare.target === 'value'
        ? text(compare.operand)
        : compare.target === 'lease'
          ? this.id(compare.operand)
          : String(compare.operand);
    return `${target} ${text(key)} ${text(rangeEnd)} ${result} ${operand}`;
  }

  /** `isSorted`: by something in which many keys may be equal. */
  response(response: Response, isSorted = false): string {
    switch (response.kind) {
      case 'granted':
      case 'keptAlive':
        return `${response.revision} ${this.id(response.id)} ${response.ttl}`;
      case 'revoked':
        return `${response.revision}`;
      case 'remainingTtl': {
        const { revision, ttl, grantedTtl, keys } = response;
        const sorted = keys.length < 2 ? keys : [...keys].sort();
        return `${revision} ${ttl} ${grantedTtl} ${sorted.map(text).join()}`;
      }
      case 'leaseList': {
        const ids = response.ids.map((id) => this.id(id)).sort();
        return `${response.revision} ${ids.join()}`;
      }
      case 'putDone':
        return `${response.revision} ${this.kv(response.prevKv)}`;
      case 'rangeResult': {
        const { kvs, more, count } = response;
        if (isSorted && count > STABLE)
          return `${response.revision} ${kvs.length} ${more} ${count}`;
        return `${response.revision} ${kvs.map((kv) => this.kv(kv)).join()} ${more} ${count}`;
      }
      case 'deleted': {
        const before = response.prevKvs.map((kv) => this.kv(kv)).join();
        return `${response.revision} ${response.deleted} ${before}`;
      }
      case 'txnResult': {
        const { revision, succeeded, responses } = response;
        const inner = responses.map((each) => this.response(each, isSorted)).join('; ');
        return `${revision} ${succeeded} [${inner}]`;
      }
      case 'compacted':
      case 'progress':
        return `${response.revision}`;
      case 'alarms':
        return `${response.revision} ${response.noSpace}`;
      case 'watchCreated':
      case 'watchCanceled':
        return `${response.revision} ${response.watch}`;
      case 'refused':
        return `refused ${response.reason}`;
    }
  }

  event({ kind, kv, prevKv }: WatchEvent, revision: number): string {
    if (kind === 'put') return `put ${this.kv(kv)} ${this.kv(prevKv)}`;
    const tombstone = { ...kv, modRevision: revision as Revision };
    return `delete ${this.kv(tombstone)} ${this.kv(prevKv)}`;
  }
}

const watchText = (command: Watch): string => {
  const { stream, watch, key, rangeEnd, startRevision } = command;
  const { prevKv, noPut, noDelete, progressNotify, fragment } = command;
  const flags = [prevKv, noPut, noDelete, progressNotify, fragment].join(' ');
  return `watch ${stream} ${watch} ${text(key)} ${text(rangeEnd)} ${startRevision} ${flags}`;
};

/** Up to so many keys etcd sorts in a way that leaves equal ones in their order. */
const STABLE = 12;

/** Nothing of a plain view, so that what has none reads as it did before there were any. */
const viewText = (view: RangeView): string => {
  if (view === PLAIN_VIEW) return '';
  let told = '';
  for (const field of VIEW_FIELDS) {
    if (view[field] !== PLAIN_VIEW[field]) told += ` ${field}=${view[field]}`;
  }
  return told;
};

const VIEW_FIELDS = Object.keys(PLAIN_VIEW) as (keyof RangeView)[];

/**
 * Keys and values are mostly plain; the others are quoted, so that no two of them read the same.
 */
const text = (bytes: string): string => (isPlain(bytes) ? bytes : JSON.stringify(bytes));

/** Letters and digits, and at least one: asked of everything, so by hand. */
const isPlain = (bytes: string): boolean => {
  for (let index = 0; index < bytes.length; index += 1) {
    const code = bytes.charCodeAt(index);
    const isDigit = code >= 48 && code <= 57;
    // 32 apart, the letters in capitals and the others have one code.
    const letter = code | 32;
    if (!isDigit && (letter < 97 || letter > 122)) return false;
  }
  return bytes !== '';
};
