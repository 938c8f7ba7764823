/**
 * Which call each return of a history answers, and whether the server held it first. Functions of
 * values.
 */
import type { Token } from '../api/command.ts';
import type { Instant } from '../api/units.ts';
import { type Entry, hasFrom, type History } from './history.ts';
import type { Completion } from './target.ts';

export interface Answered {
  /** The entry of the history, from 0. */
  readonly entry: number;
  readonly at: Instant;
  readonly completion: Completion;
  /** True when other things happened before it came: the request waited (KA-04, KA-05). */
  readonly held: boolean;
}

/** What became of each request that returned. */
export function answersOf({ header, entries }: History): ReadonlyMap<Token, Answered> {
  const answers = new Map<Token, Answered>();
  const calls = new Map<Token, { readonly entry: Call; readonly index: number }>();
  /** Where each session went on to something else. */
  const steps = new Map<number, number>();
  for (const [index, entry] of entries.entries()) {
    if (entry.kind === 'call') {
      calls.set(entry.command.token, { entry, index });
      steps.set(entry.session, index);
    } else if (hasFrom(entry)) {
      for (const session of steps.keys()) steps.set(session, index);
    } else if (entry.kind === 'return') {
      const { at, token, completion } = entry;
      const call = calls.get(token);
      if (call === undefined) continue;
      const later = header.clock === 'virtual' && at > call.entry.at;
      const overtaken = steps.get(call.entry.session) !== call.index;
      const isKeepAlive = call.entry.command.kind === 'keepAlive';
      answers.set(token, {
        entry: index,
        at,
        completion,
        held: later || (overtaken && isKeepAlive),
      });
    }
  }
  return answers;
}

/**
 * The returns of held requests that a turn freed: those seen with it, before or after, in order.
 */
export function freedBy(
  turn: number,
  entries: readonly Entry[],
  answers: ReadonlyMap<Token, Answered>,
): readonly Return[] {
  const { at } = entries[turn] as Entry;
  const belongs = (entry: Entry | undefined): boolean =>
    entry !== undefined && SEEN_WITH_A_TURN.has(entry.kind) && entry.at === at;
  let start = turn;
  while (belongs(entries[start - 1])) start -= 1;
  let end = turn;
  while (belongs(entries[end + 1])) end += 1;
  return entries
    .slice(start, end + 1)
    .filter((entry): entry is Return => entry.kind === 'return')
    .filter(({ token }) => answers.get(token)?.held === true);
}

const SEEN_WITH_A_TURN: ReadonlySet<Entry['kind']> = new Set(['return', 'watch', 'delivery']);

type Call = Entry & { readonly kind: 'call' };
type Return = Entry & { readonly kind: 'return' };
