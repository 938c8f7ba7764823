/**
 * Divides a history into parts that share no session, lease or key, so that each can be judged by
 * itself.
 */
import type { LeaseId, Token } from '../api/command.ts';
import type { Call, Delivery } from './explanation.ts';
import type { Entry, History } from './history.ts';

export interface Component {
  /** With their places in the history. */
  readonly entries: readonly { readonly entry: Entry; readonly index: number }[];
  /** The calls that were answered. */
  readonly calls: ReadonlyMap<Token, Call>;
  /** By revision. */
  readonly deliveries: readonly Delivery[];
}

export function components(history: History): readonly Component[] {
  const sessions = new Union();
  const sessionOf = new Map<Token, number>();
  const owner = new Map<LeaseId | string, number>();
  const share = (what: LeaseId | string, session: number): void => {
    const first = owner.get(what);
    if (first === undefined) owner.set(what, session);
    else sessions.join(first, session);
  };
  for (const entry of history.entries) {
    if (entry.kind !== 'call') continue;
    const { command, session } = entry;
    sessionOf.set(command.token, session);
    sessions.join(session, session);
    if ('id' in command && command.id !== 0n) share(command.id, session);
    if ('lease' in command && command.lease !== 0n) share(command.lease, session);
    if ('key' in command && command.key !== '') share(`key ${command.key}`, session);
  }
  return sessions.groups().map((group) => collect(history, new Set(group), sessionOf));
}

const collect = (
  { entries }: History,
  sessions: ReadonlySet<number>,
  sessionOf: ReadonlyMap<Token, number>,
): Component => {
  const own: { entry: Entry; index: number }[] = [];
  const called = new Map<Token, Entry & { kind: 'call' }>();
  const calls = new Map<Token, Call>();
  const deliveries: Delivery[] = [];
  for (const [index, entry] of entries.entries()) {
    const session =
      entry.kind === 'return'
        ? sessionOf.get(entry.token)
        : 'session' in entry
          ? entry.session
          : undefined;
    if (session !== undefined && !sessions.has(session)) continue;
    own.push({ entry, index });
    if (entry.kind === 'call') called.set(entry.command.token, entry);
    if (entry.kind === 'watch') deliveries.push(entry);
    if (entry.kind !== 'return' || entry.completion.kind !== 'answered') continue;
    const call = called.get(entry.token);
    if (call === undefined) continue;
    const { response } = entry.completion;
    calls.set(entry.token, { command: call.command, at: call.at, returned: entry.at, response });
  }
  deliveries.sort((left, right) => left.revision - right.revision);
  return { entries: own, calls, deliveries };
};

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
      groups.set(root, [...(groups.get(root) ?? []), member]);
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
