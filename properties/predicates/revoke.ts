/** Properties of LeaseRevoke. */
import type { WatchEvent } from '../../src/api/response.ts';
import { attachedTo, type Chronicle, type Request, type Store, type Write } from '../chronicle.ts';
import type { Property } from '../property.ts';

export const unknownRevoke: Property = {
  title: 'REVOKE-01: revoking an unknown lease is refused and changes nothing',
  sometimes: ['a lease that never was', 'a lease that was revoked', 'a lease that expired'],
  *cases(history) {
    for (const { command, entry, life, response, writes } of revokes(history)) {
      if (life !== null) continue;
      const before = history.lives.findLast(
        ({ id, from }) => id === command.id && from.entry < entry,
      );
      const by = before?.gone?.by === 'turn' ? 'expired' : 'was revoked';
      const name = `a lease that ${before === undefined ? 'never was' : by}`;
      const said = response?.kind === 'refused' ? response.reason : response?.kind;
      const observed = `${said}, ${writes.length} writes`;
      yield { name, entry, expected: 'lease-not-found, 0 writes', observed };
    }
  },
};

export const revokedKeys: Property = {
  title: 'REVOKE-02: a revoke deletes all keys of the lease in one revision, in byte order',
  sometimes: [
    'a lease with one key',
    'a lease with several keys',
    'a lease in whose place others stay',
  ],
  *cases(history) {
    for (const { command, entry, life, revision, store, writes } of revokes(history)) {
      if (life === null) continue;
      const keys = attachedTo(store, command.id);
      if (keys.length === 0) continue;
      const expected = `${revision + 1}: delete ${keys.map((key) => JSON.stringify(key)).join()}`;
      const observed = writes.map(wordWrite).join('; ');
      const name = keys.length === 1 ? 'a lease with one key' : 'a lease with several keys';
      yield { name, entry, expected, observed };
      if (store.size === keys.length) continue;
      yield { name: 'a lease in whose place others stay', entry, expected, observed };
    }
  },
};

export const revokeWithoutKeys: Property = {
  title: 'REVOKE-03: a lease without keys goes without a revision',
  sometimes: ['a lease without keys'],
  *cases(history) {
    for (const { command, entry, life, response, revision, store, writes } of revokes(history)) {
      if (life === null || attachedTo(store, command.id).length > 0) continue;
      const at = response?.kind === 'revoked' ? response.revision : response?.kind;
      const observed = `${at}, ${writes.length} writes`;
      yield { name: 'a lease without keys', entry, expected: `${revision}, 0 writes`, observed };
    }
  },
};

export const revokeRevision: Property = {
  title: 'REVOKE-04: a revoke answers with the revision after the deletion',
  sometimes: ['a revoke that deleted keys'],
  *cases(history) {
    for (const { entry, response, writes } of revokes(history)) {
      if (response?.kind !== 'revoked' || writes.length === 0) continue;
      const name = 'a revoke that deleted keys';
      const expected = `${writes.at(-1)?.revision}`;
      yield { name, entry, expected, observed: `${response.revision}` };
    }
  },
};

export const deleteEvents: Property = {
  title: 'REVOKE-05: a delete event holds the key and the revision; its previous value the lease',
  sometimes: ['an event of a revoke'],
  *cases(history) {
    for (const { writes } of revokes(history)) {
      for (const write of writes) {
        for (const event of write.events) {
          const expected = wordDeletion(write, event.kv.key, write.store);
          const observed = wordEvent(event);
          yield { name: 'an event of a revoke', entry: write.entry, expected, observed };
        }
      }
    }
  },
};

export const overdueRevoke: Property = {
  title: 'REVOKE-07: an overdue lease can be revoked like any other',
  sometimes: ['an overdue lease'],
  *cases(history) {
    for (const { at, deadline, entry, life, response } of revokes(history)) {
      if (life === null || at < deadline) continue;
      const name = 'an overdue lease';
      yield { name, entry, expected: 'revoked', observed: `${response?.kind}` };
    }
  },
};

/** A write as `REVISION: delete KEYS`. */
export const wordWrite = ({ events, revision }: Write): string => {
  const kinds = [...new Set(events.map(({ kind }) => kind))].join(' and ');
  const revisions = new Set(events.map(({ kv }) => kv.modRevision));
  const at = revisions.size === 1 && revisions.has(events[0]?.kv.modRevision as never);
  const keys = events.map(({ kv }) => JSON.stringify(kv.key)).join();
  return `${at && events[0]?.kv.modRevision === revision ? revision : 'torn'}: ${kinds} ${keys}`;
};

/** The event that the deletion of a key must be, given the store before it (REVOKE-05). */
export const wordDeletion = ({ revision }: Write, key: string, store: Store): string => {
  const old = store.get(key as never) ?? null;
  const nothing = { value: '', createRevision: 0, version: 0, lease: 0n };
  return wordEvent({
    kind: 'delete',
    kv: { key, modRevision: revision, ...nothing } as unknown as WatchEvent['kv'],
    prevKv: old,
  });
};

export const wordEvent = ({ kind, kv, prevKv }: WatchEvent): string =>
  `${kind} ${wordKv(kv)} before ${prevKv === null ? 'nothing' : wordKv(prevKv)}`;

export const wordKv = (kv: WatchEvent['kv']): string => {
  const revisions = `${kv.createRevision}/${kv.modRevision}/${kv.version}`;
  return `${JSON.stringify(kv.key)}=${JSON.stringify(kv.value)} ${revisions} lease ${kv.lease}`;
};

type RevokeRequest = Request & { readonly command: { readonly kind: 'revoke' } };

const revokes = ({ requests }: Chronicle): readonly RevokeRequest[] =>
  requests.filter((request): request is RevokeRequest => request.command.kind === 'revoke');
