/** EXP-02 on a real clock: how long a lease may still be there after its deadline. */
import type { Token } from '../../api/command.ts';
import type { Instant } from '../../api/units.ts';
import { LEASES_PER_TURN, TURN_INTERVAL } from '../../model/index.ts';
import type { History } from '../history.ts';

/**
 * In milliseconds: one turn, one more for each 500 leases that could be ahead, and what calls took
 * at worst, twice: a busy machine delays the server as it delays its clients.
 */
export function longestLag({ entries }: History): number {
  const called = new Map<Token, Instant>();
  let slowest = 0;
  let grants = 0;
  for (const entry of entries) {
    // A keep-alive may rightly wait (KA-04).
    if (entry.kind === 'call' && entry.command.kind !== 'keepAlive') {
      called.set(entry.command.token, entry.at);
      if (entry.command.kind === 'grant') grants += 1;
    } else if (entry.kind === 'return') {
      slowest = Math.max(slowest, entry.at - (called.get(entry.token) ?? entry.at));
    }
  }
  return TURN_INTERVAL * (1 + Math.floor(grants / LEASES_PER_TURN)) + SLACK + 2 * slowest;
}

/** Milliseconds granted to commit, apply and delivery. */
const SLACK = 1000;
