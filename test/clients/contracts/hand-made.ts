/** Traces made by hand: of client 0 unless told otherwise, and of lease 7, which it calls A. */
import { contractNamed } from '../../../src/clients/known.ts';
import type { Act, Fault } from '../../../src/clients/story.ts';
import type { Trace, TraceEntry } from '../../../src/clients/trace.ts';

const LEASE = 7n;

type Entries = readonly TraceEntry[];

/** What a contract says of a trace; null: it holds. Entries are put in the order of time. */
export const judge = (id: string, ...parts: readonly Entries[]): string | null =>
  judgeWith(0, id, ...parts);

/** The same where what a client did may be told so many milliseconds later than it was. */
export const judgeWith = (
  slack: number,
  id: string,
  ...parts: readonly Entries[]
): string | null => {
  const contract = contractNamed(id);
  if (contract === undefined) throw new Error(`there is no contract ${id}`);
  const trace: Trace = parts.flat().toSorted((left, right) => left.at - right.at);
  return contract.check(trace, slack)?.what ?? null;
};

let requests = 0;

export const ask = (
  at: number,
  call: 'grant' | 'keep-alive' | 'put' | 'revoke',
  client = 0,
): Entries => {
  requests += 1;
  const about = { lease: LEASE, ttl: null, key: null };
  return [{ at, kind: 'request', client, stream: 1, request: requests, call, ...about }];
};

/** Asked at `at`, answered at `answeredAt`. */
const exchange = (
  call: 'grant' | 'keep-alive',
  at: number,
  answeredAt: number,
  ttl: number,
): Entries => {
  const asked = ask(at, call);
  const request = requests;
  const about = { client: 0, stream: 1, request, call, lease: LEASE, ttl, code: 0 };
  return [...asked, { at: answeredAt, kind: 'reply', ...about }];
};

/** Granted at once. */
export const granted = (at: number, ttl: number): Entries => [
  ...exchange('grant', at, at, ttl),
  { at, kind: 'lease', lease: LEASE, deadline: at + ttl * 1_000, ttl, by: 'grant' },
  said(at, { kind: 'granted', lease: 'A', id: LEASE, ttl }),
];

export const renewed = (at: number, answeredAt: number, ttl: number): Entries =>
  exchange('keep-alive', at, answeredAt, ttl);

type Event = Extract<TraceEntry, { readonly kind: 'said' }>['event'];
const said = (at: number, event: Event, client = 0): TraceEntry => ({
  at,
  kind: 'said',
  client,
  event,
});

export const lost = (at: number): Entries => [said(at, { kind: 'lost', lease: 'A', why: '' })];

export const toldRenewed = (at: number): Entries => [
  said(at, { kind: 'renewed', lease: 'A', ttl: 1 }),
];

export const expired = (at: number): Entries => gone(at, 'expiry');
export const revoked = (at: number): Entries => gone(at, 'revoke');
const gone = (at: number, by: 'expiry' | 'revoke'): Entries => [
  { at, kind: 'lease', lease: LEASE, deadline: null, ttl: 0, by },
];

/** A fault that lasts. */
export const lasting = (at: number, until: number, fault: Fault): Entries => [
  { at, kind: 'fault', fault },
  { at: until, kind: 'healed', fault },
];

export const fault = (at: number, what: Fault): Entries => [{ at, kind: 'fault', fault: what }];

/** Told, and done; null: never. */
export const told = (at: number, act: Act, call: number, doneAt: number | null): Entries => {
  const { client } = act;
  const begun: Entries = [{ at, kind: 'told', client, call, act }];
  if (doneAt === null) return begun;
  return [...begun, { at: doneAt, kind: 'settled', client, call, error: null }];
};

export const end = (at: number, left = { timers: 0, connections: 0, streams: 0 }): Entries => [
  { at, kind: 'end', ...left },
];

export const acquired = (at: number, client = 0): Entries => {
  const [key, lease] = [`k${client}`, BigInt(client)];
  return [
    said(at, { kind: 'acquired', name: 'L', key, revision: BigInt(client + 2), lease }, client),
  ];
};

export const yielded = (at: number, client = 0): Entries => [
  said(at, { kind: 'yielded', name: 'L' }, client),
];

/** The key of a client's place in the queue. */
export const key = (at: number, present: boolean, client = 0): Entries => [
  {
    at,
    kind: 'key',
    key: `k${client}`,
    present,
    lease: BigInt(client),
    createRevision: client + 2,
  },
];
