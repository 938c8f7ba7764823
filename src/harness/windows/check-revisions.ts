/**
 * Judges the revisions of a whole real-clock history: each write, and each revoked lease with keys,
 * takes exactly one revision (EXP-07); nothing else takes one (GRANT-06, REVOKE-03). And what is
 * called after a return sees no lower revision than that return showed.
 */
import type { Token } from '../../api/command.ts';
import type { Response } from '../../api/response.ts';
import type { Instant } from '../../api/units.ts';
import type { Component } from './components.ts';
import type { Entry, History } from '../history.ts';
import { ruleOfRevision, shownBy, takenBy } from './revisions.ts';
import { overlapping } from './simultaneous.ts';
import { CONFORMANT, type Verdict, violation } from '../verdict.ts';

export function checkRevisions(history: History, parts: readonly Component[]): Verdict {
  const future = checkFuture(history);
  // Where there are several members, one may lag behind the others.
  const order = future ?? (isOfOneMember(history) ? checkOrder(history) : null);
  if (order !== null) return order;
  // Where others write too, revisions that no session knows of prove nothing.
  return (history.header.exclusive ? checkOwners(history, parts) : null) ?? CONFORMANT;
}

/** Whether one and the same member gave all answers, by what they say of it. */
const isOfOneMember = ({ header, entries }: History): boolean => {
  if (header.exclusive) return true;
  const members = entries.flatMap((entry) =>
    entry.kind === 'return' && entry.completion.kind === 'answered'
      ? (entry.completion.header?.member ?? [])
      : [],
  );
  return members.length > 0 && members.every((member) => member === members[0]);
};

/** Each revision belongs to one write, or to one lease. */
const checkOwners = (history: History, parts: readonly Component[]): Verdict | null => {
  const written = writers(history, parts);
  if ('kind' in written) return written;
  const complete = completeUpTo(history);
  for (let revision = firstShown(history) + 1; revision <= complete; revision += 1) {
    if (written.has(revision)) continue;
    const expected = `a write or an expired lease with keys at revision ${revision}`;
    return violation('EXP-07', history.entries.length - 1, expected, 'neither');
  }
  return null;
};

/** The part that wrote each revision, or a violation where two writes claim one. */
const writers = (
  { entries }: History,
  parts: readonly Component[],
): ReadonlyMap<number, Component> | Verdict => {
  const partOf = new Map(parts.flatMap((part) => [...part.sessions].map((one) => [one, part])));
  const written = new Map<number, Component>();
  const answers = new Set<number>();
  const sessions = new Map<Token, number>();
  for (const [index, entry] of entries.entries()) {
    if (entry.kind === 'call') sessions.set(entry.command.token, entry.session);
    const revision = entry.kind === 'watch' ? entry.revision : writtenBy(entry);
    if (revision === null) continue;
    const session = entry.kind === 'return' ? sessions.get(entry.token) : undefined;
    const part = partOf.get('session' in entry ? entry.session : (session ?? -1));
    if (part === undefined) continue;
    const taken = entry.kind === 'return' && answers.has(revision);
    if (taken || (written.get(revision) ?? part) !== part) {
      const expected = `revision ${revision} to belong to one write`;
      return violation('EXP-07', index, expected, 'it belongs to two');
    }
    if (entry.kind === 'return') answers.add(revision);
    written.set(revision, part);
  }
  return written;
};

/** The revision that an answer says its request took. */
const writtenBy = (entry: Entry): number | null => {
  const response = answerOf(entry);
  return response === null ? null : takenBy(response);
};

/** Where the history's revisions begin: what was before it may have taken all up to this one. */
const firstShown = ({ entries }: History): number => {
  let first = Infinity;
  for (const entry of entries) {
    const shown = entry.kind === 'watch' ? entry.revision : revisionOf(answerOf(entry));
    if (shown !== null) first = Math.min(first, shown);
  }
  return first;
};

/**
 * Up to here every session's watch has delivered all there was: the lowest of their last revisions.
 */
const completeUpTo = ({ entries }: History): number => {
  const last = new Map<number, number>();
  for (const entry of entries) {
    if (entry.kind === 'call') last.set(entry.session, last.get(entry.session) ?? 0);
    if (entry.kind === 'watch') last.set(entry.session, entry.revision);
  }
  return last.size === 0 ? 0 : Math.min(...last.values());
};

/** Nobody sees a revision before the request is made that takes it. */
const checkFuture = ({ entries }: History): Verdict | null => {
  const calls = new Map<Token, Instant>();
  const taken = new Map<number, Instant>();
  for (const entry of entries) {
    if (entry.kind === 'call') calls.set(entry.command.token, entry.at);
    const revision = entry.kind === 'return' ? writtenBy(entry) : null;
    const call = entry.kind === 'return' ? calls.get(entry.token) : undefined;
    if (revision !== null && call !== undefined) taken.set(revision, call);
  }
  for (const [index, entry] of entries.entries()) {
    const response = answerOf(entry);
    const shown = revisionOf(response);
    if (response === null || shown === null || (taken.get(shown) ?? 0) <= entry.at) continue;
    const expected = `a revision below ${shown}, which was taken later`;
    return violation(ruleOfRevision(response), index, expected, `revision ${shown}`);
  }
  return null;
};

/** Whoever is called after a return sees what that return showed. */
const checkOrder = ({ entries }: History): Verdict | null => {
  const floors = new Map<Token, number>();
  let highest = 0;
  const placed = entries.map((entry, index) => ({ entry, index }));
  for (const { entry, index } of overlapping(placed)) {
    if (entry.kind === 'call') floors.set(entry.command.token, highest);
    const response = answerOf(entry);
    const shown = revisionOf(response);
    if (entry.kind !== 'return' || response === null || shown === null) continue;
    const floor = floors.get(entry.token) ?? 0;
    const least = writtenBy(entry) === null ? floor : floor + 1;
    if (shown < least) {
      const expected = `a revision from ${least} on, as was seen before the call`;
      return violation(ruleOfRevision(response), index, expected, `revision ${shown}`);
    }
    highest = Math.max(highest, shown);
  }
  return null;
};

const answerOf = (entry: Entry): Response | null =>
  entry.kind === 'return' && entry.completion.kind === 'answered'
    ? entry.completion.response
    : null;

const revisionOf = (response: Response | null): number | null =>
  response === null ? null : shownBy(response);
