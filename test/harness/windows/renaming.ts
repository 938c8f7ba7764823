/** What a run of its own is called when it is one of the sessions of a server. */
import { asBytes, type Bytes, FROM_KEY, prefixEnd } from '../../../src/api/bytes.ts';
import type { Command, LeaseId, Token } from '../../../src/api/command.ts';
import type { KeyValue, Response, WatchEvent } from '../../../src/api/response.ts';
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
        return {
          ...command,
          token,
          key: this.#key(command.key),
          lease: this.#id(command.lease),
        };
      case 'range':
      case 'deleteRange':
        return { ...command, token, key: this.#key(command.key), rangeEnd: this.#end(command) };
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
        return { ...response, prevKv: this.#kvOrNull(response.prevKv) };
      case 'rangeResult':
        return { ...response, kvs: response.kvs.map((kv) => this.#kv(kv)) };
      case 'deleted':
        return { ...response, prevKvs: response.prevKvs.map((kv) => this.#kv(kv)) };
      case 'revoked':
      case 'refused':
        return response;
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
