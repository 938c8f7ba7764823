/** Properties of the constants and of LeaseGrant. */
import { type Chronicle, type Request, wentInTime } from '../chronicle.ts';
import type { Case, Property } from '../property.ts';

const MAXIMUM = 9_000_000_000n;

export const largestTtl: Property = {
  title: 'CONST-01: a TTL above 9,000,000,000 s is refused, that number itself is not',
  sometimes: ['the largest TTL', 'a larger one', 'a smaller one'],
  *cases(history) {
    for (const request of grants(history)) {
      const { ttl } = request.command;
      const name =
        ttl === MAXIMUM ? 'the largest TTL' : ttl > MAXIMUM ? 'a larger one' : 'a smaller one';
      const isRefused = outcome(request) === 'ttl-too-large';
      yield isTrue(name, request, isRefused === ttl > MAXIMUM);
    }
  },
};

/** `HEARTBEAT/ELECTION TIMEOUT` in ms → minimum TTL in s, as real servers answered (CONST-02). */
export const MINIMUM_TTLS: Readonly<Record<string, number>> = {
  '100/1000': 2,
  '100/500': 1,
  '50/500': 1,
  '100/5000': 8,
  '250/2500': 4,
  '30/1000': 2,
  '1000/50000': 75,
  '10/100': 1,
  '10/50': 1,
  '1/5': 1,
  '500/5000': 8,
  '10/1010': 2,
  '333/1700': 3,
};

export const minimumTtl: Property = {
  title: 'CONST-02: the minimum TTL follows from the two raft flags',
  sometimes: Object.keys(MINIMUM_TTLS),
  *cases(history) {
    const flags = flagsOf(history);
    for (const { command, entry, response } of grants(history)) {
      if (response?.kind !== 'granted' || command.ttl >= 1n) continue;
      const expected = `granted ${MINIMUM_TTLS[flags]} s`;
      yield { name: flags, entry, expected, observed: `granted ${response.ttl} s` };
    }
  },
};

export const largeTtlFirst: Property = {
  title: 'GRANT-01: a grant checks the TTL first, then the id',
  sometimes: ['too large a TTL and an id in use'],
  *cases(history) {
    for (const request of grants(history)) {
      if (request.life === null || request.command.ttl <= MAXIMUM) continue;
      yield {
        name: 'too large a TTL and an id in use',
        entry: request.entry,
        expected: 'ttl-too-large',
        observed: outcome(request),
      };
    }
  },
};

export const clampedTtl: Property = {
  title: 'GRANT-02: a TTL below the minimum is raised to it, and the answer says so',
  sometimes: ['a negative TTL', 'zero', 'a TTL below the minimum', 'a TTL above it'],
  *cases(history) {
    const minimum = BigInt(MINIMUM_TTLS[flagsOf(history)] as number);
    for (const { command, entry, response } of grants(history)) {
      if (response?.kind !== 'granted') continue;
      const { ttl } = command;
      const granted = ttl < minimum ? minimum : ttl;
      const name =
        ttl < 0n
          ? 'a negative TTL'
          : ttl === 0n
            ? 'zero'
            : ttl < minimum
              ? 'a TTL below the minimum'
              : 'a TTL above it';
      yield { name, entry, expected: `${granted}`, observed: `${response.ttl}` };
    }
  },
};

export const constantTtl: Property = {
  title: 'GRANT-02: the granted TTL stays what the grant answered as long as the lease lives',
  sometimes: ['a keep-alive', 'a time-to-live', 'a time-to-live of a renewed lease'],
  *cases(history) {
    for (const { answered, life, response } of history.requests) {
      if (life === null || answered === null) continue;
      const { entry } = answered;
      const expected = `${life.granted}`;
      if (response?.kind === 'keptAlive' && response.ttl > 0) {
        yield { name: 'a keep-alive', entry, expected, observed: `${response.ttl}` };
      } else if (response?.kind === 'remainingTtl') {
        const renewed = life.renewals.length > 0 ? ' of a renewed lease' : '';
        const observed = `${response.grantedTtl}`;
        yield { name: `a time-to-live${renewed}`, entry, expected, observed };
      }
    }
  },
};

export const refusedGrantCreatesNothing: Property = {
  title: 'GRANT-03: a grant with too large a TTL creates nothing',
  sometimes: ['a list after a refusal'],
  *cases(history) {
    const refused = new Set<bigint>();
    for (const request of history.requests) {
      const { alive, command, entry, life, response } = request;
      if (command.kind === 'grant' && outcome(request) === 'ttl-too-large') refused.add(command.id);
      if (refused.size > 0 && response?.kind === 'leaseList') {
        const expected = `${alive.size} leases`;
        const observed = `${response.ids.length} leases`;
        yield { name: 'a list after a refusal', entry, expected, observed };
      }
      if (response?.kind !== 'remainingTtl' || life !== null || !refused.has(response.id)) continue;
      const name = 'a time-to-live of an id that was refused';
      yield { name, entry, expected: 'granted 0', observed: `granted ${response.grantedTtl}` };
    }
  },
};

export const idInUse: Property = {
  title: 'GRANT-04: an id in use is refused, and its lease stays as it was',
  sometimes: ['the id of a live lease', 'the id of an overdue lease', 'its lease went in time'],
  *cases(history) {
    for (const request of grants(history)) {
      const { at, command, deadline, entry, life } = request;
      if (life === null || command.ttl > MAXIMUM) continue;
      const name = at < deadline ? 'the id of a live lease' : 'the id of an overdue lease';
      yield { name, entry, expected: 'lease-exists', observed: outcome(request) };
      const { gone } = life;
      if (gone?.by !== 'turn' || life.renewals.some((renewal) => renewal.entry > entry)) continue;
      yield isTrue('its lease went in time', gone, wentInTime(history, deadline, gone.at));
    }
  },
};

export const idFreeAgain: Property = {
  title: 'GRANT-05: an id is free again once its lease is gone, and its new lease has no keys',
  sometimes: ['an id whose lease was revoked', 'an id whose lease expired'],
  *cases(history) {
    for (const request of grants(history)) {
      const { command, entry, life, response, store } = request;
      if (life !== null || command.id === 0n || command.ttl > MAXIMUM) continue;
      const before = history.lives.findLast(
        ({ id, from }) => id === command.id && from.entry < entry,
      );
      if (before === undefined) continue;
      const name = `an id whose lease ${before.gone?.by === 'turn' ? 'expired' : 'was revoked'}`;
      const keys = [...store.values()].filter(({ lease }) => lease === command.id).length;
      const observed = `${response?.kind} with ${keys} keys`;
      yield { name, entry, expected: 'granted with 0 keys', observed };
    }
  },
};

export const grantKeepsRevision: Property = {
  title: 'GRANT-06: a grant does not change the revision',
  sometimes: ['a fresh store', 'a store that was written to'],
  *cases(history) {
    for (const { entry, response, revision, writes } of grants(history)) {
      if (response?.kind !== 'granted') continue;
      const name = revision === 1 ? 'a fresh store' : 'a store that was written to';
      const observed = `revision ${response.revision}, ${writes.length} writes`;
      yield { name, entry, expected: `revision ${revision}, 0 writes`, observed };
    }
  },
};

export const lifeFromGrant: Property = {
  title: 'GRANT-07: a lease expires its granted TTL after the grant',
  sometimes: ['a lease that was never renewed'],
  *cases(history) {
    for (const life of history.lives) {
      const { gone } = life;
      if (life.renewals.length > 0 || gone?.by !== 'turn') continue;
      const isInTime = wentInTime(history, life.from.at + life.granted * 1000, gone.at);
      yield isTrue('a lease that was never renewed', gone, isInTime);
    }
  },
};

export const chosenIds: Property = {
  title: 'CONST-14: an id the server chooses is positive and above those it chose before',
  sometimes: ['the first id', 'a later id'],
  *cases(history) {
    let last = 0n;
    for (const { command, entry, response } of grants(history)) {
      if (command.id !== 0n || response?.kind !== 'granted') continue;
      yield isTrue(last === 0n ? 'the first id' : 'a later id', { entry }, response.id > last);
      last = response.id;
    }
  },
};

export const askedIds: Property = {
  title: 'CONST-15: any non-zero int64 is a legal lease id',
  sometimes: ['a negative id', 'the smallest id', 'the largest id', 'a small id'],
  *cases(history) {
    for (const { command, entry, life, response } of grants(history)) {
      const { id } = command;
      if (id === 0n || life !== null || command.ttl > MAXIMUM) continue;
      const extreme = id === -(2n ** 63n) ? 'the smallest id' : 'the largest id';
      const name =
        BigInt.asIntN(63, id) !== id ? extreme : id < 0n ? 'a negative id' : 'a small id';
      const observed =
        response?.kind === 'granted' ? `granted ${response.id}` : `${response?.kind}`;
      yield { name, entry, expected: `granted ${id}`, observed };
    }
  },
};

type GrantRequest = Request & { readonly command: { readonly kind: 'grant' } };

const grants = ({ requests }: Chronicle): readonly GrantRequest[] =>
  // GRANT-09: with the alarm raised there is nothing else to see.
  requests.filter(
    (request): request is GrantRequest => request.command.kind === 'grant' && !request.noSpace,
  );

const outcome = ({ response }: Request): string =>
  response?.kind === 'refused' ? response.reason : `${response?.kind}`;

const flagsOf = ({ history }: Chronicle): string =>
  `${history.header.config.heartbeat}/${history.header.config.election}`;

const isTrue = (name: string, { entry }: { readonly entry: number }, is: boolean): Case => ({
  name,
  entry,
  expected: 'true',
  observed: `${is}`,
});
