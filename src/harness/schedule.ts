/**
 * A schedule: who does what when, as plain data. Instants are absolute, relative to the line
 * before, or anchored to a lease, so that a boundary survives when earlier lines are cut. Its text
 * form is in `schedule-text.ts`.
 */
import { type Bytes, NO_BYTES } from '../api/bytes.ts';
import type { Compare, RangeView } from '../api/command.ts';
import type { ServerConfig } from '../api/config.ts';
import type { Milliseconds } from '../api/units.ts';
import type { ApplyAction, LeaderAction, RestartAction } from './server-life.ts';

export interface Schedule {
  readonly config: ServerConfig;
  readonly steps: readonly ScheduleStep[];
}

export interface ScheduleStep {
  readonly at: When;
  /** The client's number, from 1; 0 for what no client does. */
  readonly client: number;
  readonly action: Action;
  /** What must come of it, as the timeline words it; null: whatever the model allows. */
  readonly expect: string | null;
}

/** A step of which it is not yet known who takes it. */
export type PlannedStep = Pick<ScheduleStep, 'at' | 'action'>;

/** When a step happens. One that lies in the past happens now. */
export type When =
  | { readonly from: 'start'; readonly offset: Milliseconds }
  | { readonly from: 'previous'; readonly offset: Milliseconds }
  /** The deadline of the lease, as its client knows it. Of no lease: now. */
  | { readonly from: 'deadline'; readonly lease: LeaseRef; readonly offset: Milliseconds }
  /** The first turn at or after that deadline. */
  | { readonly from: 'turn'; readonly lease: LeaseRef; readonly offset: Milliseconds };

/**
 * The name of a lease (`A`, `B.17`), bound to an id when it is granted, or an id itself (`#-5`).
 */
export type LeaseRef = string;

/**
 * A revision: a number (`5`), or one counted from the latest that the session was answered with
 * (`rev`, `rev-2`, `rev+1`), so that it keeps its meaning when earlier lines are cut.
 */
export type RevisionRef = string;

/** The name of a watch (`w1`), bound to an id when it is created, or an id itself (`#5`). */
export type WatchRef = string;

/** As `RangeView`, with revisions that may be counted from the latest one. */
export type ViewSpec = {
  readonly [Field in keyof RangeView]: Field extends RevisionField ? RevisionRef : RangeView[Field];
};

type RevisionField = 'revision' | `${'min' | 'max'}${'Mod' | 'Create'}Revision`;

/** Everything, as it is now, in the order of the keys. */
export const PLAIN: ViewSpec = {
  revision: '0',
  limit: 0n,
  sortOrder: 'none',
  sortTarget: 'key',
  serializable: false,
  keysOnly: false,
  countOnly: false,
  minModRevision: '0',
  maxModRevision: '0',
  minCreateRevision: '0',
  maxCreateRevision: '0',
};

/** One thing that a transaction compares. */
export type CompareSpec = Pick<Compare, 'key' | 'rangeEnd' | 'result'> &
  (
    | { readonly target: 'version'; readonly operand: bigint }
    | { readonly target: 'create' | 'mod'; readonly operand: RevisionRef }
    /** null: no lease. */
    | { readonly target: 'lease'; readonly operand: LeaseRef | null }
    | { readonly target: 'value'; readonly operand: Bytes }
  );

/** A put, or a group of them. */
export type PutAction = Extract<Action, { readonly kind: 'put' }>;

/** What a transaction does; its puts are no groups. */
export type TxnOp = Extract<Action, { readonly kind: 'put' | 'range' | 'deleteRange' | 'txn' }>;

/**
 * A group of `count` > 1 does the same for each of `A.1`, `A.2`, … and, with keys, for `k1`, `k2`,
 * …
 */
export type Action =
  | {
      readonly kind: 'grant';
      readonly lease: LeaseRef;
      readonly count: number;
      readonly ttl: bigint;
      /** The id asked for, the first one of a group; 0: the server's choice. */
      readonly id: bigint;
    }
  | { readonly kind: 'revoke'; readonly lease: LeaseRef; readonly count: number }
  | {
      readonly kind: 'keepAlive';
      readonly lease: LeaseRef;
      readonly count: number;
      /** The client's stream, from 1. */
      readonly stream: number;
    }
  | {
      readonly kind: 'timeToLive';
      readonly lease: LeaseRef;
      readonly count: number;
      readonly keys: boolean;
    }
  | { readonly kind: 'leases' }
  | {
      readonly kind: 'put';
      readonly key: Bytes;
      readonly count: number;
      readonly value: Bytes;
      /** null: none, which detaches. */
      readonly lease: LeaseRef | null;
      /** Each key of the group goes to its own lease of the lease's group. */
      readonly spread: boolean;
      readonly ignoreLease: boolean;
      readonly ignoreValue: boolean;
      readonly prevKv: boolean;
    }
  | {
      readonly kind: 'range';
      readonly key: Bytes;
      readonly rangeEnd: Bytes;
      readonly view: ViewSpec;
    }
  | {
      readonly kind: 'deleteRange';
      readonly key: Bytes;
      readonly rangeEnd: Bytes;
      readonly prevKv: boolean;
    }
  | {
      readonly kind: 'txn';
      readonly compares: readonly CompareSpec[];
      readonly success: readonly TxnOp[];
      readonly failure: readonly TxnOp[];
    }
  | { readonly kind: 'compact'; readonly revision: RevisionRef; readonly physical: boolean }
  | { readonly kind: 'alarm'; readonly action: 'list' | 'raise' | 'clear' }
  | {
      readonly kind: 'watch';
      readonly name: WatchRef;
      readonly key: Bytes;
      readonly rangeEnd: Bytes;
      /** The first revision to deliver; 0: the next one. */
      readonly startRevision: RevisionRef;
      readonly prevKv: boolean;
      readonly noPut: boolean;
      readonly noDelete: boolean;
      readonly progressNotify: boolean;
      readonly fragment: boolean;
      /** The client's stream, from 1. */
      readonly stream: number;
      /** The id asked for; 0: the server's choice. */
      readonly id: bigint;
    }
  | { readonly kind: 'cancelWatch'; readonly watch: WatchRef; readonly stream: number }
  | { readonly kind: 'watchProgress'; readonly stream: number }
  /** Nothing but the passing of time until then. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'jump'; readonly by: Milliseconds }
  | RestartAction
  | LeaderAction
  | ApplyAction
  /** What a recorded server did by itself. A replay leaves it to the server. */
  | { readonly kind: 'turn'; readonly leases: readonly LeaseRef[] };

/** No value, on no lease, and nothing about it that has to be asked for. */
export const PLAIN_PUT: PutAction = {
  kind: 'put',
  key: NO_BYTES,
  count: 1,
  value: NO_BYTES,
  lease: null,
  spread: false,
  ignoreLease: false,
  ignoreValue: false,
  prevKv: false,
};

/**
 * The put with something else about it. Written out: V8 gives what is spread another hidden class
 * each time, and after a few of those whatever reads a field is slow for good.
 */
export const putWith = (
  put: PutAction,
  changes: Partial<Pick<PutAction, 'key' | 'count' | 'lease' | 'spread'>>,
): PutAction => ({
  kind: 'put',
  key: changes.key ?? put.key,
  count: changes.count ?? put.count,
  value: put.value,
  lease: changes.lease === undefined ? put.lease : changes.lease,
  spread: changes.spread ?? put.spread,
  ignoreLease: put.ignoreLease,
  ignoreValue: put.ignoreValue,
  prevKv: put.prevKv,
});

/** The same of a step. */
export const stepWith = (step: ScheduleStep, changes: Partial<ScheduleStep>): ScheduleStep => ({
  at: changes.at ?? step.at,
  client: changes.client ?? step.client,
  action: changes.action ?? step.action,
  expect: changes.expect === undefined ? step.expect : changes.expect,
});

/** How many clients a schedule has: the highest number that occurs, at least 1. */
export const clientCount = ({ steps }: Schedule): number =>
  steps.reduce((most, step) => Math.max(most, step.client), 1);

/** What a server has done to it by a schedule, which not every target can. */
export type Ability = 'restart' | 'leader' | 'apply';

/** Done by nobody's client. */
export const isServerSide = ({ kind }: Action): boolean => kind === 'jump' || isAbility(kind);

const isAbility = (kind: Action['kind']): kind is Ability =>
  kind === 'restart' || kind === 'leader' || kind === 'apply';

/** What a target must be able to, for a schedule to run on it. */
export const needs = ({ steps }: Schedule): ReadonlySet<Ability> => {
  const abilities = new Set<Ability>();
  for (const { action } of steps) {
    if (isAbility(action.kind)) abilities.add(action.kind);
  }
  return abilities;
};

/** How many requests a step makes. */
export const requestCount = ({ action }: ScheduleStep): number => {
  switch (action.kind) {
    case 'grant':
    case 'revoke':
    case 'keepAlive':
    case 'timeToLive':
    case 'put':
      return action.count;
    case 'leases':
    case 'range':
    case 'deleteRange':
    case 'txn':
    case 'compact':
    case 'alarm':
    case 'watch':
    case 'cancelWatch':
    case 'watchProgress':
      return 1;
    case 'wait':
    case 'jump':
    case 'restart':
    case 'leader':
    case 'apply':
    case 'turn':
      return 0;
  }
};
