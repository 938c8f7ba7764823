/** Properties of LeaseLeases. */
import { deadlineOf } from '../chronicle.ts';
import type { Property } from '../property.ts';

export const everyLease: Property = {
  title: 'LIST-02: the list holds every lease, overdue ones too',
  sometimes: ['no lease', 'one lease', 'several leases', 'an overdue lease'],
  *cases(history) {
    for (const { alive, at, entry, response } of history.requests) {
      if (response?.kind !== 'leaseList') continue;
      const name = ['no lease', 'one lease'][alive.size] ?? 'several leases';
      const expected = [...alive.keys()].toSorted(ascending).join();
      const observed = response.ids.toSorted(ascending).join();
      yield { name, entry, expected, observed };
      if (![...alive.values()].some((life) => deadlineOf(life, entry) <= at)) continue;
      yield { name: 'an overdue lease', entry, expected, observed };
    }
  },
};

export const soonestFirst: Property = {
  title: 'LIST-03: the list is in the order of remaining time',
  sometimes: ['several leases', 'a renewed lease among others'],
  *cases(history) {
    for (const { alive, entry, response } of history.requests) {
      if (response?.kind !== 'leaseList' || response.ids.length < 2) continue;
      const lives = response.ids.flatMap((id) => alive.get(id) ?? []);
      const deadlines = lives.map((life) => deadlineOf(life, entry));
      const expected = deadlines.toSorted((left, right) => left - right).join();
      const observed = deadlines.join();
      yield { name: 'several leases', entry, expected, observed };
      if (!lives.some((life) => life.renewals.some((renewal) => renewal.entry < entry))) continue;
      yield { name: 'a renewed lease among others', entry, expected, observed };
    }
  },
};

export const idsOnly: Property = {
  title: 'LIST-01: the list holds ids',
  sometimes: ['a list'],
  *cases({ requests }) {
    for (const { command, entry, response, revision } of requests) {
      if (command.kind !== 'leases') continue;
      const fields = Object.keys(response ?? {})
        .toSorted()
        .join();
      const said = response?.kind === 'leaseList' ? response.revision : 'no list';
      const expected = `ids,kind,revision at ${revision}`;
      yield { name: 'a list', entry, expected, observed: `${fields} at ${said}` };
    }
  },
};

const ascending = (left: bigint, right: bigint): number =>
  left < right ? -1 : left > right ? 1 : 0;
