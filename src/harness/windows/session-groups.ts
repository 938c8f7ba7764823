/** Which sessions of a history share leases or keys, so that they have to be judged together. */
import { type Bytes, FROM_KEY } from '../../api/bytes.ts';
import type { Command, LeaseId, Token } from '../../api/command.ts';
import type { History } from '../history.ts';
import type { Completion } from '../target.ts';

/** The sessions that have calls, in groups that share nothing. */
export function sessionGroups(history: History): readonly (readonly number[])[] {
  const sessions = new Union();
  const leases = new Map<LeaseId, number>();
  const keys = new Map<Bytes, number>();
  const ranges = new Map<string, { key: Bytes; end: Bytes; session: number }>();
  const called = new Map<Token, number>();
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
    if (!('key' in command) || command.key === '') continue;
    sessions.join(owner(keys, command.key, session), session);
    if (!('rangeEnd' in command) || command.rangeEnd === '') continue;
    const { key, rangeEnd: end } = command;
    ranges.set(`${session} ${key}\n${end}`, { key, end, session });
  }
  for (const { key, end, session } of ranges.values()) {
    for (const [other, holder] of keys) {
      if (other >= key && (end === FROM_KEY || other < end)) sessions.join(holder, session);
    }
  }
  return sessions.groups();
}

const leasesOf = (command: Command): readonly LeaseId[] => {
  const id = 'id' in command ? command.id : 'lease' in command ? command.lease : 0n;
  return id === 0n ? [] : [id];
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
