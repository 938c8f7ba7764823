/** Properties of puts, ranges and deletes, as far as they attach keys to leases. */
import type { Bytes } from '../../src/api/bytes.ts';
import { PLAIN_VIEW, type Put, type RangeView } from '../../src/api/command.ts';
import type { KeyValue } from '../../src/api/response.ts';
import type { Chronicle, Request, Store } from '../chronicle.ts';
import type { Property } from '../property.ts';
import { wordEvent, wordKv, wordWrite } from './revoke.ts';

export const onlyWritesCount: Property = {
  title: 'GRANT-06: nothing but a write moves the revision, each write by one',
  sometimes: ['a write', 'an answer after a write', 'an answer of a fresh store'],
  *cases({ requests, writes }) {
    for (const [index, { entry, revision }] of writes.entries()) {
      yield { name: 'a write', entry, expected: `${index + 2}`, observed: `${revision}` };
    }
    for (const { entry, response, revision, writes } of requests) {
      if (response === null || response.kind === 'refused' || response.kind === 'keptAlive')
        continue;
      // KV-21: in 3.4 it has no header.
      if (response.kind === 'alarms' && response.revision === 0) continue;
      const expected = `${writes.at(-1)?.revision ?? revision}`;
      const name = expected === '1' ? 'an answer of a fresh store' : 'an answer after a write';
      yield { name, entry, expected, observed: `${response.revision}` };
    }
  },
};

export const knownLease: Property = {
  title: 'KV-01: a put with a lease attaches the key; an unknown lease is refused',
  sometimes: ['a lease that is there', 'a lease that is not'],
  *cases(history) {
    for (const { command, entry, life, response, writes } of puts(history)) {
      if (command.lease === 0n || editRefusal(command) !== null) continue;
      if (life === null) {
        const reason = response?.kind === 'refused' ? response.reason : response?.kind;
        const observed = `${reason}, ${writes.length} writes`;
        const expected = 'lease-not-found, 0 writes';
        yield { name: 'a lease that is not', entry, expected, observed };
      } else if (response?.kind === 'putDone') {
        const observed = `${writes[0]?.events[0]?.kv.lease}`;
        yield { name: 'a lease that is there', entry, expected: `${command.lease}`, observed };
      }
    }
  },
};

export const lastPutDecides: Property = {
  title: 'KV-02: the last put decides the lease of a key',
  sometimes: ['a new key', 'a key that stays', 'a key that moves', 'a key that is detached'],
  *cases(history) {
    for (const { command, entry, response, store, writes } of puts(history)) {
      if (response?.kind !== 'putDone' || command.ignoreLease || command.ignoreValue) continue;
      const old = store.get(command.key);
      const name =
        old === undefined
          ? 'a new key'
          : old.lease === command.lease
            ? 'a key that stays'
            : command.lease === 0n
              ? 'a key that is detached'
              : 'a key that moves';
      const expected = `put ${wordKv(putKv(command, old, response.revision, command.lease))}`;
      const event = writes[0]?.events[0];
      const observed = event === undefined ? 'no event' : `${event.kind} ${wordKv(event.kv)}`;
      yield { name, entry, expected, observed };
    }
  },
};

export const ignoreLease: Property = {
  title: 'KV-03: ignore_lease keeps the lease of a key',
  sometimes: ['a key with a lease', 'a key without'],
  *cases(history) {
    for (const { command, entry, response, store, writes } of puts(history)) {
      if (response?.kind !== 'putDone' || !command.ignoreLease) continue;
      const lease = store.get(command.key)?.lease ?? 0n;
      const name = lease === 0n ? 'a key without' : 'a key with a lease';
      const observed = `${writes[0]?.events[0]?.kv.lease}`;
      yield { name, entry, expected: `${lease}`, observed };
    }
  },
};

export const ignoreValue: Property = {
  title: 'KV-04: ignore_value keeps the value and still applies the lease',
  sometimes: ['with a lease', 'without one', 'with both flags'],
  *cases(history) {
    for (const { command, entry, response, store, writes } of puts(history)) {
      if (response?.kind !== 'putDone' || !command.ignoreValue) continue;
      const old = store.get(command.key);
      const lease = command.ignoreLease ? old?.lease : command.lease;
      const one = command.lease === 0n ? 'without one' : 'with a lease';
      const kv = writes[0]?.events[0]?.kv;
      const expected = JSON.stringify([old?.value, `${lease}`]);
      const observed = JSON.stringify([kv?.value, `${kv?.lease}`]);
      yield { name: command.ignoreLease ? 'with both flags' : one, entry, expected, observed };
    }
  },
};

export const refusalOrder: Property = {
  title: 'KV-05: a put reports its errors in a fixed order',
  sometimes: [
    'key-empty',
    'value-provided',
    'lease-provided',
    'lease-not-found',
    'key-not-found',
    'an unknown lease and an unknown key',
    'none',
  ],
  *cases(history) {
    for (const { command, entry, life, response, store, writes } of puts(history)) {
      const isKeyMissing = (command.ignoreLease || command.ignoreValue) && !store.has(command.key);
      const isLeaseMissing = command.lease !== 0n && life === null;
      const later = isLeaseMissing ? 'lease-not-found' : isKeyMissing ? 'key-not-found' : 'none';
      const reason = editRefusal(command) ?? later;
      const expected = `${reason}, ${reason === 'none' ? 1 : 0} writes`;
      const said = response?.kind === 'refused' ? response.reason : 'none';
      const observed = `${said}, ${writes.length} writes`;
      yield { name: reason, entry, expected, observed };
      if (editRefusal(command) !== null || !isLeaseMissing || !isKeyMissing) continue;
      yield { name: 'an unknown lease and an unknown key', entry, expected, observed };
    }
  },
};

export const deletes: Property = {
  title: 'KV-06: deleting a key detaches it and spares the lease',
  sometimes: ['a key with a lease', 'several keys', 'no key', 'a lease that lost a key'],
  *cases(history) {
    const losers = new Set<bigint>();
    for (const request of history.requests) {
      const { command, entry, life, response, revision, store, writes } = request;
      if (command.kind === 'deleteRange' && response?.kind === 'deleted') {
        const kvs = inRange(store, command.key, command.rangeEnd);
        for (const { lease } of kvs) losers.add(lease);
        const keys = kvs.map(({ key }) => JSON.stringify(key)).join();
        const leased = kvs.length === 1 && kvs[0]?.lease !== 0n ? 'a key with a lease' : 'a key';
        const name = kvs.length === 0 ? 'no key' : kvs.length > 1 ? 'several keys' : leased;
        const expected = kvs.length === 0 ? '' : `${revision + 1}: delete ${keys}`;
        yield { name, entry, expected, observed: writes.map(wordWrite).join('; ') };
      }
      if (response?.kind === 'remainingTtl' && life !== null && losers.has(life.id)) {
        const observed = `${response.grantedTtl}`;
        yield { name: 'a lease that lost a key', entry, expected: `${life.granted}`, observed };
      }
    }
  },
};

export const ranges: Property = {
  title: 'KV-12: a range shows the lease of each key',
  sometimes: ['a key with a lease', 'a key without', 'several keys', 'no key'],
  *cases({ requests }) {
    for (const { command, entry, response, store } of requests) {
      if (command.kind !== 'range' || response?.kind !== 'rangeResult') continue;
      if (!isPlain(command.view)) continue;
      const kvs = inRange(store, command.key, command.rangeEnd);
      const one = kvs[0]?.lease === 0n ? 'a key without' : 'a key with a lease';
      const name = kvs.length === 0 ? 'no key' : kvs.length > 1 ? 'several keys' : one;
      const expected = kvs.map(wordKv).join('; ');
      yield { name, entry, expected, observed: response.kvs.map(wordKv).join('; ') };
    }
  },
};

export const previousValues: Property = {
  title: 'KV-13: a previous value names the old lease',
  sometimes: ['a put that asked', 'a put that did not', 'a delete that asked', 'a put event'],
  *cases({ requests }) {
    for (const { command, entry, response, store, writes } of requests) {
      if (command.kind === 'put' && response?.kind === 'putDone') {
        const old = store.get(command.key);
        const expected = command.prevKv && old !== undefined ? wordKv(old) : 'nothing';
        const observed = response.prevKv === null ? 'nothing' : wordKv(response.prevKv);
        const name = command.prevKv ? 'a put that asked' : 'a put that did not';
        yield { name, entry, expected, observed };
        const event = writes[0]?.events[0];
        if (event === undefined) continue;
        const seen = wordEvent({ ...event, prevKv: old ?? null });
        yield { name: 'a put event', entry, expected: seen, observed: wordEvent(event) };
      } else if (command.kind === 'deleteRange' && response?.kind === 'deleted') {
        const kvs = command.prevKv ? inRange(store, command.key, command.rangeEnd) : [];
        const expected = kvs.map(wordKv).join('; ');
        const observed = response.prevKvs.map(wordKv).join('; ');
        const name = command.prevKv ? 'a delete that asked' : 'a delete that did not';
        yield { name, entry, expected, observed };
      }
    }
  },
};

/** What a range of keys holds, in byte order. */
export const inRange = (store: Store, key: Bytes, end: Bytes): readonly KeyValue[] =>
  [...store.values()]
    .filter((kv) => (end === '' ? kv.key === key : kv.key >= key && (end === '\0' || kv.key < end)))
    .toSorted((left, right) => (left.key < right.key ? -1 : 1));

/** Everything as it is now. */
export const isPlain = (view: RangeView): boolean =>
  Object.entries(PLAIN_VIEW).every(
    ([field, plain]) => field === 'serializable' || view[field as keyof RangeView] === plain,
  );

/** What can be told of a put without looking at leases and keys. */
const editRefusal = (command: Put): string | null => {
  if (command.key === '') return 'key-empty';
  if (command.ignoreValue && command.value !== '') return 'value-provided';
  return command.ignoreLease && command.lease !== 0n ? 'lease-provided' : null;
};

const putKv = (
  { key, value }: Put,
  old: KeyValue | undefined,
  revision: KeyValue['modRevision'],
  lease: bigint,
): KeyValue => {
  const createRevision = old?.createRevision ?? revision;
  return {
    key,
    value,
    createRevision,
    modRevision: revision,
    version: (old?.version ?? 0) + 1,
    lease,
  };
};

type PutRequest = Request & { readonly command: Put };

const puts = ({ requests }: Chronicle): readonly PutRequest[] =>
  // GRANT-09: with the alarm raised there is nothing else to see.
  requests.filter(
    (request): request is PutRequest => request.command.kind === 'put' && !request.noSpace,
  );
