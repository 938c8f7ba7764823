/** Which sessions of a history share leases or keys, so that they have to be judged together. */
import { type Bytes, FROM_KEY, NO_BYTES } from '../../api/bytes.ts';
import type { Command, LeaseId, RequestOp, Token } from '../../api/command.ts';
import type { History } from '../history.ts';
import type { Completion } from '../target.ts';
import { leasesOf } from './judged.ts';

/** The sessions that have calls, in groups that share nothing. */
export function sessionGroups(history: History): readonly (readonly number[])[] {
  const sessions = new Union();
  const leases = new Map<LeaseId, number>();
  const keys = new Map<Bytes, number>();
  const ranges = new Map<string, { key: Bytes; end: Bytes; session: number }>();
  const called = new Map<Token, number>();
  const common = new Set<number>();
  for (const entry of history.entries) {
    if (entry.kind === 'return') {
      const session = called.get(entry.token);
      const id = grantedBy(entry.completion);
      if (session !== undefined && id !== null) sessions.join(owner(leases, id, session), session);
    }
    if (entry.kind !== 'call') continue;
    const { command, session } = entry;
    called.set(command.token, session);
    sessions.join(session, session);
    for (const id of leasesOf(command)) sessions.join(owner(leases, id, session), session);
    // What one compacts, or fills, all have.
    if (command.kind === 'compact' || command.kind === 'alarm') common.add(session);
    for (const { key, end } of keysNamed(command)) {
      if (key === '') continue;
      sessions.join(owner(keys, key, session), session);
      if (end !== '') ranges.set(`${session} ${key}\n${end}`, { key, end, session });
    }
  }
  const [first] = common;
  if (first !== undefined) for (const other of called.values()) sessions.join(first, other);
  for (const { key, end, session } of ranges.values()) {
    for (const [other, holder] of keys) {
      if (other >= key && (end === FROM_KEY || other < end)) sessions.join(holder, session);
    }
  }
  return sessions.groups();
}

interface KeyRange {
  readonly key: Bytes;
  readonly end: Bytes;
}

/** A watch reads nothing that others must be judged with. */
const keysNamed = (command: Command | RequestOp): readonly KeyRange[] => {
  switch (command.kind) {
    case 'put':
      return [{ key: command.key, end: NO_BYTES }];
    case 'range':
    case 'deleteRange':
      return [{ key: command.key, end: command.rangeEnd }];
    case 'txn':
      return [
        ...command.compares.map(({ key, rangeEnd: end }) => ({ key, end })),
        ...[...command.success, ...command.failure].flatMap(keysNamed),
      ];
    default:
      return [];
  }
};

/** The first session that named `what`. */
const owner = <What>(owners: Map<What, number>, what: What, session: number): number => {
  const first = owners.get(what);
  if (first === undefined) owners.set(what, session);
  return first ?? session;
};

/** The id that a grant was answered with, if it was. */
const grantedBy = (completion: Completion): LeaseId | null =>
  completion.kind === 'answered' && completion.response.kind === 'granted'
    ? completion.response.id
    : null;

/** Sets of numbers that grow together. */
class Union {
  readonly #parent = new Map<number, number>();

  join(left: number, right: number): void {
    this.#parent.set(this.#root(left), this.#root(right));
  }

  groups(): number[][] {
    const groups = new Map<number, number[]>();
    for (const member of this.#parent.keys()) {
      const root = this.#root(member);
      const group = groups.get(root);
      if (group === undefined) groups.set(root, [member]);
      else group.push(member);
    }
    return [...groups.values()];
  }

  #root(member: number): number {
    let root = member;
    for (;;) {
      const parent = this.#parent.get(root);
      if (parent === undefined) this.#parent.set(root, root);
      if (parent === undefined || parent === root) return root;
      root = parent;
    }
  }
}
