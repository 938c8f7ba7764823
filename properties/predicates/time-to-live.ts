/** Properties of LeaseTimeToLive. */
import type { RemainingTtl } from '../../src/api/response.ts';
import { attachedTo, type Chronicle, passed, type Request } from '../chronicle.ts';
import type { Property } from '../property.ts';

export const truncated: Property = {
  title: 'TTL-01: the remaining TTL is truncated toward zero',
  sometimes: [
    'the granted TTL',
    'less, a whole number of seconds',
    'less, within a second',
    'the last second',
    'the first second after the deadline',
  ],
  *cases(history) {
    for (const { at, deadline, entry, life, response } of reports(history)) {
      if (life === null) continue;
      const left = deadline - at;
      if (left <= -1000) continue;
      const expected = `${Math.floor(Math.max(left, 0) / 1000)}`;
      yield { name: nameOf(left, life.granted), entry, expected, observed: `${response.ttl}` };
    }
  },
};

export const reportHolds: Property = {
  title: 'TTL-01: a lease reported n expires after n seconds and before n + 1, unless renewed',
  sometimes: ['a lease reported 0', 'a lease reported more'],
  *cases(history) {
    for (const { at, entry, life, response } of reports(history)) {
      const gone = life?.gone ?? null;
      if (life === null || response.ttl < 0) continue;
      if (life.renewals.some((renewal) => renewal.entry > entry)) continue;
      const name = response.ttl === 0 ? 'a lease reported 0' : 'a lease reported more';
      const turns = 500 * (1 + Math.floor(history.lives.length / 500));
      // Seconds that the clock leapt over may all have been after the expiry.
      const lived = passed(history, at, gone?.at ?? history.end);
      const isLate = lived >= (response.ttl + 1) * 1000 + turns;
      const isEarly = gone?.by === 'turn' && response.ttl > 0 && gone.at < at + response.ttl * 1000;
      const observed = isLate ? 'too late' : isEarly ? 'too early' : 'in time';
      yield { name, entry, expected: 'in time', observed };
    }
  },
};

export const negative: Property = {
  title: 'TTL-02: an overdue lease shows a negative TTL with its granted TTL',
  sometimes: ['overdue by a second', 'overdue by more'],
  *cases(history) {
    for (const { at, deadline, entry, life, response } of reports(history)) {
      if (life === null || at - deadline < 1000) continue;
      const late = Math.floor((at - deadline) / 1000);
      const name = late === 1 ? 'overdue by a second' : 'overdue by more';
      const observed = `${response.ttl} of ${response.grantedTtl}`;
      yield { name, entry, expected: `${-late} of ${life.granted}`, observed };
    }
  },
};

export const unknown: Property = {
  title: 'TTL-03: an unknown lease shows TTL -1 and granted TTL 0',
  sometimes: ['a lease that never was', 'a lease that is gone'],
  *cases(history) {
    for (const { command, entry, life, response } of reports(history)) {
      if (life !== null) continue;
      const was = history.lives.some(({ id, from }) => id === command.id && from.entry < entry);
      const name = was ? 'a lease that is gone' : 'a lease that never was';
      const { grantedTtl, id, keys, ttl } = response;
      const observed = `${id}: ${ttl} of ${grantedTtl}, ${keys.length} keys`;
      yield { name, entry, expected: `${command.id}: -1 of 0, 0 keys`, observed };
    }
  },
};

export const keys: Property = {
  title: 'TTL-04: keys are listed when asked for, in any order',
  sometimes: ['not asked', 'no key', 'one key', 'several keys', 'keys of an overdue lease'],
  *cases(history) {
    for (const { at, command, deadline, entry, life, response, store } of reports(history)) {
      if (life === null) continue;
      const attached = command.keys ? attachedTo(store, command.id) : [];
      const count = ['no key', 'one key'][attached.length] ?? 'several keys';
      const name = command.keys ? count : 'not asked';
      const expected = JSON.stringify(attached);
      const observed = JSON.stringify(response.keys.toSorted());
      yield { name, entry, expected, observed };
      if (attached.length === 0 || at < deadline) continue;
      yield { name: 'keys of an overdue lease', entry, expected, observed };
    }
  },
};

const nameOf = (left: number, granted: number): string => {
  if (left === granted * 1000) return 'the granted TTL';
  if (left <= 0) return 'the first second after the deadline';
  if (left < 1000) return 'the last second';
  return left % 1000 === 0 ? 'less, a whole number of seconds' : 'less, within a second';
};

type Report = Request & {
  readonly command: { readonly kind: 'timeToLive' };
  readonly response: RemainingTtl;
};

const reports = ({ requests }: Chronicle): readonly Report[] =>
  requests.filter((request): request is Report => request.response?.kind === 'remainingTtl');
