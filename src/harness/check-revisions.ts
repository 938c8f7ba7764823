/**
 * Judges the revisions of a whole real-clock history: each write, and each revoked lease with keys,
 * takes exactly one revision (EXP-07); nothing else takes one (GRANT-06, REVOKE-03).
 */
import type { Token } from '../api/command.ts';
import { RULES } from '../model/index.ts';
import type { History } from './history.ts';
import { CONFORMANT, type Verdict } from './verdict.ts';

export function checkRevisions(history: History): Verdict {
  // Where others write too, revisions that no session knows of prove nothing.
  if (!history.header.exclusive) return CONFORMANT;
  const written = writers(history);
  if ('kind' in written) return written;
  const complete = completeUpTo(history);
  for (let revision = 2; revision <= complete; revision += 1) {
    if (written.has(revision)) continue;
    const expected = `a write or an expired lease with keys at revision ${revision}`;
    return violation(history.entries.length - 1, expected, 'neither');
  }
  return CONFORMANT;
}

/** The session that wrote each revision, or a violation where two writes claim one. */
const writers = ({ entries }: History): Map<number, number> | Verdict => {
  const written = new Map<number, number>();
  const answers = new Set<number>();
  const sessions = new Map<Token, number>();
  for (const [index, entry] of entries.entries()) {
    if (entry.kind === 'call') sessions.set(entry.command.token, entry.session);
    let revision: number | null = null;
    let session = -1;
    if (entry.kind === 'watch') ({ revision, session } = entry);
    if (entry.kind === 'return' && entry.completion.kind === 'answered') {
      const { response } = entry.completion;
      session = sessions.get(entry.token) ?? -1;
      const writes =
        response.kind === 'putDone' || (response.kind === 'deleted' && response.deleted > 0);
      if (writes) ({ revision } = response);
      if (revision !== null && answers.has(revision)) return shared(index, revision);
      if (revision !== null) answers.add(revision);
    }
    if (revision === null) continue;
    if ((written.get(revision) ?? session) !== session) return shared(index, revision);
    written.set(revision, session);
  }
  return written;
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

const shared = (entry: number, revision: number): Verdict =>
  violation(entry, `revision ${revision} belongs to one write`, 'it belongs to two');

const violation = (entry: number, expected: string, observed: string): Verdict => ({
  kind: 'violation',
  rule: 'EXP-07',
  entry,
  explanation: `${RULES['EXP-07']}: expected ${expected}, saw ${observed}`,
  expected,
  observed,
});
