/** Properties of what goes with an expired lease, and of an overdue lease until then. */
import { inRange, isPlain } from './key-value.ts';
import { attachedTo, type Life, type Turn } from '../chronicle.ts';
import type { Property } from '../property.ts';
import { isOverdueAt } from './expiry.ts';
import { wordDeletion, wordEvent, wordWrite } from './revoke.ts';

export const ownRevision: Property = {
  title: 'EXP-07: each expired lease with keys takes one revision of its own, one without none',
  sometimes: ['a lease with keys', 'a lease without keys', 'several leases with keys'],
  *cases({ turns }) {
    for (const { entry, revoked, store, writes } of turns) {
      let revision = (writes[0]?.revision ?? 0) - 1;
      const expected: string[] = [];
      for (const { id } of revoked) {
        const keys = attachedTo(store, id).map((key) => JSON.stringify(key));
        if (keys.length === 0) continue;
        revision += 1;
        expected.push(`${revision}: delete ${keys.join()}`);
      }
      const observed = writes.map(wordWrite).join('; ');
      const count = expected.length > 1 ? 'several leases with keys' : 'a lease with keys';
      const name = expected.length === 0 ? 'a lease without keys' : count;
      yield { name, entry, expected: expected.join('; '), observed };
      if (expected.length === 0 || expected.length === revoked.length) continue;
      yield { name: 'a lease without keys', entry, expected: expected.join('; '), observed };
    }
  },
};

export const looksLikeRevoke: Property = {
  title: 'EXP-08: an expiry looks like a revoke',
  sometimes: ['an event of an expiry'],
  *cases({ turns }) {
    for (const write of turns.flatMap(({ writes }) => writes)) {
      for (const event of write.events) {
        const expected = wordDeletion(write, event.kv.key, write.store);
        const observed = wordEvent(event);
        yield { name: 'an event of an expiry', entry: write.entry, expected, observed };
      }
    }
  },
};

export const readable: Property = {
  title: 'EXP-09: an overdue lease and its keys are there for every read',
  sometimes: ['a key', 'the list', 'time-to-live'],
  *cases(history) {
    for (const request of history.requests) {
      const { alive, at, command, deadline, entry, life, response, store } = request;
      if (response?.kind === 'rangeResult' && command.kind === 'range' && isPlain(command.view)) {
        const wanted = inRange(store, command.key, command.rangeEnd).filter(({ lease }) =>
          isOverdueAt(history, lease, request),
        );
        if (wanted.length === 0) continue;
        const seen = new Set(response.kvs.map(({ key, lease }) => `${lease} ${key}`));
        const missing = wanted.filter(({ key, lease }) => !seen.has(`${lease} ${key}`)).length;
        yield { name: 'a key', entry, expected: '0 missing', observed: `${missing} missing` };
      } else if (response?.kind === 'leaseList') {
        const wanted = [...alive.keys()].filter((id) => isOverdueAt(history, id, request));
        if (wanted.length === 0) continue;
        const missing = wanted.filter((id) => !response.ids.includes(id)).length;
        yield { name: 'the list', entry, expected: '0 missing', observed: `${missing} missing` };
      } else if (response?.kind === 'remainingTtl' && life !== null && at >= deadline) {
        const observed = `granted ${response.grantedTtl}`;
        yield { name: 'time-to-live', entry, expected: `granted ${life.granted}`, observed };
      }
    }
  },
};

export const takesPuts: Property = {
  title: 'EXP-10: an overdue lease takes puts, and what it took goes with it',
  sometimes: ['a put', 'its key at the expiry'],
  *cases(history) {
    for (const request of history.requests) {
      const { at, command, deadline, entry, life, noSpace, response, writes } = request;
      if (command.kind !== 'put' || life === null || at < deadline || noSpace) continue;
      if (command.ignoreLease || command.ignoreValue || command.key === '') continue;
      yield { name: 'a put', entry, expected: 'putDone', observed: `${response?.kind}` };
      const { gone } = life;
      const { key } = command;
      const untilThen = history.writes.some(
        (write) =>
          write.entry > (writes[0]?.entry ?? entry) &&
          write.entry < (gone?.entry ?? entry) &&
          write.events.some(({ kind, kv }) => kv.key === key && kind === 'put'),
      );
      if (gone?.by !== 'turn' || untilThen) continue;
      const turn = history.turns.find((other) => other.entry === gone.entry);
      const isGone = turn !== undefined && !keysLeft(history, turn, life).includes(key);
      yield {
        name: 'its key at the expiry',
        entry: gone.entry,
        expected: 'true',
        observed: `${isGone}`,
      };
    }
  },
};

export const savesKey: Property = {
  title: 'EXP-10: a put without a lease saves a key of an overdue lease',
  sometimes: ['a key that was saved'],
  *cases(history) {
    for (const request of history.requests) {
      const { command, entry, response, store, writes } = request;
      if (command.kind !== 'put' || command.lease !== 0n || command.ignoreLease) continue;
      const old = store.get(command.key);
      if (response?.kind !== 'putDone' || old === undefined || old.lease === 0n) continue;
      if (!isOverdueAt(history, old.lease, request)) continue;
      const at = writes[0]?.entry ?? entry;
      const deletion = history.turns
        .flatMap((turn) => turn.writes)
        .find((write) => write.entry > at && write.events.some(({ kv }) => kv.key === command.key));
      // Whatever deletes it later must be the lease of a later put.
      const other = deletion?.store.get(command.key)?.modRevision !== writes[0]?.revision;
      const isSafe = deletion === undefined || other;
      yield { name: 'a key that was saved', entry, expected: 'true', observed: `${isSafe}` };
    }
  },
};

/** The keys of a lease that a later read still shows. */
const keysLeft = (
  {
    requests,
    writes,
  }: {
    requests: readonly { store: Turn['store']; entry: number }[];
    writes: readonly { entry: number; store: Turn['store'] }[];
  },
  turn: Turn,
  life: Life,
): readonly string[] => {
  const later = [...requests, ...writes].filter(({ entry }) => entry > turn.entry);
  const next = later.toSorted((left, right) => left.entry - right.entry)[0];
  return next === undefined ? [] : attachedTo(next.store, life.id);
};
