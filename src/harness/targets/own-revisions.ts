/** Revisions of a session on a server that others used before it: counted as on a fresh one. */
import type { KeyValue, Response } from '../../api/response.ts';
import { type Revision, revision } from '../../api/units.ts';

export class OwnRevisions {
  readonly #base: number;
  readonly #hidden: readonly number[];

  /**
   * `base`: by how much the server is ahead of a fresh one; `hidden`: revisions that nobody is to
   * know of.
   */
  constructor(base: number, hidden: readonly number[]) {
    this.#base = base;
    this.#hidden = hidden;
  }

  at(server: Revision): Revision {
    const hidden = this.#hidden.filter((each) => each <= server && each > this.#base).length;
    return revision(server - this.#base - hidden);
  }

  keyValue(kv: KeyValue): KeyValue {
    // A tombstone has no create revision.
    const createRevision = kv.createRevision === 0 ? kv.createRevision : this.at(kv.createRevision);
    return { ...kv, createRevision, modRevision: this.at(kv.modRevision) };
  }

  response(response: Response): Response {
    if (response.kind === 'refused') return response;
    const own = { ...response, revision: this.at(response.revision) };
    switch (own.kind) {
      case 'putDone':
        return { ...own, prevKv: own.prevKv === null ? null : this.keyValue(own.prevKv) };
      case 'rangeResult':
        return { ...own, kvs: own.kvs.map((kv) => this.keyValue(kv)) };
      case 'deleted':
        return { ...own, prevKvs: own.prevKvs.map((kv) => this.keyValue(kv)) };
      default:
        return own;
    }
  }
}
