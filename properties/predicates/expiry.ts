/** Properties of the expiry loop: when leases go, and how many at once. */
import { type Chronicle, deadlineOf, type Life, passed, type Turn } from '../chronicle.ts';
import type { Property } from '../property.ts';

const PERIOD = 500;
const LIMIT = 500;

export const turnsOnGrid: Property = {
  title: 'CONST-04: the expiry loop passes every 500 ms',
  sometimes: ['a turn'],
  *cases(history) {
    if (history.jumps.length > 0) return;
    for (const { at, entry } of history.turns) {
      yield { name: 'a turn', entry, expected: '0', observed: `${at % PERIOD}` };
    }
  },
};

export const turnLimit: Property = {
  title: 'CONST-05: at most 500 leases are revoked in a turn',
  sometimes: ['a turn with few leases', 'a turn with as many as it takes'],
  *cases({ turns }) {
    for (const { entry, revoked } of turns) {
      const name =
        revoked.length < LIMIT ? 'a turn with few leases' : 'a turn with as many as it takes';
      const observed = `${revoked.length <= LIMIT}`;
      yield { name, entry, expected: 'true', observed };
    }
  },
};

export const deadlineIncluded: Property = {
  title: 'EXP-01: a lease is expired from its deadline on, the deadline included',
  sometimes: ['a deadline on a turn', 'a deadline just after a turn'],
  *cases(history) {
    if (history.jumps.length > 0 || history.lives.length > LIMIT) return;
    for (const life of history.lives) {
      const deadline = deadlineOf(life);
      const { gone } = life;
      if (gone?.by !== 'turn') continue;
      const expected = `${Math.ceil(deadline / PERIOD) * PERIOD}`;
      const phase = deadline % PERIOD;
      if (phase > 1) continue;
      const name = phase === 0 ? 'a deadline on a turn' : 'a deadline just after a turn';
      yield { name, entry: gone.entry, expected, observed: `${gone.at}` };
    }
  },
};

export const goneInTime: Property = {
  title: 'EXP-02: an expired lease goes at the next turn that has room for it',
  sometimes: ['a lease that went in a turn', 'one that waited over a leap', 'one in a backlog'],
  *cases(history) {
    for (const life of history.lives) {
      const { gone } = life;
      const deadline = deadlineOf(life);
      const until = gone?.at ?? history.end;
      if (until < deadline) continue;
      const ahead = history.lives.filter(
        (other) => deadlineOf(other) <= deadline && (other.gone?.at ?? until) >= deadline,
      ).length;
      const leapt = until - deadline - passed(history, deadline, until) > 0;
      const room = PERIOD * (1 + Math.floor((ahead - 1) / LIMIT));
      const name = leapt
        ? 'one that waited over a leap'
        : room > PERIOD
          ? 'one in a backlog'
          : 'a lease that went in a turn';
      const isLate = passed(history, deadline, until) > room;
      const entry = gone?.entry ?? history.history.entries.length - 1;
      yield { name, entry, expected: 'in time', observed: isLate ? 'too late' : 'in time' };
    }
  },
};

export const neverEarly: Property = {
  title: 'EXP-03: a lease never goes before its TTL has passed',
  sometimes: ['a lease that was renewed', 'a lease that was never renewed', 'its keys'],
  *cases(history) {
    for (const { at, alive, entry, revoked, writes } of history.turns) {
      for (const life of revoked) {
        const was = life.renewals.length > 0 ? 'was' : 'was never';
        const observed = lateness(life, entry, at);
        yield { name: `a lease that ${was} renewed`, entry, expected: 'not early', observed };
      }
      for (const write of writes) {
        const life = alive.get(write.events[0]?.prevKv?.lease ?? 0n);
        if (life === undefined) continue;
        const observed = lateness(life, entry, write.at);
        yield { name: 'its keys', entry: write.entry, expected: 'not early', observed };
      }
    }
  },
};

export const together: Property = {
  title: 'EXP-04: leases that expire between two turns go together',
  sometimes: ['several leases with different deadlines'],
  *cases({ turns }) {
    for (const turn of turns) {
      if (turn.revoked.length >= LIMIT) continue;
      const deadlines = new Set(turn.revoked.map((life) => deadlineOf(life, turn.entry)));
      const name =
        deadlines.size > 1 ? 'several leases with different deadlines' : 'leases of one deadline';
      const observed = `${overdueLeft(turn).length} left`;
      yield { name, entry: turn.entry, expected: '0 left', observed };
    }
  },
};

export const backlog: Property = {
  title: 'EXP-05: more than 500 leases due together go 500 a turn',
  sometimes: ['more than 500 leases', 'more than 1000 leases', 'the turn after a full one'],
  *cases({ jumps, turns }) {
    let before: Turn | undefined;
    for (const turn of turns) {
      const { at, entry, revoked } = turn;
      const due = revoked.length + overdueLeft(turn).length;
      const name = due > 2 * LIMIT ? 'more than 1000 leases' : 'more than 500 leases';
      if (due > LIMIT) {
        yield { name, entry, expected: `${LIMIT}`, observed: `${revoked.length}` };
      }
      if (before !== undefined && overdueLeft(before).some(({ gone }) => gone?.by === 'turn')) {
        const from = before.at;
        // From 3.6 on the turn after one that ran off the grid is less than 500 ms later.
        const leaps = jumps.some((jump) => jump.to >= from && jump.from <= at);
        const observed = `${at - from}`;
        const expected = leaps ? observed : `${PERIOD}`;
        yield { name: 'the turn after a full one', entry, expected, observed };
      }
      before = turn;
    }
  },
};

export const soonestFirst: Property = {
  title: 'EXP-06: a turn takes the leases that expired first',
  sometimes: ['a turn that leaves leases with later deadlines'],
  *cases({ turns }) {
    for (const turn of turns) {
      const left = overdueLeft(turn).map((life) => deadlineOf(life, turn.entry));
      if (left.length === 0) continue;
      const taken = turn.revoked.map((life) => deadlineOf(life, turn.entry));
      const latest = Math.max(...taken);
      const soonest = Math.min(...left);
      const later = latest < Math.max(...left);
      const name = later ? 'a turn that leaves leases with later deadlines' : 'a tie';
      const observed = `${latest <= soonest}`;
      yield { name, entry: turn.entry, expected: 'true', observed };
    }
  },
};

const lateness = (life: Life, entry: number, at: number): string =>
  at < deadlineOf(life, entry) ? `${deadlineOf(life, entry) - at} ms early` : 'not early';

/** The leases that were overdue at a turn and that it did not take. */
const overdueLeft = ({ alive, at, entry, revoked }: Turn): readonly Life[] => {
  const taken = new Set(revoked);
  return [...alive.values()].filter((life) => !taken.has(life) && deadlineOf(life, entry) <= at);
};

/** The leases that are overdue just before an entry at an instant. */
export const isOverdueAt = (
  history: Chronicle,
  id: bigint,
  moment: { readonly at: number; readonly entry: number },
): boolean =>
  history.lives.some(
    (life) =>
      life.id === id &&
      life.from.entry < moment.entry &&
      (life.gone === null || life.gone.entry > moment.entry) &&
      deadlineOf(life, moment.entry) <= moment.at,
  );
