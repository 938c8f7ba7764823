/** Properties of views of ranges, of the past, and of compaction. */
import type { Range, SortTarget } from '../../src/api/command.ts';
import type { KeyValue, RangeResult } from '../../src/api/response.ts';
import { attachedTo, type Chronicle, lifeAt, type Request, storeAt } from '../chronicle.ts';
import type { Property } from '../property.ts';
import { inRange, isPlain } from './key-value.ts';
import { wordKv } from './revoke.ts';

export const countsAll: Property = {
  title: 'KV-18: a range counts all its keys, whatever it shows of them',
  sometimes: ['a limit', 'the count only', 'bounds', 'keys alone'],
  *cases(history) {
    for (const { command, entry, named, response } of views(history)) {
      const { countOnly, keysOnly, limit } = command.view;
      const few = limit > 0n ? 'a limit' : keysOnly ? 'keys alone' : 'bounds';
      const name = countOnly ? 'the count only' : few;
      yield { name, entry, expected: `${named.length}`, observed: `${response.count}` };
    }
  },
};

export const bounded: Property = {
  title: 'KV-18: a range shows the keys within its bounds, up to its limit, and tells of more',
  sometimes: ['a limit that cuts', 'a limit that does not', 'bounds'],
  *cases(history) {
    for (const { command, entry, named, response } of views(history)) {
      const { view } = command;
      if (view.countOnly || (view.limit > 0n && sortsOnly(command))) continue;
      const within = named.filter((kv) => isWithin(kv, command)).length;
      const shown = view.limit > 0n ? Math.min(within, Number(view.limit)) : within;
      const cuts = within > shown ? 'a limit that cuts' : 'a limit that does not';
      const name = view.limit > 0n ? cuts : 'bounds';
      const observed = `${response.kvs.length}, ${response.more}`;
      yield { name, entry, expected: `${shown}, ${within > shown}`, observed };
      const strange = response.kvs.filter((kv) => !isWithin(kv, command)).length;
      yield { name: 'bounds', entry, expected: '0', observed: `${strange}` };
    }
  },
};

export const sorted: Property = {
  title: 'KV-18: a range is in the order that was asked for, equals in that of the keys',
  sometimes: ['key', 'version', 'create', 'mod', 'value', 'downward', 'by a target alone'],
  *cases(history) {
    for (const { command, entry, named, response } of views(history)) {
      const { keysOnly, limit, sortOrder, sortTarget } = command.view;
      if (keysOnly || (sortOrder === 'none' && sortTarget === 'key')) continue;
      const sign = sortOrder === 'descend' ? -1 : 1;
      const key = (kv: KeyValue): string | number => targetOf(kv, sortTarget);
      const ordered = named
        .filter((kv) => isWithin(kv, command))
        .slice(0, limit > 0n && sortsOnly(command) ? Number(limit) + 1 : undefined)
        .toSorted((left, right) =>
          key(left) < key(right) ? -sign : sign * +(key(left) > key(right)),
        );
      const expected = ordered.slice(0, response.kvs.length).map(wordKv).join('; ');
      const observed = response.kvs.map(wordKv).join('; ');
      const ways = sortOrder === 'descend' ? 'downward' : sortTarget;
      yield { name: sortTarget, entry, expected, observed };
      const name = sortOrder === 'none' ? 'by a target alone' : ways;
      yield { name, entry, expected, observed };
    }
  },
};

export const keysAlone: Property = {
  title: 'KV-12: keys alone have no value, and in 3.7 no lease unless sorted by value',
  sometimes: ['with a lease', 'without the lease it has'],
  *cases(history) {
    for (const { command, entry, named, response } of views(history)) {
      if (!command.view.keysOnly) continue;
      const isBare = history.history.header.config.etcd === '3.7';
      for (const kv of response.kvs) {
        const was = named.find(({ key }) => key === kv.key);
        const hasLease = !isBare || command.view.sortTarget === 'value';
        const lease = hasLease ? was?.lease : 0n;
        const bare = was?.lease !== 0n && lease === 0n ? 'without the lease it has' : 'without';
        const name = lease === 0n ? bare : 'with a lease';
        yield {
          name,
          entry,
          expected: ` lease ${lease}`,
          observed: `${kv.value} lease ${kv.lease}`,
        };
      }
    }
  },
};

export const asTheyWere: Property = {
  title: 'KV-19: a range at a revision shows the keys as they were, unless compacted or to come',
  sometimes: ['a revision in the past', 'a revision to come', 'a compacted revision'],
  *cases(history) {
    for (const request of ranges(history)) {
      const { command, compacted, entry, response, revision } = request;
      const of = Number(command.view.revision);
      if (of <= 0 || command.key === '') continue;
      const said = response?.kind === 'refused' ? response.reason : `${response?.kind}`;
      if (of > revision) {
        yield { name: 'a revision to come', entry, expected: 'future-revision', observed: said };
      } else if (of < compacted) {
        yield { name: 'a compacted revision', entry, expected: 'compacted', observed: said };
      } else if (response?.kind === 'rangeResult') {
        const store = storeAt(history, request, of);
        const strange = response.kvs.filter(({ key, modRevision, version }) => {
          const was = store.get(key);
          return was?.modRevision !== modRevision || was.version !== version;
        });
        const observed = `${said}, ${strange.length} strange`;
        const expected = 'rangeResult, 0 strange';
        yield { name: 'a revision in the past', entry, expected, observed };
      } else {
        yield { name: 'a revision in the past', entry, expected: 'rangeResult', observed: said };
      }
    }
  },
};

export const pastLease: Property = {
  title: 'REVOKE-06: a revision before the revoke still shows the key with its lease',
  sometimes: ['a key of a lease that is gone'],
  *cases(history) {
    for (const request of ranges(history)) {
      const { command, entry, response } = request;
      if (response?.kind !== 'rangeResult' || command.view.revision <= 0n) continue;
      if (command.view.keysOnly) continue;
      const store = storeAt(history, request, Number(command.view.revision));
      for (const kv of response.kvs) {
        const lease = store.get(kv.key)?.lease ?? 0n;
        if (lease === 0n || lifeAt(history, lease, entry) !== null) continue;
        const name = 'a key of a lease that is gone';
        yield { name, entry, expected: `${lease}`, observed: `${kv.lease}` };
      }
    }
  },
};

export const compactions: Property = {
  title: 'KV-20: a compaction is refused at or below the last one, and above the revision',
  sometimes: ['a compaction', 'one at the last', 'one below', 'one beyond'],
  *cases({ requests }) {
    for (const { command, compacted, entry, response, revision, writes } of requests) {
      if (command.kind !== 'compact') continue;
      const at = Number(command.revision);
      const said = response?.kind === 'refused' ? response.reason : `${response?.kind}`;
      const below = at === compacted ? 'one at the last' : 'one below';
      const name = at > revision ? 'one beyond' : at <= compacted ? below : 'a compaction';
      const done = response?.kind === 'compacted' ? ` at ${response.revision}` : '';
      const refusal = at > revision ? 'future-revision' : 'compacted';
      const expected = name === 'a compaction' ? `compacted at ${revision}, 0` : `${refusal}, 0`;
      yield { name, entry, expected, observed: `${said}${done}, ${writes.length}` };
    }
  },
};

export const attachmentsLast: Property = {
  title: 'KV-14: after a compaction leases still have their keys',
  sometimes: ['a time-to-live', 'a lease that went'],
  *cases({ requests, turns }) {
    const first = requests.find(({ response }) => response?.kind === 'compacted');
    const from = first?.entry ?? Number.POSITIVE_INFINITY;
    for (const { command, entry, life, response, store } of requests) {
      if (entry < from || command.kind !== 'timeToLive' || !command.keys || life === null) continue;
      if (response?.kind !== 'remainingTtl') continue;
      const expected = attachedTo(store, command.id).length;
      if (expected === 0) continue;
      const observed = `${response.keys.length}`;
      yield { name: 'a time-to-live', entry, expected: `${expected}`, observed };
    }
    for (const { entry, revoked, store, writes } of turns) {
      if (entry < from) continue;
      const expected = revoked.flatMap(({ id }) => attachedTo(store, id)).length;
      if (expected === 0) continue;
      const observed = `${writes.flatMap(({ events }) => events).length}`;
      yield { name: 'a lease that went', entry, expected: `${expected}`, observed };
    }
  },
};

type RangeRequest = Request & { readonly command: Range };

const ranges = ({ requests }: Chronicle): readonly RangeRequest[] =>
  requests.filter((request): request is RangeRequest => request.command.kind === 'range');

interface View extends RangeRequest {
  readonly response: RangeResult;
  /** The keys that the range names, at the revision asked for. */
  readonly named: readonly KeyValue[];
}

/** Ranges that were answered and did not ask for everything as it is. */
const views = (history: Chronicle): readonly View[] =>
  ranges(history).flatMap((request) => {
    const { command, response, revision } = request;
    if (response?.kind !== 'rangeResult' || isPlain(command.view)) return [];
    const of = Number(command.view.revision);
    const store = storeAt(history, request, of > 0 ? of : revision);
    return [{ ...request, response, named: inRange(store, command.key, command.rangeEnd) }];
  });

/** A target without an order sorts what the limit has left. */
const sortsOnly = ({ view }: Range): boolean =>
  view.sortOrder === 'none' &&
  view.minModRevision === 0n &&
  view.maxModRevision === 0n &&
  view.minCreateRevision === 0n &&
  view.maxCreateRevision === 0n;

const isWithin = ({ createRevision, modRevision }: KeyValue, { view }: Range): boolean =>
  BigInt(modRevision) >= view.minModRevision &&
  BigInt(createRevision) >= view.minCreateRevision &&
  (view.maxModRevision === 0n || BigInt(modRevision) <= view.maxModRevision) &&
  (view.maxCreateRevision === 0n || BigInt(createRevision) <= view.maxCreateRevision);

const targetOf = (kv: KeyValue, target: SortTarget): string | number =>
  ({
    key: kv.key,
    version: kv.version,
    create: kv.createRevision,
    mod: kv.modRevision,
    value: kv.value,
  })[target];
