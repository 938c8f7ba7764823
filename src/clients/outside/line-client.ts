/**
 * A client that is a program and speaks in lines: what it is told goes out as one, and what it says
 * is reported. What it says of something that it was told to give up is not held against it: the
 * line that told it may not have been read yet.
 */
import type { Ability, Client, Name, Surroundings } from '../adapter.ts';
import { type Heard, Nonsense, readClientLine, subjectOf } from './client-lines.ts';

export interface LineClientOptions extends Pick<Surroundings, 'report' | 'complain'> {
  /** Tells it a line. */
  readonly tell: (line: string) => void;
  /** Told before it is ready of each contract that it is known not to keep, and why. */
  readonly onException?: (contract: string, why: string) => void;
  /** It makes no sense: it is to be ended. */
  readonly end: () => void;
}

interface Waiting {
  /** What the call is about. */
  readonly name: Name;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class LineClient implements Client {
  /** Resolves once it says so; rejects when it does not. */
  readonly ready: Promise<readonly Ability[]>;
  readonly #options: LineClientOptions;
  readonly #calls = new Map<number, Waiting>();
  /** Names of what it was told to have, and not to give up. */
  readonly #wanted = new Set<Name>();
  #settleReady!: (abilities: readonly Ability[] | Error) => void;
  #state: 'starting' | 'ready' | 'closed' | 'over' = 'starting';
  #told = 0;

  constructor(options: LineClientOptions) {
    this.#options = options;
    this.ready = new Promise((resolve, reject) => {
      this.#settleReady = (value) => (value instanceof Error ? reject(value) : resolve(value));
    });
    this.ready.catch(() => {});
  }

  /** It has printed a line. */
  hear(line: string): void {
    if (this.#state === 'over' || line.trim() === '') return;
    try {
      this.#take(readClientLine(line));
    } catch (error) {
      if (!(error instanceof Nonsense)) throw error;
      this.fail(error.message);
    }
  }

  /** The lease, lock or office that a line is about; nothing where it makes no sense. */
  subjectOf(line: string): Name {
    try {
      const heard = readClientLine(line);
      if (heard.kind === 'event') return subjectOf(heard.event);
      return heard.kind === 'settled' ? (this.#calls.get(heard.call)?.name ?? '') : '';
    } catch (error) {
      if (!(error instanceof Nonsense)) throw error;
      return '';
    }
  }

  /** It has ended; `how` says with what. */
  ended(how: string): void {
    if (this.#state === 'closed') this.#isOver(how);
    else if (this.#state !== 'over') this.fail(`it ${how}`);
  }

  /** It cannot be judged. */
  fail(why: string): void {
    if (this.#state === 'over') return;
    if (this.#state !== 'starting') this.#options.complain?.(why);
    this.#isOver(why);
    this.#options.end();
  }

  grant(name: Name, ttl: number): Promise<void> {
    this.#wanted.add(name);
    return this.#call('grant', name, ttl);
  }

  revoke(name: Name): Promise<void> {
    this.#wanted.delete(name);
    return this.#call('revoke', name);
  }

  release(name: Name): Promise<void> {
    this.#wanted.delete(name);
    return this.#call('release', name);
  }

  put(key: string, name: Name): Promise<void> {
    return this.#call('put', name, key);
  }

  lock(name: Name, ttl: number): Promise<void> {
    this.#wanted.add(name);
    return this.#call('lock', name, ttl);
  }

  unlock(name: Name): Promise<void> {
    this.#wanted.delete(name);
    return this.#call('unlock', name);
  }

  campaign(name: Name, ttl: number): Promise<void> {
    this.#wanted.add(name);
    return this.#call('campaign', name, ttl);
  }

  resign(name: Name): Promise<void> {
    this.#wanted.delete(name);
    return this.#call('resign', name);
  }

  close(): Promise<void> {
    this.#wanted.clear();
    if (this.#state === 'ready') this.#state = 'closed';
    return this.#call('close');
  }

  #call(what: string, name: Name = '', ...more: readonly (string | number)[]): Promise<void> {
    if (this.#state === 'over') return Promise.reject(new Error('it has ended'));
    this.#told += 1;
    const call = this.#told;
    const words = name === '' ? [] : [name, ...more];
    this.#options.tell([call, what, ...words].join(' '));
    return new Promise((resolve, reject) => this.#calls.set(call, { name, resolve, reject }));
  }

  #take(heard: Heard): void {
    const isFirst = heard.kind === 'ready' || heard.kind === 'exception';
    if (isFirst !== (this.#state === 'starting')) {
      const what = isFirst ? 'is ready twice' : 'does not say first that it is ready';
      throw new Nonsense(`it ${what}`);
    }
    switch (heard.kind) {
      case 'ready':
        this.#state = 'ready';
        this.#settleReady(heard.abilities);
        break;
      case 'exception':
        this.#options.onException?.(heard.contract, heard.why);
        break;
      case 'event':
        if (this.#wanted.has(subjectOf(heard.event))) this.#options.report(heard.event);
        break;
      case 'settled':
        this.#settle(heard.call, heard.error);
        break;
    }
  }

  #settle(call: number, error: string | null): void {
    const waiting = this.#calls.get(call);
    if (waiting === undefined)
      throw new Nonsense(`it has done call ${call}, which it was not told`);
    this.#calls.delete(call);
    if (error === null) waiting.resolve();
    else waiting.reject(new CallFailed(error));
  }

  #isOver(why: string): void {
    this.#state = 'over';
    this.#settleReady(new Error(why));
    for (const { reject } of this.#calls.values()) reject(new Error('it has ended'));
    this.#calls.clear();
  }
}

/** The client says that it could not do it, and why. */
class CallFailed extends Error {
  override readonly name = 'Error';
}
