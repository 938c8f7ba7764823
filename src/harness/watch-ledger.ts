/**
 * What the model has the watches of clients deliver, and what they did. For each watch the events
 * must be the same, in the same order; those of one revision come together, those of several may be
 * joined only while a watch catches up.
 */
import type { Command, StreamId, Token, Watch, WatchId } from '../api/command.ts';
import type { MinorVersion } from '../api/config.ts';
import type { Delivery, Response } from '../api/response.ts';
import type { Instant, Revision } from '../api/units.ts';
import { breach, lateNotice, sameEvent, type State } from '../model/index.ts';
import { appended } from './appending.ts';
import { blameDelivery, type Delivered } from './blame-delivery.ts';
import { CatchingUp, isOfWatches } from './catching-up.ts';
import { wordPlace } from './describe.ts';
import type { Finding } from './finding.ts';
import { PerWatch } from './per-watch.ts';

interface Lane {
  readonly stream: StreamId;
  readonly watch: WatchId;
  expected: Delivered[];
  seen: Seen[];
  /** Of the last event seen. */
  last: Revision | null;
  /** What the client asked for. */
  command: Watch | undefined;
  /** Until then, responses may be of several revisions, and late. */
  hasCaughtUp: boolean;
  /** Up to where it has been told everything, by the server's own word (KV-29). */
  told: number;
}

interface Seen {
  readonly what: Delivered;
  readonly entry: number;
}

export class WatchLedger {
  readonly #etcd: MinorVersion;
  readonly #catchingUp = new CatchingUp();
  readonly #lanes = new PerWatch<Lane>();
  /** Those with something to compare. */
  readonly #open = new Set<Lane>();
  /** Words on progress of this instant. */
  #notices: { readonly revision: Revision; readonly entry: number }[] = [];
  /** The store's revision when everything was settled last. */
  #settledAt = 0;
  /** Of the requests that watch streams carry. */
  readonly #streams = new Map<Token, StreamId>();

  constructor(etcd: MinorVersion) {
    this.#etcd = etcd;
  }

  called(command: Command, now: Instant): void {
    if (isOfWatches(command)) this.#streams.set(command.token, command.stream);
    this.#catchingUp.called(command, now);
  }

  answered(token: Token, response: Response, now: Instant): void {
    const command = this.#catchingUp.answered(token, response, now);
    if (command === undefined || response.kind !== 'watchCreated') return;
    const lane = this.#lane({ stream: command.stream, watch: response.watch });
    lane.hasCaughtUp = !this.#catchingUp.startedInPast(lane.stream, lane.watch);
    lane.last = null;
    lane.told = 0;
    lane.command = command;
  }

  wrote(revision: Revision, now: Instant): void {
    this.#catchingUp.wrote(revision, now);
  }

  /** The server was restarted: what watches had to catch up with is told or lost. */
  restarted(): void {
    this.#catchingUp.restarted();
    for (const lane of this.#open) lane.expected = [];
    this.#open.clear();
  }

  /** Whether there is a request that `isUnsureOf`. */
  get hasUnsure(): boolean {
    return this.#catchingUp.hasUnsure;
  }

  /** Whether nobody can be sure how this request is answered, or whether it is. */
  isUnsureOf(token: Token): boolean {
    const stream = this.#streams.get(token);
    if (stream === undefined) return false;
    return this.isUnsure(stream) || (this.#etcd === '3.5' && this.#catchingUp.isOptional(token));
  }

  /** Whether what a watch stream does from here on cannot be known. */
  isUnsure(stream: StreamId): boolean {
    return this.#catchingUp.isUnsure(stream);
  }

  expect(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) {
      const lane = this.#lane(delivery);
      lane.expected = appended(lane.expected, partsOf(delivery));
    }
  }

  seen(delivery: Delivery, entry: number): Finding | null {
    const { stream, revision, events, compactRevision } = delivery;
    if (this.isUnsure(stream)) return null;
    const lane = this.#lane(delivery);
    const parts = partsOf(delivery).map((what) => ({ what, entry }));
    lane.seen = appended(lane.seen, parts);
    const last = events.at(-1)?.kv.modRevision;
    const isSplit = events[0] !== undefined && events[0].kv.modRevision === lane.last;
    lane.last = last ?? lane.last;
    if (isSplit) {
      const expected = `all events of revision ${last} at once`;
      return { entry, rule: 'KV-22', expected, observed: 'in two responses' };
    }
    // KV-17; and what is delivered at once is of the store's revision at that instant.
    const isEnd = compactRevision !== 0;
    const [first] = events;
    if (first !== undefined && first.kv.modRevision <= lane.told) {
      const expected = `no more events up to ${lane.told}`;
      return { entry, rule: 'KV-29', expected, observed: wordPlace(first) };
    }
    const wanted = isEnd ? 0 : (last ?? 0);
    const isOff = lane.hasCaughtUp || isEnd ? revision !== wanted : revision < wanted;
    if (!isOff) return null;
    const rule = isEnd ? 'KV-17' : 'KV-22';
    return { entry, rule, expected: `revision ${wanted}`, observed: `revision ${revision}` };
  }

  /** The server says that a watch has been told everything up to a revision (KV-29). */
  noticed(
    { stream, watch, revision }: Delivery,
    state: State,
    now: Instant,
    entry: number,
  ): Finding | null {
    if (this.isUnsure(stream)) return null;
    const rule = breach(state, { kind: 'notify', stream, watch }, now);
    const observed = `all there is up to ${revision} on watch ${watch}`;
    if (rule !== null) return { entry, rule, expected: 'no word on progress', observed };
    this.#lane({ stream, watch }).told = revision;
    this.#notices.push({ revision, entry });
    if (revision >= this.#settledAt) return null;
    return { entry, rule: 'KV-29', expected: `revision ${this.#settledAt}`, observed };
  }

  /** What was predicted by now has been seen, but for watches that catch up. */
  settle(state: State, now: Instant, entry: number): Finding | null {
    const finding = this.#settleNotices(state, now, entry);
    if (finding !== null || this.#open.size === 0) return finding;
    for (const lane of this.#open) {
      const finding = this.#settleLane(lane, now, entry);
      if (finding !== null) return finding;
    }
    return null;
  }

  #settleNotices(state: State, now: Instant, entry: number): Finding | null {
    this.#settledAt = state.revision;
    const late = lateNotice(state, now);
    if (late !== undefined && !this.isUnsure(late.stream)) {
      const expected = `a word on the progress of watch ${late.watch}`;
      return { entry, rule: 'KV-29', expected, observed: 'none' };
    }
    if (this.#notices.length === 0) return null;
    const wrong = this.#notices.find(({ revision }) => revision > state.revision);
    this.#notices = [];
    if (wrong === undefined) return null;
    const [expected, observed] = [`revision ${state.revision}`, `revision ${wrong.revision}`];
    return { entry: wrong.entry, rule: 'KV-29', expected, observed };
  }

  #settleLane(lane: Lane, now: Instant, entry: number): Finding | null {
    const { stream, watch, expected, seen } = lane;
    const behind = this.#catchingUp.isBehind(stream, watch, now);
    const count = behind ? seen.length : Math.max(expected.length, seen.length);
    if (!this.isUnsure(stream)) {
      for (let index = 0; index < count; index += 1) {
        const [predicted, observed] = [expected[index], seen[index]];
        const isSame =
          predicted !== undefined && observed !== undefined && same(predicted, observed.what);
        if (isSame) continue;
        return {
          entry: observed?.entry ?? entry,
          rule: blameDelivery(predicted, observed?.what, lane.command),
          expected: worded(watch, predicted),
          observed: worded(watch, observed?.what),
        };
      }
    }
    lane.expected = behind ? expected.slice(seen.length) : [];
    lane.seen = [];
    lane.hasCaughtUp ||= !behind;
    if (lane.expected.length === 0) this.#open.delete(lane);
    return null;
  }

  #lane({ stream, watch }: Pick<Delivery, 'stream' | 'watch'>): Lane {
    const known = this.#lanes.get(stream, watch);
    const lane = known ?? emptyLane(stream, watch);
    if (known === undefined) this.#lanes.set(stream, watch, lane);
    this.#open.add(lane);
    return lane;
  }
}

const emptyLane = (stream: StreamId, watch: WatchId): Lane => ({
  stream,
  watch,
  expected: [],
  seen: [],
  last: null,
  command: undefined,
  hasCaughtUp: true,
  told: 0,
});

const partsOf = ({ events, compactRevision }: Delivery): readonly Delivered[] =>
  compactRevision === 0 ? events : [{ kind: 'ended', compactRevision }];

const same = (left: Delivered, right: Delivered): boolean =>
  left.kind === 'ended'
    ? right.kind === 'ended' && left.compactRevision === right.compactRevision
    : right.kind !== 'ended' && sameEvent(left, right);

const worded = (watch: WatchId, what: Delivered | undefined): string => {
  if (what === undefined) return `no event on watch ${watch}`;
  if (what.kind !== 'ended') return `${wordPlace(what)} on watch ${watch}`;
  return `watch ${watch} ended, compacted up to ${what.compactRevision}`;
};
