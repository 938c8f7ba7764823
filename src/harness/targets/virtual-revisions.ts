/**
 * Sessions follow each other on one server, and each counts revisions from 1: what a request says
 * of revisions is translated for the server, and what it answers is translated back.
 */
import type { Command, Compare, RangeView, RequestOp } from '../../api/command.ts';
import type { Delivery, KeyValue, Response, ResponseOp, WatchEvent } from '../../api/response.ts';
import { type Revision, revision } from '../../api/units.ts';

export class VirtualRevisions {
  /** What the session's first revision is above 1 on the server. */
  readonly #base: number;
  /** Revisions that nobody is to know of, ascending. */
  readonly #hidden: readonly number[];

  constructor(base: number, hidden: readonly number[]) {
    this.#base = base;
    this.#hidden = hidden;
  }

  /** As the server is to be asked. */
  command<C extends Command>(command: C): C {
    return this.#command(command) as C;
  }

  /** The session's own of a revision of the server. */
  own(at: Revision): Revision {
    const hidden = this.#hidden.filter((each) => each > this.#base && each <= at).length;
    return revision(at - this.#base - hidden);
  }

  /** What stands for none stays 0. */
  #ownOrNone(at: Revision): Revision {
    return at === 0 ? at : this.own(at);
  }

  kv(kv: KeyValue): KeyValue {
    // A tombstone has no create revision.
    const createRevision = this.#ownOrNone(kv.createRevision);
    return { ...kv, createRevision, modRevision: this.own(kv.modRevision) };
  }

  event(event: WatchEvent): WatchEvent {
    const prevKv = event.prevKv === null ? null : this.kv(event.prevKv);
    return { ...event, kv: this.kv(event.kv), prevKv };
  }

  response(response: Response): Response {
    switch (response.kind) {
      case 'refused':
        return response;
      case 'putDone':
      case 'rangeResult':
      case 'deleted':
      case 'txnResult':
        return this.#result(response);
      default:
        return { ...response, revision: this.#ownOrNone(response.revision) };
    }
  }

  /**
   * Null when there is nothing in it for the session: at its revision 1 a fresh server has no
   * event, but this one may have.
   */
  delivery(delivery: Delivery): Delivery | null {
    const events = delivery.events
      .filter(({ kv }) => !this.#hidden.includes(kv.modRevision))
      .map((event) => this.event(event))
      .filter(({ kv }) => kv.modRevision > 1);
    const ended = delivery.compactRevision !== 0;
    if (events.length === 0 && delivery.events.length > 0 && !ended) return null;
    const at = this.#ownOrNone(delivery.revision);
    const compactRevision = ended ? this.own(delivery.compactRevision) : delivery.compactRevision;
    return { ...delivery, revision: at, events, compactRevision };
  }

  #result(response: ResponseOp): ResponseOp {
    const at = this.#ownOrNone(response.revision);
    switch (response.kind) {
      case 'putDone': {
        const prevKv = response.prevKv === null ? null : this.kv(response.prevKv);
        return { ...response, revision: at, prevKv };
      }
      case 'rangeResult':
        return { ...response, revision: at, kvs: response.kvs.map((kv) => this.kv(kv)) };
      case 'deleted':
        return { ...response, revision: at, prevKvs: response.prevKvs.map((kv) => this.kv(kv)) };
      case 'txnResult': {
        const responses = response.responses.map((each) => this.#result(each));
        return { ...response, revision: at, responses };
      }
    }
  }

  #command(command: Command): Command {
    switch (command.kind) {
      case 'range':
      case 'txn':
        return { ...command, ...this.#operation(command) };
      case 'compact': {
        // KV-20: 0 can be compacted once, on a fresh server.
        const { revision: own } = command;
        // The server sleeps after each thousand keys, and would not wake while time stands still.
        return { ...command, revision: own < 0n ? own : this.#server(own), physical: false };
      }
      case 'watch':
        return { ...command, startRevision: this.#named(command.startRevision) };
      default:
        return command;
    }
  }

  #operation(op: RequestOp): RequestOp {
    switch (op.kind) {
      case 'range':
        return { ...op, view: this.#view(op.view) };
      case 'txn':
        return {
          ...op,
          compares: op.compares.map((compare) => this.#compare(compare)),
          success: op.success.map((each) => this.#operation(each)),
          failure: op.failure.map((each) => this.#operation(each)),
        };
      case 'put':
      case 'deleteRange':
        return op;
    }
  }

  #view(view: RangeView): RangeView {
    return {
      ...view,
      revision: this.#named(view.revision),
      minModRevision: this.#named(view.minModRevision),
      maxModRevision: this.#named(view.maxModRevision),
      minCreateRevision: this.#named(view.minCreateRevision),
      maxCreateRevision: this.#named(view.maxCreateRevision),
    };
  }

  #compare(compare: Compare): Compare {
    return compare.target === 'mod' || compare.target === 'create'
      ? { ...compare, operand: this.#named(compare.operand) }
      : compare;
  }

  /** 0 and less name no revision. */
  #named(own: bigint): bigint {
    return own <= 0n ? own : this.#server(own);
  }

  #server(own: bigint): bigint {
    let at = own + BigInt(this.#base);
    for (const hidden of this.#hidden) if (hidden > this.#base && BigInt(hidden) <= at) at += 1n;
    return at > MAX_INT64 ? MAX_INT64 : at;
  }
}

const MAX_INT64 = 2n ** 63n - 1n;
