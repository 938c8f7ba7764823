/**
 * What the store held before now: a log of all changes by revision, down to the compacted one, and
 * the versions of each key.
 *
 * A write only appends to the log. The versions by key are worked out of it when somebody reads the
 * past, so that a store whose past nobody reads does not pay for it.
 */
import { type Bytes, NO_BYTES } from '../api/bytes.ts';
import type { KeyValue } from '../api/response.ts';
import { type Revision, revision as toRevision } from '../api/units.ts';
import { InvariantViolation } from '../invariant.ts';
import { KeyIndex } from './key-index.ts';

/** A key as a put left it or, with version 0 and nothing but key and revision, its deletion. */
export type Version = KeyValue;

/** What one revision changed, in the order of the changes. */
export type Changes = Version | readonly Version[];

/** As the compacted revision of a store that has never been compacted, as etcd has it. */
const NEVER = toRevision(-1);

/** What a version takes besides its key and value: about as much as in etcd's file. */
const OVERHEAD_BYTES = 48;

const NO_CHANGES: readonly Version[] = [];

export class History {
  #floor = NEVER;
  /** By revision, from `#first` on, which is the compacted one or 2. */
  #log: Changes[] = [];
  #first = 2;
  /** All versions of each key in their order, up to revision `#worked`. */
  readonly #versions = new Map<Bytes, Version[]>();
  readonly #index = new KeyIndex(this.#versions);
  #worked = 1;
  /** Where among the changes of its revision a version was that is older than the log; 0: first. */
  readonly #places = new Map<Version, number>();
  #bytes = 0;

  /** The last compacted revision: what was before it is gone; -1 before the first compaction. */
  get floor(): Revision {
    return this.#floor;
  }

  /** How many revisions the log has. */
  get length(): number {
    return this.#log.length;
  }

  /** About how many bytes the versions take that are kept. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What the latest revision changed. */
  get latest(): Changes {
    return this.#log.at(-1) ?? NO_CHANGES;
  }

  /** Takes what the next revision changed. */
  append(changes: Changes): void {
    this.#log.push(changes);
    if (Array.isArray(changes)) {
      for (const version of changes as readonly Version[]) this.#bytes += bytesOf(version);
    } else {
      this.#bytes += bytesOf(changes as Version);
    }
  }

  /** What a revision changed, in order; nothing when it is no longer, or not yet, there. */
  changesOf(revision: number): readonly Version[] {
    const changes = this.#log[revision - this.#first];
    return changes === undefined ? NO_CHANGES : asList(changes);
  }

  /** The first revision from `start` on whose changes are kept. */
  firstFrom(start: number): number {
    return Math.max(start, this.#first);
  }

  /** What a key held at a revision that is not below the floor; undefined: nothing. */
  get(key: Bytes, revision: number): KeyValue | undefined {
    this.#workUp();
    return presentAt(this.#versions.get(key), revision);
  }

  /** What the keys of a range held at a revision not below the floor, in order of the keys. */
  range(key: Bytes, rangeEnd: Bytes, revision: number): KeyValue[] {
    this.#workUp();
    const keys = rangeEnd === NO_BYTES ? [key] : this.#index.range(key, rangeEnd);
    const kvs: KeyValue[] = [];
    for (const each of keys) {
      const kv = presentAt(this.#versions.get(each), revision);
      if (kv !== undefined) kvs.push(kv);
    }
    return kvs;
  }

  /** The versions of one key from a revision on, deletions included. */
  versionsFrom(key: Bytes, revision: number): readonly Version[] {
    this.#workUp();
    return (this.#versions.get(key) ?? NO_CHANGES).filter((each) => each.modRevision >= revision);
  }

  /**
   * Forgets what only reads below `floor` would see. A deletion at `floor` itself stays in the log
   * or not, as the versions of etcd have it.
   */
  compact(floor: Revision, keepsDeletions: boolean): void {
    for (let revision = Math.max(this.#first, this.#floor + 1); revision <= floor; revision += 1) {
      // One by one: a long past is forgotten without all of it being worked out first.
      this.#workUp(revision);
      const changes = this.changesOf(revision);
      for (const [place, version] of changes.entries()) this.#trim(version, place, floor);
    }
    if (floor >= this.#first) {
      const kept = this.changesOf(floor).filter((version) =>
        version.version === 0
          ? keepsDeletions
          : presentAt(this.#versions.get(version.key), floor) === version,
      );
      this.#log = this.#log.slice(floor - this.#first);
      this.#log[0] = kept;
      this.#first = floor;
    }
    this.#floor = floor;
  }

  /** Every version that is kept, with its place in its revision, in order; those of `upTo` last. */
  *all(upTo: number): Generator<{ readonly version: Version; readonly place: number }> {
    this.#workUp();
    const older: Version[] = [];
    for (const versions of this.#versions.values()) {
      const oldest = versions[0] as Version;
      if (oldest.modRevision <= this.#floor) older.push(oldest);
    }
    const placeOf = (version: Version): number => this.#places.get(version) ?? 0;
    older.sort((a, b) => a.modRevision - b.modRevision || placeOf(a) - placeOf(b));
    for (const version of older) yield { version, place: placeOf(version) };
    for (let revision = Math.max(this.#first, this.#floor + 1); revision <= upTo; revision += 1) {
      for (const [place, version] of this.changesOf(revision).entries()) yield { version, place };
    }
  }

  /** Checks the past against what the store holds now. */
  scan(revision: Revision, now: ReadonlyMap<Bytes, KeyValue>): void {
    if (this.#first + this.#log.length !== revision + 1) {
      throw new InvariantViolation('the log has each revision', { revision, first: this.#first });
    }
    if (this.#floor > revision || this.#first !== Math.max(this.#floor, 2)) {
      throw new InvariantViolation('the log begins at the floor', { floor: this.#floor });
    }
    for (let index = 0; index < this.#log.length; index += 1) {
      const at = this.#first + index;
      if (!isRightAt(this.#log[index] as Changes, at, at === this.#floor)) {
        throw new InvariantViolation('a revision holds its changes', { revision: at });
      }
    }
    // A past that nobody has read is not worked out only to be checked.
    if (this.#worked === revision) this.#scanVersions(now);
  }

  #scanVersions(now: ReadonlyMap<Bytes, KeyValue>): void {
    let present = 0;
    for (const [key, versions] of this.#versions) {
      const last = versions.at(-1);
      const isOrdered = versions.every((version, index) => {
        const next = versions[index + 1];
        return version.key === key && (next === undefined || isNext(version, next));
      });
      if (!isOrdered || last === undefined) {
        throw new InvariantViolation('the versions of a key ascend', { key });
      }
      if (last.version !== 0) present += 1;
      if (now.get(key) !== (last.version === 0 ? undefined : last)) {
        throw new InvariantViolation('the last version is what the key holds', { key });
      }
    }
    if (present !== now.size) {
      throw new InvariantViolation('each key has versions', { present, keys: now.size });
    }
  }

  /** Works the changes into the versions that have come since this was last done. */
  #workUp(last = this.#first + this.#log.length - 1): void {
    for (let revision = this.#worked + 1; revision <= last; revision += 1) {
      for (const version of this.changesOf(revision)) {
        const versions = this.#versions.get(version.key);
        if (versions === undefined) {
          this.#versions.set(version.key, [version]);
          this.#index.note(version.key);
        } else {
          versions.push(version);
        }
      }
    }
    this.#worked = Math.max(this.#worked, last);
  }

  /** Forgets the versions of a key that `floor` hides, `changed` among them or the first kept. */
  #trim(changed: Version, place: number, floor: Revision): void {
    const versions = this.#versions.get(changed.key);
    if (versions === undefined) return;
    let kept = lastUpTo(versions, floor);
    if (kept < 0) return;
    if ((versions[kept] as Version).version === 0) kept += 1;
    for (const version of versions.splice(0, kept)) {
      this.#bytes -= bytesOf(version);
      this.#places.delete(version);
    }
    if (versions.length === 0) {
      this.#versions.delete(changed.key);
      this.#index.note(changed.key);
    }
    if (versions[0] === changed && place > 0) this.#places.set(changed, place);
  }
}

/** The changes of one revision as a list. */
export const asList = (changes: Changes): readonly Version[] =>
  Array.isArray(changes) ? (changes as readonly Version[]) : [changes as Version];

const isRightAt = (changes: Changes, revision: number, mayBeEmpty: boolean): boolean => {
  if (!Array.isArray(changes)) return (changes as Version).modRevision === revision;
  const versions = changes as readonly Version[];
  if (versions.length === 0) return mayBeEmpty;
  return versions.every((version) => version.modRevision === revision);
};

const presentAt = (
  versions: readonly Version[] | undefined,
  revision: number,
): Version | undefined => {
  const last = versions?.[lastUpTo(versions, revision)];
  return last === undefined || last.version === 0 ? undefined : last;
};

/** Where the last version is that is not after `revision`; -1: there is none. */
const lastUpTo = (versions: readonly Version[], revision: number): number => {
  let low = 0;
  let high = versions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((versions[middle] as Version).modRevision <= revision) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};

const isNext = (version: Version, next: Version): boolean =>
  version.modRevision <= next.modRevision &&
  (next.version === 0
    ? version.version !== 0
    : next.version === version.version + 1 &&
      next.createRevision === (version.version === 0 ? next.modRevision : version.createRevision));

const bytesOf = ({ key, value }: Version): number => OVERHEAD_BYTES + key.length + value.length;
