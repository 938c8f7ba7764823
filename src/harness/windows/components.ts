/**
 * Divides a history into parts that share no session, lease or key, so that each can be judged by
 * itself, and collects the evidence of each.
 */
import type { LeaseId, Token } from '../../api/command.ts';
import { sameEvent } from '../../model/index.ts';
import { chosenIdFloors } from './chosen-ids.ts';
import type { Call, Delivery, Evidence } from './explanation.ts';
import type { Entry, History } from '../history.ts';
import { longestLag } from './lag.ts';
import { sessionGroups } from './session-groups.ts';
import { overlapping, type Placed } from './simultaneous.ts';

export interface Component {
  readonly sessions: ReadonlySet<number>;
  readonly entries: readonly Placed[];
  readonly evidence: Evidence;
}

export function components(history: History): readonly Component[] {
  const floors = chosenIdFloors(history);
  const lag = longestLag(history);
  const parts = sessionGroups(history).map((group) => new Part(new Set(group), floors));
  const partOf = new Map(parts.flatMap((part) => [...part.sessions].map((one) => [one, part])));
  const called = new Map<Token, CallEntry>();
  // A follower lists what it happens to know, in any order (LIST-04, LIST-05).
  const judgesLists = membersOf(history).size <= 1;
  for (const [index, entry] of history.entries.entries()) {
    if (entry.kind === 'call') called.set(entry.command.token, entry);
    const call = entry.kind === 'return' ? called.get(entry.token) : undefined;
    const command = entry.kind === 'call' ? entry.command : call?.command;
    if (command?.kind === 'leases' && !judgesLists) continue;
    const session = 'session' in entry ? entry.session : call?.session;
    // What belongs to no session concerns all.
    if (session === undefined) for (const part of parts) part.add(entry, index, call);
    else partOf.get(session)?.add(entry, index, call);
  }
  return parts.map((part) => part.complete(lag));
}

type CallEntry = Extract<Entry, { kind: 'call' }>;

/** A component in the making. */
class Part {
  readonly sessions: ReadonlySet<number>;
  readonly #floors: ReadonlyMap<Token, LeaseId>;
  readonly #entries: Placed[] = [];
  readonly #calls = new Map<Token, Call>();
  readonly #ids = new Set<LeaseId>();
  readonly #deliveries: Delivery[] = [];

  constructor(sessions: ReadonlySet<number>, floors: ReadonlyMap<Token, LeaseId>) {
    this.sessions = sessions;
    this.#floors = floors;
  }

  /** `call`: what a return answers. */
  add(entry: Entry, index: number, call: CallEntry | undefined): void {
    this.#entries.push({ entry, index });
    if (entry.kind === 'watch') this.#deliveries.push(entry);
    if (entry.kind !== 'return' || entry.completion.kind !== 'answered') return;
    if (call === undefined) return;
    const { command, at } = call;
    const { response } = entry.completion;
    const idFloor = this.#floors.get(entry.token) ?? 0n;
    this.#calls.set(entry.token, { command, at, returned: entry.at, response, idFloor });
    if (response.kind === 'granted') this.#ids.add(response.id);
  }

  complete(lag: number): Component {
    const calls = this.#calls;
    const ids = this.#ids;
    const deliveries = byRevision(this.#deliveries);
    const entries = overlapping(this.#entries);
    return { sessions: this.sessions, entries, evidence: { calls, ids, deliveries, lag } };
  }
}

/** One for each revision: several sessions may see the same keys, or keys of the same lease. */
const byRevision = (seen: readonly Delivery[]): readonly Delivery[] => {
  const merged = new Map<number, Delivery>();
  for (const delivery of seen) {
    const first = merged.get(delivery.revision);
    if (first === undefined) {
      merged.set(delivery.revision, delivery);
      continue;
    }
    const known = (event: Delivery['events'][number]): boolean =>
      first.events.some((other) => sameEvent(other, event));
    const events = [...first.events, ...delivery.events.filter((event) => !known(event))];
    events.sort((left, right) => (left.kv.key < right.kv.key ? -1 : 1));
    merged.set(delivery.revision, { ...first, events });
  }
  return [...merged.values()].sort((left, right) => left.revision - right.revision);
};

const membersOf = ({ entries }: History): ReadonlySet<string> => {
  const members = new Set<string>();
  for (const entry of entries) {
    if (entry.kind !== 'return' || entry.completion.kind !== 'answered') continue;
    if (entry.completion.header !== undefined) members.add(entry.completion.header.member);
  }
  return members;
};
