/** Draws faults: which kinds a story has, how hard each strikes, and whom. */
import type { Random } from '../seed.ts';
import { type Aim, CALLS, type CallName, type Fault, type Side } from './story.ts';

export type FaultKind = Fault['kind'];

/** How often a kind of fault occurs, before some are switched off. */
const WEIGHTS: Readonly<Record<FaultKind, number>> = {
  lose: 10,
  delay: 10,
  duplicate: 3,
  overtake: 3,
  end: 6,
  reset: 6,
  refuse: 6,
  abandon: 4,
  disconnect: 6,
  goaway: 4,
  unreachable: 5,
  'black-hole': 6,
  restart: 4,
  'pause server': 4,
  'no leader': 4,
  'new leader': 2,
  'slow apply': 3,
  'ttl zero': 3,
  'revoke by another': 4,
  'wall clock': 4,
  drift: 2,
  'pause client': 5,
};

export const FAULT_KINDS = Object.keys(WEIGHTS) as readonly FaultKind[];

/** Each kind as often as its weight says; two of three are switched off in each story. */
export const chooseFaultKinds = (random: Random): readonly FaultKind[] => {
  const chosen = FAULT_KINDS.filter(() => random.chance(1, 3));
  const kinds = chosen.length === 0 ? [random.pick(FAULT_KINDS)] : chosen;
  return kinds.flatMap((kind) => Array.from({ length: WEIGHTS[kind] }, () => kind));
};

export interface FaultSurroundings {
  readonly random: Random;
  readonly clients: number;
  /** The TTL of a lease that is about, in seconds. */
  readonly ttl: number;
  /** Names of leases, locks and elections. */
  readonly names: readonly string[];
  /** The calls that clients make here. */
  readonly calls: readonly CallName[];
  /** Milliseconds that a fault may last. */
  readonly most: number;
}

export const drawFault = (kind: FaultKind, around: FaultSurroundings): Fault => {
  const { random } = around;
  switch (kind) {
    case 'lose':
    case 'duplicate':
    case 'overtake':
      return { kind, side: drawSide(random), aim: drawMessageAim(around) };
    case 'delay':
      return { kind, side: drawSide(random), by: drawTime(around), aim: drawMessageAim(around) };
    case 'end':
      return { kind, status: random.pick(ENDS), aim: drawStreamAim(around) };
    case 'reset':
      return { kind, code: random.pick(RESETS), aim: drawMessageAim(around) };
    case 'refuse':
      return { kind, status: random.pick(REFUSALS), aim: drawAim(around) };
    case 'abandon':
      return { kind, aim: drawMessageAim(around) };
    case 'disconnect':
    case 'goaway':
      return { kind, client: drawClient(around) };
    case 'unreachable':
      return { kind, how: random.pick(['refused', 'unanswered']), ...drawOutage(around) };
    case 'black-hole':
      return { kind, direction: random.pick(['in', 'out', 'both']), ...drawOutage(around) };
    case 'restart':
      return { kind, down: drawTime(around) };
    case 'pause server':
    case 'no leader':
    case 'slow apply':
    case 'pause client':
      return { kind, for: drawTime(around) };
    case 'new leader':
      return { kind };
    case 'ttl zero':
      return { kind, aim: { ...drawMessageAim(around), call: 'keep-alive' } };
    case 'revoke by another':
      return { kind, name: random.pick(around.names) };
    case 'wall clock':
      return { kind, by: random.pick([1, -1]) * random.pick([1000, 60_000, 3_600_000]) };
    case 'drift':
      return { kind, perMille: random.pick([-500, -100, -10, 10, 100, 500]) };
  }
};

/** What servers and proxies end streams with. */
const ENDS = [0, 1, 2, 13, 14];
/** What they refuse calls with. */
const REFUSALS = [2, 4, 8, 13, 14];
/** All codes of HTTP/2, from NO_ERROR to HTTP_1_1_REQUIRED. */
const RESETS = Array.from({ length: 14 }, (_, code) => code);

const drawSide = (random: Random): Side => random.pick(['request', 'reply']);

const drawClient = ({ random, clients }: FaultSurroundings): number | null =>
  random.chance(1, 4) ? null : random.below(clients);

const drawAim = (around: FaultSurroundings): Aim => ({
  client: drawClient(around),
  call: around.random.chance(1, 8) ? null : around.random.pick(around.calls),
  times: around.random.pick([1, 1, 1, 2, 3, 10, 100]),
});

/** For all clients, or one alone. */
const drawOutage = (around: FaultSurroundings): { client: number | null; for: number } => ({
  client: around.random.chance(1, 2) ? null : around.random.below(around.clients),
  for: drawTime(around),
});

/** Of four one is for what is about one lease alone. */
const drawMessageAim = (around: FaultSurroundings): Aim => {
  const { calls, names, random } = around;
  const aim = drawAim(around);
  if (!random.chance(1, 4)) return aim;
  const call = random.chance(1, 2)
    ? 'keep-alive'
    : random.pick(calls.filter((one) => ABOUT_LEASES.has(one)));
  return { ...aim, call, about: random.pick(names) };
};

/** A grant is about none: it has no id yet. */
const ABOUT_LEASES: ReadonlySet<CallName> = new Set(['revoke', 'keep-alive', 'put']);

const drawStreamAim = (around: FaultSurroundings): Aim => {
  const streams = around.calls.filter((call) => call === 'keep-alive' || call === 'watch');
  return { ...drawAim(around), call: around.random.pick(streams) };
};

/** Around the thirds of a TTL, and the times that clients and servers wait. */
const drawTime = ({ random, ttl, most }: FaultSurroundings): number => {
  const third = Math.floor((1000 * ttl) / 3);
  const time = random.chance(1, 4)
    ? random.pick([1, 50, 100, 500, 1000, 5000, 7001, 20_001])
    : random.pick([1, 2, 3, 4, 6]) * third + random.pick([-1, 0, 1, 100, 500]);
  return Math.max(1, Math.min(time, most));
};

/** The calls that clients of such abilities make. */
export const callsFor = (has: (ability: 'put' | 'lock' | 'election') => boolean): CallName[] =>
  CALLS.filter((call) => {
    switch (call) {
      case 'grant':
      case 'revoke':
      case 'keep-alive':
        return true;
      case 'put':
        return has('put');
      case 'txn':
        return has('lock') || has('election');
      case 'range':
      case 'watch':
        return has('election') || has('lock');
    }
  });
