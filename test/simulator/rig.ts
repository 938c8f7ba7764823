/**
 * A simulator with every invariant checked at every step, and a line of text for each thing it
 * reports.
 */
import { asBytes, NO_BYTES } from '../../src/api/bytes.ts';
import {
  type Command,
  type LeaseId,
  PLAIN_VIEW,
  PLAIN_WATCH,
  type RangeView,
  type StreamId,
  type Watch,
} from '../../src/api/command.ts';
import { DEFAULT_CONFIG, type ServerConfig } from '../../src/api/config.ts';
import type { Delivery, KeyValue, Response, ResponseOp } from '../../src/api/response.ts';
import { type Instant, instant } from '../../src/api/units.ts';
import { VirtualClock } from '../../src/clock/virtual-clock.ts';
import { Simulator, type SimulatorOptions } from '../../src/simulator/index.ts';

type WithoutToken<C> = C extends Command ? Omit<C, 'token'> : never;

export interface PutFlags {
  readonly ignoreLease?: boolean;
  readonly ignoreValue?: boolean;
  readonly prevKv?: boolean;
}

export class Rig {
  readonly clock: VirtualClock;
  readonly simulator: Simulator;
  /** What was reported, in order: `answer TOKEN`, `turn IDS`, `REVISION: put KEY, delete KEY`. */
  readonly log: string[] = [];
  /** What was delivered to watches since it was last taken. */
  readonly #deliveries: string[] = [];
  readonly #answers = new Map<number, Response>();
  #tokens = 0;

  constructor(
    config: Partial<ServerConfig> = {},
    options: Partial<SimulatorOptions> = {},
    start: Instant = instant(0),
  ) {
    this.clock = new VirtualClock(start);
    this.simulator = new Simulator({
      clock: this.clock,
      config: { ...DEFAULT_CONFIG, ...config },
      onAnswer: (token, response) => {
        this.log.push(`answer ${token}`);
        this.#answers.set(token, response);
      },
      onTurn: (revoked) => this.log.push(`turn ${revoked.join(' ')}`.trimEnd()),
      onWatch: (revision, events) =>
        this.log.push(`${revision}: ${events.map((e) => `${e.kind} ${e.kv.key}`).join(', ')}`),
      onDelivery: (delivery) => this.#deliveries.push(shownDelivery(delivery)),
      scanEvery: 1,
      ...options,
    });
  }

  get now(): number {
    return this.clock.now;
  }

  /** The answer to the request of that number, from 1; undefined while it is held. */
  answer(token: number): Response | undefined {
    return this.#answers.get(token);
  }

  send(command: WithoutToken<Command>): Response | undefined {
    this.#tokens += 1;
    this.simulator.submit({ ...command, token: this.#tokens });
    return this.#answers.get(this.#tokens);
  }

  grant(id: LeaseId, ttl: bigint | number): string {
    const response = this.send({ kind: 'grant', id, ttl: BigInt(ttl) });
    if (response?.kind === 'granted') return `granted ${response.id} ttl=${response.ttl}`;
    return outcome(response);
  }

  revoke(id: LeaseId): string {
    return outcome(this.send({ kind: 'revoke', id }));
  }

  keepAlive(id: LeaseId, stream: StreamId = 1): string {
    return keptAlive(this.send({ kind: 'keepAlive', id, stream }));
  }

  /** `remaining of granted`, and the keys when there are any. */
  ttl(id: LeaseId): string {
    const response = this.send({ kind: 'timeToLive', id, keys: true });
    if (response?.kind !== 'remainingTtl') return outcome(response);
    const { ttl, grantedTtl, keys } = response;
    return `${Object.is(ttl, -0) ? '-0' : ttl} of ${grantedTtl} ${keys.join(',')}`.trimEnd();
  }

  leases(): string {
    const response = this.send({ kind: 'leases' });
    return response?.kind === 'leaseList' ? response.ids.join(' ') : outcome(response);
  }

  put(key: string, value = 'v', lease: LeaseId = 0n, flags: PutFlags = {}): string {
    const put = {
      kind: 'put',
      key: asBytes(key),
      value: asBytes(value),
      lease,
      ignoreLease: flags.ignoreLease ?? false,
      ignoreValue: flags.ignoreValue ?? false,
      prevKv: flags.prevKv ?? false,
    } as const;
    return outcome(this.send(put));
  }

  /** `key=value/lease/create/mod/version` of each key in the range. */
  range(key: string, rangeEnd = '', view: Partial<RangeView> = {}): string {
    const response = this.send({
      kind: 'range',
      key: asBytes(key),
      rangeEnd: asBytes(rangeEnd),
      view: { ...PLAIN_VIEW, ...view },
    });
    if (response?.kind !== 'rangeResult') return outcome(response);
    return response.kvs.map(shownKv).join(' ');
  }

  /** The keys of a range, how many there are, and whether there are more. */
  view(key: string, rangeEnd: string, view: Partial<RangeView>): string {
    const range = { kind: 'range', key: asBytes(key), rangeEnd: asBytes(rangeEnd) } as const;
    const response = this.send({ ...range, view: { ...PLAIN_VIEW, ...view } });
    if (response?.kind !== 'rangeResult') return outcome(response);
    const keys = response.kvs.map((kv) => kv.key).join(' ');
    return `${keys} of ${response.count}${response.more ? ' and more' : ''}`;
  }

  compact(revision: number): string {
    return outcome(this.send({ kind: 'compact', revision: BigInt(revision), physical: false }));
  }

  alarm(action: 'list' | 'raise' | 'clear'): string {
    const response = this.send({ kind: 'alarm', action });
    return response?.kind === 'alarms' ? `${response.noSpace} @${response.revision}` : 'none';
  }

  /** Begins a watch, of keys from `key` on and of those to come unless told otherwise. */
  watch(key: string, rangeEnd: string, more: Partial<Omit<Watch, 'kind' | 'token'>> = {}): string {
    const response = this.send({
      ...PLAIN_WATCH,
      kind: 'watch',
      stream: 1,
      key: asBytes(key),
      rangeEnd: asBytes(rangeEnd),
      ...more,
    });
    if (response?.kind === 'watchCreated') return `watch ${response.watch} @${response.revision}`;
    return outcome(response);
  }

  /** What was delivered to watches since this was last asked. */
  delivered(): string[] {
    return this.#deliveries.splice(0);
  }

  delete(key: string, rangeEnd = NO_BYTES, prevKv = false): string {
    const command = { kind: 'deleteRange', key: asBytes(key), rangeEnd, prevKv } as const;
    const response = this.send(command);
    return response?.kind === 'deleted'
      ? `deleted ${response.deleted} @${response.revision}`
      : outcome(response);
  }

  advanceTo(at: number): void {
    this.clock.advanceTo(instant(at));
  }

  jumpTo(at: number): void {
    this.clock.jumpTo(instant(at));
  }
}

export const keptAlive = (response: Response | undefined): string =>
  response?.kind === 'keptAlive' ? `ttl=${response.ttl} @${response.revision}` : outcome(response);

/** What an operation of a transaction came to. */
export const shownOp = (response: ResponseOp): string => {
  const { kind, revision } = response;
  switch (kind) {
    case 'putDone':
      if (response.prevKv === null) return `put @${revision}`;
      return `put @${revision} was ${shownKv(response.prevKv)}`;
    case 'rangeResult':
      return `range @${revision} ${response.kvs.map(shownKv).join(' ')}`.trimEnd();
    case 'deleted':
      return `deleted ${response.deleted} @${revision}`;
    case 'txnResult':
      return `${response.succeeded} @${revision} (${response.responses.map(shownOp).join(', ')})`;
  }
};

const shownKv = (kv: KeyValue): string =>
  `${kv.key}=${kv.value}/${kv.lease}/${kv.createRevision}/${kv.modRevision}/${kv.version}`;

/** `STREAM.WATCH @REVISION put KEY@REVISION<PREVIOUS, delete KEY@REVISION` */
const shownDelivery = ({ compactRevision, events, revision, stream, watch }: Delivery): string => {
  const to = `${stream}.${watch} @${revision}`;
  if (compactRevision !== 0) return `${to} compacted ${compactRevision}`;
  const shown = events.map(({ kind, kv, prevKv }) => {
    const before = prevKv === null ? '' : `<${prevKv.value}`;
    return `${kind} ${kv.key}${kind === 'put' ? `=${kv.value}` : ''}@${kv.modRevision}${before}`;
  });
  return `${to} ${shown.join(', ')}`;
};

const outcome = (response: Response | undefined): string => {
  if (response === undefined) return 'waits';
  if (response.kind === 'refused') return response.reason;
  return `${response.kind} @${response.revision}`;
};
