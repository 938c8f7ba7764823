/** Drives the model by hand, and puts its answers into words. */
import { asBytes, NO_BYTES } from '../../src/api/bytes.ts';
import type { LeaseId, Token } from '../../src/api/command.ts';
import type { Input } from '../../src/api/input.ts';
import type { Answer, Response } from '../../src/api/response.ts';
import { type Instant, instant } from '../../src/api/units.ts';
import { type InitialState, initialState, type State, step } from '../../src/model/index.ts';

export class Driver {
  state: State;
  now: Instant;
  #token: Token = 0;

  constructor(options: InitialState = {}) {
    this.state = initialState(options);
    this.now = this.state.now;
  }

  /** What follows happens at this instant. */
  at(now: number): this {
    this.now = instant(now);
    return this;
  }

  grant(id: LeaseId, ttl: bigint): string {
    return this.#ask({ kind: 'grant', token: this.#next(), id, ttl });
  }

  revoke(id: LeaseId): string {
    return this.#ask({ kind: 'revoke', token: this.#next(), id });
  }

  keepAlive(id: LeaseId, stream = 1): string {
    return this.#ask({ kind: 'keepAlive', token: this.#next(), id, stream });
  }

  ttl(id: LeaseId): string {
    return this.#ask({ kind: 'timeToLive', token: this.#next(), id, keys: true });
  }

  put(key: string, lease: LeaseId): string {
    const flags = { ignoreLease: false, ignoreValue: false, prevKv: false };
    const put = { key: asBytes(key), value: NO_BYTES, lease, ...flags };
    return this.#ask({ kind: 'put', token: this.#next(), ...put });
  }

  /** The answers that the turn frees. */
  turn(...revoked: readonly LeaseId[]): string {
    return this.#ask({ kind: 'turn', revoked });
  }

  restart(from: number): void {
    this.#ask({ kind: 'restart', from: instant(from), config: this.state.settings.server });
  }

  demote(): void {
    this.#ask({ kind: 'demote' });
  }

  promote(...order: readonly LeaseId[]): string {
    return this.#ask({ kind: 'promote', order });
  }

  /** The answers of what looked for a leader, or has waited for long enough. */
  wake(): string {
    return this.#ask({ kind: 'wake' });
  }

  jump(from: number): void {
    this.#ask({ kind: 'jump', from: instant(from) });
  }

  #next(): Token {
    this.#token += 1;
    return this.#token;
  }

  /** The answer in words; with the request's number when it is another one's; `waits` for none. */
  #ask(input: Input): string {
    const { answers, state } = step(this.state, input, this.now);
    this.state = state;
    const own = 'token' in input ? input.token : 0;
    const words = answers.map(({ response, token }: Answer) =>
      token === own ? worded(response) : `${token}: ${worded(response)}`,
    );
    return words.length === 0 ? 'waits' : words.join('; ');
  }
}

const worded = (response: Response): string => {
  switch (response.kind) {
    case 'granted':
      return `granted ${response.id} ttl=${response.ttl}`;
    case 'keptAlive':
      return `ttl=${response.ttl} @${response.revision}`;
    case 'remainingTtl':
      return `${Object.is(response.ttl, -0) ? '-0' : response.ttl} of ${response.grantedTtl}`;
    case 'refused':
      return response.reason;
    default:
      return `${response.kind} @${response.revision}`;
  }
};
