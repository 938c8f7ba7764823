/**
 * Responses in the words of schedules and timelines: `5 of 10`, `ttl=5`, `k=v lease=A`, `refused
 * lease-not-found`.
 */
import type { Bytes } from '../api/bytes.ts';
import type { LeaseId } from '../api/command.ts';
import type {
  Delivery,
  KeyValue,
  RangeResult,
  Response,
  TxnResult,
  WatchEvent,
} from '../api/response.ts';
import { printBytes } from './words.ts';

/** How leases and keys are called where the words are to be read. */
export interface Names {
  readonly nameOf: (id: LeaseId) => string;
  readonly keyOf: (key: Bytes) => Bytes;
}

/** Ids and keys as they are on the server. */
export const RAW_NAMES: Names = { nameOf: (id) => `#${id}`, keyOf: (key) => key };

/** What was expected and what was seen; with the revisions, where the words alone do not differ. */
export const wordDifference = (expected: Response, seen: Response): readonly [string, string] => {
  const [left, right] = [wordResponse(expected), wordResponse(seen)];
  if (left !== right || !('revision' in expected) || !('revision' in seen)) return [left, right];
  if (expected.revision === seen.revision) return [inFull(expected), inFull(seen)];
  return [`${left} at revision ${expected.revision}`, `${right} at revision ${seen.revision}`];
};

/** Every field, for differences in what the words leave out, such as the version of a key. */
const inFull = (response: Response): string =>
  JSON.stringify(response, (_name, value: unknown) => {
    if (typeof value === 'bigint') return String(value);
    return Object.is(value, -0) ? '-0' : value;
  });

/** What is said of a request that the server holds. */
export const WAITS = 'waits';

export const wordResponse = (response: Response, names: Names = RAW_NAMES): string => {
  switch (response.kind) {
    case 'granted':
      return `${names.nameOf(response.id)} ttl=${response.ttl}`;
    case 'revoked':
      return 'ok';
    case 'keptAlive':
      return `ttl=${response.ttl}`;
    case 'remainingTtl': {
      const keys = response.keys.map((key) => printBytes(names.keyOf(key))).sort();
      const listed = keys.length === 0 ? '' : ` keys=${keys.join(',')}`;
      return `${response.ttl} of ${response.grantedTtl}${listed}`;
    }
    case 'leaseList':
      return response.ids.length === 0 ? 'none' : response.ids.map(names.nameOf).join(',');
    case 'putDone':
      return response.prevKv === null ? 'ok' : `ok prev ${wordKv(response.prevKv, names)}`;
    case 'rangeResult':
      return wordRange(response, names);
    case 'deleted': {
      const before =
        response.prevKvs.length === 0 ? '' : ` prev ${wordKvs(response.prevKvs, names)}`;
      return `deleted ${response.deleted}${before}`;
    }
    case 'txnResult':
      return wordTxn(response, names);
    case 'compacted':
    case 'watchCanceled':
    case 'progress':
      return 'ok';
    case 'alarms':
      return response.noSpace ? 'no-space' : 'none';
    case 'watchCreated':
      return `ok id=${response.watch}`;
    case 'refused':
      return `refused ${response.reason}`;
  }
};

/** `k=v, l=w`, and how many there are, where that is not what is shown. */
const wordRange = ({ kvs, more, count }: RangeResult, names: Names): string => {
  const shown = kvs.length === 0 && count > 0 ? 'none' : wordKvs(kvs, names);
  return [shown, more ? ', more' : '', count === kvs.length ? '' : ` of ${count}`].join('');
};

/** `then ok; k=v`, `else nothing`; one within another in parentheses. */
const wordTxn = ({ succeeded, responses }: TxnResult, names: Names): string => {
  const words = responses.map((each) => {
    const said = wordResponse(each, names);
    return each.kind === 'txnResult' ? `(${said})` : said;
  });
  return `${succeeded ? 'then' : 'else'} ${words.length === 0 ? 'nothing' : words.join('; ')}`;
};

/** What a watch delivered, or that it ended: `put k=v lease=A; delete l`. */
export const wordDelivery = (
  { revision, events, compactRevision }: Delivery,
  names: Names = RAW_NAMES,
): string => {
  if (compactRevision !== 0) return `ended, compacted up to ${compactRevision}`;
  if (events.length === 0) return `all there is up to ${revision}`;
  return events.map((event) => wordEvent(event, names)).join('; ');
};

/** What a watch delivered: `put k=v lease=A`, `delete k`. */
export const wordEvent = ({ kind, kv }: WatchEvent, names: Names = RAW_NAMES): string =>
  kind === 'put' ? `put ${wordKv(kv, names)}` : `delete ${printBytes(names.keyOf(kv.key))}`;

/** What was done to which key, and when: `put k at 5`. */
export const wordPlace = ({ kind, kv }: WatchEvent): string =>
  `${kind} ${kv.key} at ${kv.modRevision}`;

const wordKvs = (kvs: readonly KeyValue[], names: Names): string =>
  kvs.length === 0 ? 'none' : kvs.map((kv) => wordKv(kv, names)).join(', ');

const wordKv = (kv: KeyValue, names: Names): string => {
  const key = printBytes(names.keyOf(kv.key));
  const value = kv.value === '' ? '' : `=${printBytes(kv.value)}`;
  return kv.lease === 0n ? `${key}${value}` : `${key}${value} lease=${names.nameOf(kv.lease)}`;
};
