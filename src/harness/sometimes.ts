/**
 * The twins of the `always` rules: cases that must occur now and then, or a green run means
 * nothing. Each is told from the model's state before a step, the input, the instant, and what the
 * server answered: what only waits for a leader or the log has not happened yet.
 */
import type { LeaseId } from '../api/command.ts';
import type { Input } from '../api/input.ts';
import type { Instant } from '../api/units.ts';
import { isOverdue, LEASES_PER_TURN, type Lease, type State, type Step } from '../model/index.ts';
import { LIFE_SOMETIMES, observeLife } from './sometimes-life.ts';
import { KV_SOMETIMES, observeKv } from './sometimes-kv.ts';

export const SOMETIMES = [
  'a TTL below the minimum was granted',
  'the largest TTL was granted',
  'too large a TTL was refused',
  'the id of a live lease was asked for',
  'the id of an overdue lease was asked for',
  'a negative id was granted',
  'a revoke took several keys',
  'a revoke took a lease without keys',
  'an overdue lease was revoked',
  'a lease was revoked that was not there',
  'a keep-alive came in the last millisecond',
  'a keep-alive came at the deadline',
  'a keep-alive renewed a lease in mid-life',
  'a keep-alive on an unknown lease was answered',
  'a waiting keep-alive was freed',
  'a keep-alive waited behind another on its stream',
  'time-to-live answered the granted TTL',
  'time-to-live answered 0 for a live lease',
  'time-to-live answered 0 for an overdue lease',
  'time-to-live answered a negative TTL',
  'time-to-live listed several keys',
  'a list held leases that expire together',
  'a list held an overdue lease',
  'a deadline fell on a turn',
  'several leases went in one turn',
  'a lease with keys expired',
  'a lease without keys expired',
  'more than 500 leases were overdue',
  'a key of an overdue lease was read',
  'a put attached a key to an overdue lease',
  'a put saved a key of an overdue lease',
  'a put moved a key to another lease',
  'a put detached a key',
  'a put kept the lease by ignore_lease',
  'a put kept the value by ignore_value',
  'a put on an unknown lease was refused',
  'a leased key was deleted',
  'the clock leapt over a deadline',
  ...LIFE_SOMETIMES,
  ...KV_SOMETIMES,
] as const;

export type Sometimes = (typeof SOMETIMES)[number];

/** Reports each case that `input` at `now` in `state` is one of. */
export function observe(
  state: State,
  input: Input,
  now: Instant,
  step: Step,
  saw: (what: Sometimes) => void,
): void {
  observeKv(state, input, now, step, saw);
  observeLife(state, input, now, step, saw);
  switch (input.kind) {
    case 'grant':
      return observeGrant(state, input, now, step, saw);
    case 'revoke':
      return observeRevoke(state, input, now, step, saw);
    case 'keepAlive':
      return observeKeepAlive(state, input, now, step, saw);
    case 'timeToLive':
      return observeTimeToLive(step, saw);
    case 'leases':
      return observeLeases(state, now, saw);
    case 'put':
      return observePut(state, input, now, step, saw);
    case 'range':
      if (step.rules.includes('EXP-09')) saw('a key of an overdue lease was read');
      return;
    case 'deleteRange':
      if (step.events.some(({ prevKv }) => prevKv !== null && prevKv.lease !== 0n)) {
        saw('a leased key was deleted');
      }
      return;
    case 'turn':
      return observeTurn(state, input, now, step, saw);
    case 'jump': {
      const first = state.queue.first;
      if (first !== undefined && first.deadline > input.from && first.deadline <= now) {
        saw('the clock leapt over a deadline');
      }
      return;
    }
    case 'restart':
    case 'promote':
    case 'demote':
    case 'wake':
    case 'stall':
    case 'catchUp':
    case 'txn':
    case 'compact':
    case 'alarm':
    case 'watch':
    case 'cancelWatch':
    case 'watchProgress':
    case 'notify':
    case 'assignId':
      return;
  }
}

type Saw = (what: Sometimes) => void;
type InputOf<Kind extends Input['kind']> = Extract<Input, { kind: Kind }>;

const observeGrant = (
  state: State,
  input: InputOf<'grant'>,
  now: Instant,
  step: Step,
  saw: Saw,
): void => {
  const response = step.answers[0]?.response;
  if (response?.kind === 'granted') {
    if (response.ttl === 9_000_000_000) saw('the largest TTL was granted');
    if (step.rules.includes('GRANT-02')) saw('a TTL below the minimum was granted');
    if (input.id < 0n) saw('a negative id was granted');
  } else if (response?.kind === 'refused') {
    if (response.reason === 'ttl-too-large') saw('too large a TTL was refused');
    if (response.reason !== 'lease-exists') return;
    const held = state.leases.find(input.id);
    const overdue = held !== undefined && isOverdue(held, now);
    saw(
      overdue ? 'the id of an overdue lease was asked for' : 'the id of a live lease was asked for',
    );
  }
};

const observeRevoke = (
  state: State,
  input: InputOf<'revoke'>,
  now: Instant,
  step: Step,
  saw: Saw,
): void => {
  const lease = state.leases.find(input.id);
  const response = step.answers[0]?.response;
  if (response?.kind === 'refused' && response.reason === 'lease-not-found') {
    saw('a lease was revoked that was not there');
  }
  if (lease === undefined || response?.kind !== 'revoked') return;
  if (isOverdue(lease, now)) saw('an overdue lease was revoked');
  if (step.events.length === 0) saw('a revoke took a lease without keys');
  if (step.events.length > 1) saw('a revoke took several keys');
  if (step.answers.length > 1) saw('a waiting keep-alive was freed');
};

const observeKeepAlive = (
  state: State,
  input: InputOf<'keepAlive'>,
  now: Instant,
  step: Step,
  saw: Saw,
): void => {
  if (step.rules.includes('KA-05')) {
    return saw('a keep-alive waited behind another on its stream');
  }
  const lease = state.leases.find(input.id);
  const left = lease === undefined ? Infinity : lease.deadline - now;
  if (left === 0 && step.rules.includes('KA-04')) saw('a keep-alive came at the deadline');
  if (step.answers.length === 0) return;
  if (lease === undefined) return saw('a keep-alive on an unknown lease was answered');
  if (left === 1) saw('a keep-alive came in the last millisecond');
  if (left > 1 && left < lease.granted * 1000) saw('a keep-alive renewed a lease in mid-life');
};

const observeTimeToLive = ({ answers, rules }: Step, saw: Saw): void => {
  const response = answers[0]?.response;
  // TTL-03
  if (response?.kind !== 'remainingTtl' || response.grantedTtl === 0) return;
  const { ttl, grantedTtl, keys } = response;
  if (ttl === grantedTtl) saw('time-to-live answered the granted TTL');
  if (ttl < 0) saw('time-to-live answered a negative TTL');
  if (ttl === 0) {
    const overdue = rules.includes('EXP-09');
    saw(
      overdue
        ? 'time-to-live answered 0 for an overdue lease'
        : 'time-to-live answered 0 for a live lease',
    );
  }
  if (keys.length > 1) saw('time-to-live listed several keys');
};

const observeLeases = (state: State, now: Instant, saw: Saw): void => {
  // RESTART-05: without a leader no lease has a deadline.
  if (!state.leads) return;
  const leases = state.queue.all();
  if (leases[0] !== undefined && isOverdue(leases[0], now)) saw('a list held an overdue lease');
  const together = (lease: Lease, index: number): boolean =>
    lease.deadline === leases[index + 1]?.deadline;
  if (leases.some(together)) saw('a list held leases that expire together');
};

const observePut = (
  state: State,
  input: InputOf<'put'>,
  now: Instant,
  { answers, events, rules }: Step,
  saw: Saw,
): void => {
  const [event] = events;
  if (event === undefined) {
    const response = answers[0]?.response;
    const isUnknown = response?.kind === 'refused' && response.reason === 'lease-not-found';
    if (isUnknown) saw('a put on an unknown lease was refused');
    return;
  }
  // EXP-10: of one of the two leases at least it is so.
  const mayBeOverdue = rules.includes('EXP-10');
  const isOfOverdue = (id: LeaseId): boolean => {
    const lease = mayBeOverdue ? state.leases.find(id) : undefined;
    return lease !== undefined && isOverdue(lease, now);
  };
  if (isOfOverdue(input.lease)) saw('a put attached a key to an overdue lease');
  const old = event.prevKv;
  if (old === null) return;
  if (input.ignoreValue && input.value === '') saw('a put kept the value by ignore_value');
  if (old.lease === 0n) return;
  if (input.ignoreLease) return saw('a put kept the lease by ignore_lease');
  if (input.lease === 0n) {
    const saved = isOfOverdue(old.lease);
    saw(saved ? 'a put saved a key of an overdue lease' : 'a put detached a key');
  } else if (input.lease !== old.lease) saw('a put moved a key to another lease');
};

/** Whether one of the leases at least had no keys. */
const hasBare = (revoked: readonly LeaseId[], { events }: Step): boolean => {
  // REVOKE-02: those of one lease are of one revision, and no others.
  let keyed = 0;
  let last = 0;
  for (const { kv } of events) {
    if (kv.modRevision !== last) keyed += 1;
    last = kv.modRevision;
  }
  return keyed < revoked.length;
};

const observeTurn = (
  state: State,
  input: InputOf<'turn'>,
  now: Instant,
  step: Step,
  saw: Saw,
): void => {
  // CONST-06: then it only proposes.
  if (state.backlog !== null) return;
  const { revoked } = input;
  if (revoked.length > 1) saw('several leases went in one turn');
  // EXP-06: the last one is due last.
  const last = revoked.at(-1);
  if (last !== undefined && state.leases.find(last)?.deadline === now) {
    saw('a deadline fell on a turn');
  }
  if (step.events.length > 0) saw('a lease with keys expired');
  if (hasBare(revoked, step)) saw('a lease without keys expired');
  if (step.answers.length > 0) saw('a waiting keep-alive was freed');
  if (revoked.length === LEASES_PER_TURN && step.rules.includes('EXP-05')) {
    saw('more than 500 leases were overdue');
  }
};
