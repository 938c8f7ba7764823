/** Drives the model's key-value and watch requests by hand, and puts what comes into words. */
import { asBytes } from '../../src/api/bytes.ts';
import {
  type Command,
  type Compare,
  PLAIN_VIEW,
  PLAIN_WATCH,
  type RangeView,
  type RequestOp,
  type Watch,
} from '../../src/api/command.ts';
import { DEFAULT_CONFIG, type MinorVersion } from '../../src/api/config.ts';
import type {
  Delivery,
  KeyValue,
  Response,
  ResponseOp,
  WatchEvent,
} from '../../src/api/response.ts';
import { instant } from '../../src/api/units.ts';
import { initialState, type RuleId, type State, step } from '../../src/model/index.ts';

type Op<Kind extends RequestOp['kind']> = RequestOp & { readonly kind: Kind };
type Without<T> = T extends unknown ? Omit<T, 'token'> : never;

export const put = (key: string, value = '', more: Partial<Op<'put'>> = {}): Op<'put'> => ({
  kind: 'put',
  key: asBytes(key),
  value: asBytes(value),
  lease: 0n,
  ignoreLease: false,
  ignoreValue: false,
  prevKv: false,
  ...more,
});

export const del = (key: string, end = '', prevKv = false): Op<'deleteRange'> => ({
  kind: 'deleteRange',
  key: asBytes(key),
  rangeEnd: asBytes(end),
  prevKv,
});

export const range = (key: string, end = '', view: Partial<RangeView> = {}): Op<'range'> => ({
  kind: 'range',
  key: asBytes(key),
  rangeEnd: asBytes(end),
  view: { ...PLAIN_VIEW, ...view },
});

export const txn = (
  success: readonly RequestOp[],
  failure: readonly RequestOp[] = [],
  compares: readonly Compare[] = [],
): Op<'txn'> => ({ kind: 'txn', compares, success, failure });

export const compare = (
  key: string,
  target: Exclude<Compare['target'], 'value'>,
  result: Compare['result'],
  operand: bigint,
  end = '',
): Compare => ({ key: asBytes(key), rangeEnd: asBytes(end), target, result, operand });

export const compareValue = (
  key: string,
  result: Compare['result'],
  operand: string,
  end = '',
): Compare => ({
  key: asBytes(key),
  rangeEnd: asBytes(end),
  target: 'value',
  result,
  operand: asBytes(operand),
});

/** A watch of all keys that begins with the next revision. */
export const watch = (more: Partial<Watch> = {}): Without<Watch> => ({
  ...PLAIN_WATCH,
  kind: 'watch',
  stream: 1,
  key: asBytes(''),
  rangeEnd: asBytes('\0'),
  ...more,
});

export class KvDriver {
  state: State;
  rules: readonly RuleId[] = [];
  /** What the watches delivered in the last step. */
  delivered: readonly string[] = [];
  readonly #now = instant(0);

  constructor(etcd: MinorVersion = '3.5') {
    this.state = initialState({ server: { ...DEFAULT_CONFIG, etcd } });
  }

  /** What the server answers; nothing: `silent`. */
  ask(request: Without<Command>): string {
    const command = { ...request, token: 1 } as Command;
    const { answers, deliveries, rules, state } = step(this.state, command, this.#now);
    this.state = state;
    this.rules = rules;
    this.delivered = deliveries.map(wordedDelivery);
    return answers.map(({ response }) => worded(response)).join('; ') || 'silent';
  }

  grant(id: bigint): void {
    this.ask({ kind: 'grant', id, ttl: 60n });
  }
}

/** `key=value@modRevision`, with its lease. */
export const wordedKv = ({ key, lease, modRevision, value }: KeyValue): string =>
  `${key}${value === '' ? '' : `=${value}`}@${modRevision}${lease === 0n ? '' : `:${lease}`}`;

const wordedOp = (response: ResponseOp): string => {
  switch (response.kind) {
    case 'putDone':
      return [`put @${response.revision}`, ...was(response.prevKv)].join(' ');
    case 'rangeResult': {
      const { count, kvs, more, revision } = response;
      const words = kvs.map(wordedKv).join(' ') || 'none';
      return `${words}${more ? ' …' : ''} of ${count} @${revision}`;
    }
    case 'deleted': {
      const was = response.prevKvs.map(wordedKv).join(' ');
      return `deleted ${response.deleted} @${response.revision}${was === '' ? '' : ` was ${was}`}`;
    }
    case 'txnResult': {
      const responses = response.responses.map(wordedOp).join(', ');
      return `${response.succeeded ? 'then' : 'else'} [${responses}] @${response.revision}`;
    }
  }
};

const worded = (response: Response): string => {
  switch (response.kind) {
    case 'putDone':
    case 'rangeResult':
    case 'deleted':
    case 'txnResult':
      return wordedOp(response);
    case 'refused':
      return response.reason;
    case 'alarms':
      return `${response.noSpace ? 'NOSPACE' : 'no alarm'} @${response.revision}`;
    case 'watchCreated':
    case 'watchCanceled':
      return `${response.kind} ${response.watch} @${response.revision}`;
    default:
      return `${response.kind} @${response.revision}`;
  }
};

const wordedDelivery = (delivery: Delivery): string => {
  const { compactRevision, events, revision, stream, watch: id } = delivery;
  const what =
    compactRevision === 0 ? events.map(wordedEvent).join(', ') : `ended by ${compactRevision}`;
  return `${stream}.${id} @${revision}: ${what}`;
};

const wordedEvent = ({ kind, kv, prevKv }: WatchEvent): string =>
  `${kind} ${wordedKv(kv)}${prevKv === null ? '' : ` was ${wordedKv(prevKv)}`}`;

const was = (kv: KeyValue | null): string[] => (kv === null ? [] : [`was ${wordedKv(kv)}`]);
