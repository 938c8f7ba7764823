/** What a run of its own is called when it is one of the sessions of a server. */
import { asBytes, type Bytes, FROM_KEY, prefixEnd } from '../../../src/api/bytes.ts';
import type { Command, Compare, LeaseId, RequestOp, Token } from '../../../src/api/command.ts';
import type {
  Delivery,
  KeyValue,
  Response,
  ResponseOp,
  WatchEvent,
} from '../../../src/api/response.ts';
import { type Revision, revision } from '../../../src/api/units.ts';

/** Tokens and streams that a session may have. */
const SHARE = 1_000_000;

export class Renaming {
  /** The run's own revision, as far as it was seen. */
  latest = revision(1);
  readonly #session: number;
  readonly #prefix: Bytes;
  readonly #ids = new Map<LeaseId, LeaseId>();
  readonly #revisions = new Map<Revision, Revision>([[revision(1), revision(1)]]);
  readonly #leftToServer = new Set<Token>();

  constructor(session: number) {
    this.#session = session;
    this.#prefix = asBytes(`s${session}/`);
  }

  token(token: Token): Token {
    return this.#session * SHARE + token;
  }

  revision(own: Revision): Revision {
    return this.#revisions.get(own) ?? own;
  }

  bindRevision(own: Revision, shared: Revision): void {
    this.#revisions.set(own, shared);
    this.latest = own;
  }

  leftIdToServer(token: Token): boolean {
    return this.#leftToServer.has(token);
  }

  bindId(own: LeaseId, shared: LeaseId): void {
    this.#ids.set(own, shared);
  }

  command(command: Command): Command {
    const token = this.token(command.token);
    switch (command.kind) {
      case 'grant':
        if (command.id === 0n) this.#leftToServer.add(command.token);
        return { ...command, token, id: this.#id(command.id) };
      case 'revoke':
      case 'timeToLive':
        return { ...command, token, id: this.#id(command.id) };
      case 'keepAlive':
        return {
          ...command,
          token,
          id: this.#id(command.id),
          stream: this.#session * SHARE + command.stream,
        };
      case 'leases':
        return { ...command, token };
      case 'put':
      case 'range':
      case 'deleteRange':
      case 'txn':
        return { ...this.#operation(command), token };
      case 'compact':
        return { ...command, token, revision: this.#named(command.revision) };
      case 'alarm':
        return { ...command, token };
      case 'watch': {
        const range = { key: this.#key(command.key), rangeEnd: this.#end(command) };
        const startRevision = this.#named(command.startRevision);
        return { ...command, ...range, token, startRevision, stream: this.#stream(command) };
      }
      case 'cancelWatch':
      case 'watchProgress':
        return { ...command, token, stream: this.#stream(command) };
    }
  }

  delivery(delivery: Delivery): Delivery {
    const { revision: at, events } = delivery;
    const renamed = { revision: this.revision(at), events: events.map(this.event) };
    return { ...delivery, ...renamed, stream: this.#stream(delivery) };
  }

  #stream({ stream }: { readonly stream: number }): number {
    return this.#session * SHARE + stream;
  }

  /** A revision that a request names: 0 and less name none, and one to come is far off. */
  #named(own: bigint): bigint {
    if (own <= 0n) return own;
    return BigInt(this.#revisions.get(revision(Number(own))) ?? 1_000_000_000n);
  }

  #operation<Op extends RequestOp>(op: Op): Op {
    return this.#anyOperation(op) as Op;
  }

  #anyOperation(op: RequestOp): RequestOp {
    if (op.kind === 'txn') {
      return {
        ...op,
        compares: op.compares.map((compare) => this.#compare(compare)),
        success: op.success.map((each) => this.#anyOperation(each)),
        failure: op.failure.map((each) => this.#anyOperation(each)),
      };
    }
    const key = this.#key(op.key);
    if (op.kind === 'put') return { ...op, key, lease: this.#id(op.lease) };
    const rangeEnd = this.#end(op);
    if (op.kind === 'deleteRange') return { ...op, key, rangeEnd };
    const view = {
      ...op.view,
      revision: this.#named(op.view.revision),
      minModRevision: this.#named(op.view.minModRevision),
      maxModRevision: this.#named(op.view.maxModRevision),
      minCreateRevision: this.#named(op.view.minCreateRevision),
      maxCreateRevision: this.#named(op.view.maxCreateRevision),
    };
    return { ...op, key, rangeEnd, view };
  }

  #compare(compare: Compare): Compare {
    const range = { key: this.#key(compare.key), rangeEnd: this.#end(compare) };
    switch (compare.target) {
      case 'mod':
      case 'create':
        return { ...compare, ...range, operand: this.#named(compare.operand) };
      case 'lease':
        return { ...compare, ...range, operand: this.#id(compare.operand) };
      case 'version':
      case 'value':
        return { ...compare, ...range };
    }
  }

  response(response: Response): Response {
    switch (response.kind) {
      case 'granted':
      case 'keptAlive':
        return { ...response, id: this.#id(response.id) };
      case 'remainingTtl': {
        const keys = response.keys.map((key) => this.#key(key));
        return { ...response, id: this.#id(response.id), keys };
      }
      case 'leaseList':
        return { ...response, ids: response.ids.map((id) => this.#id(id)) };
      case 'putDone':
      case 'rangeResult':
      case 'deleted':
      case 'txnResult':
        return this.#result(response);
      case 'revoked':
      case 'refused':
      case 'compacted':
      case 'alarms':
      case 'watchCreated':
      case 'watchCanceled':
      case 'progress':
        return response;
    }
  }

  /** The revision of the answer itself is its caller's affair, but not those within it. */
  #result(response: ResponseOp): ResponseOp {
    switch (response.kind) {
      case 'putDone':
        return { ...response, prevKv: this.#kvOrNull(response.prevKv) };
      case 'rangeResult':
        return { ...response, kvs: response.kvs.map((kv) => this.#kv(kv)) };
      case 'deleted':
        return { ...response, prevKvs: response.prevKvs.map((kv) => this.#kv(kv)) };
      case 'txnResult': {
        const responses = response.responses.map((each) => this.#result(each));
        return { ...response, responses };
      }
    }
  }

  /** Bound, to be handed on. */
  readonly event = ({ kind, kv, prevKv }: WatchEvent): WatchEvent => ({
    kind,
    kv: this.#kv(kv),
    prevKv: this.#kvOrNull(prevKv),
  });

  /** What the server chose is known; other ids differ from session to session. */
  #id(id: LeaseId): LeaseId {
    const mask = BigInt(this.#session + 1) << 20n;
    return id === 0n ? id : (this.#ids.get(id) ?? id ^ mask);
  }

  #key(key: Bytes): Bytes {
    return key === '' ? key : asBytes(this.#prefix + key);
  }

  #end({ rangeEnd }: { rangeEnd: Bytes }): Bytes {
    return rangeEnd === FROM_KEY ? prefixEnd(this.#prefix) : this.#key(rangeEnd);
  }

  #kvOrNull(kv: KeyValue | null): KeyValue | null {
    return kv === null ? null : this.#kv(kv);
  }

  #kv(kv: KeyValue): KeyValue {
    return {
      ...kv,
      key: this.#key(kv.key),
      createRevision: this.revision(kv.createRevision),
      modRevision: this.revision(kv.modRevision),
      lease: this.#id(kv.lease),
    };
  }
}
