/**
 * Writes down what is done to a session and what it reports, and lets the runner wait for answers
 * on a real clock.
 */
import { DEFAULT_CONFIG, type ServerConfig } from '../api/config.ts';
import type { Command, LeaseId, Token } from '../api/command.ts';
import type { Delivery, WatchEvent } from '../api/response.ts';
import { after, type Instant, type Revision } from '../api/units.ts';
import { END_MARK } from './end-mark.ts';
import type { Entry } from './history.ts';
import type { Interpreter } from './interpreter.ts';
import { mayBeHeld } from './may-be-held.ts';
import type { Action } from './schedule.ts';
import {
  type ApplyAction,
  configAfter,
  type LeaderAction,
  printRestart,
  type RestartAction,
} from './server-life.ts';
import { type Completion, type Session, type Sink, TargetError } from './target.ts';

/** How long the server may take to answer and deliver everything in the end, in milliseconds. */
const MARK_PATIENCE = 10_000;

/** How long a story waits for an answer before it goes on without, in milliseconds. */
const ANSWER_PATIENCE = 12_000;

/** A watch that is not there, or has not caught up, is answered nothing. */
const NEVER_ANSWERED: ReadonlySet<Command['kind']> = new Set(['cancelWatch', 'watchProgress']);

export class Recorder implements Sink {
  readonly index: number;
  /** Of each request of which nobody knows how it ended, by token: why. */
  readonly unknown = new Map<Token, string>();
  isLost = false;
  readonly #record: (entry: Entry) => void;
  /** On a real clock, where answers are waited for: what was asked, and how it ended. */
  readonly #commands = new Map<Token, Command>();
  readonly #completions = new Map<Token, Completion>();
  #session: Session | undefined;
  #interpreter: Interpreter | undefined;
  #config: ServerConfig = DEFAULT_CONFIG;
  #watchedUpTo = 0;
  #landing = false;
  #landsAt: Instant | null = null;
  #waits = false;
  #leads = true;
  #isSlow = false;
  #isRestarting = false;
  #awaited: { token: Token; resolve: () => void } | undefined;

  constructor(options: { readonly index?: number; readonly record: (entry: Entry) => void }) {
    this.index = options.index ?? 0;
    this.#record = options.record;
  }

  attach(session: Session, interpreter: Interpreter, config: ServerConfig, waits: boolean): void {
    this.#config = config;
    this.#waits = waits;
    this.#session = session;
    this.#interpreter = interpreter;
  }

  /**
   * Sends a command; a promise when its answer is on the way. What the server holds is not waited
   * for.
   */
  call(client: number, command: Command): Promise<void> | undefined {
    const session = this.#session as Session;
    if (this.#waits) this.#commands.set(command.token, command);
    const at = session.now;
    this.#record({ kind: 'call', at, session: this.index, client, command });
    const sent = session.call(client - 1, command);
    if (sent !== undefined) return sent;
    return this.#waits ? this.#answerTo(command, at) : undefined;
  }

  #answerTo(command: Command, at: Instant): Promise<void> | undefined {
    const isAnswered = this.#completions.has(command.token);
    if (isAnswered || NEVER_ANSWERED.has(command.kind)) return undefined;
    if (mayBeHeld(command, at, this.#interpreter as Interpreter, () => this.#unanswered())) {
      return undefined;
    }
    // Requests have a deadline of their own, but on a stream a server may say nothing for ever.
    return new Promise((resolve) => {
      const patience = setTimeout(resolve, ANSWER_PATIENCE);
      const answered = (): void => {
        clearTimeout(patience);
        resolve();
      };
      this.#awaited = { token: command.token, resolve: answered };
    });
  }

  /** Does what a step does to the clock or the server, if it does. */
  async act(action: Action): Promise<void> {
    if (action.kind === 'jump') await this.#jump(action.by);
    if (action.kind === 'restart') await this.#restart(action);
    if (action.kind === 'leader') await this.#lead(action.change);
    if (action.kind === 'apply') await this.#apply(action.change);
  }

  async #jump(by: number): Promise<void> {
    const session = this.#session as Session;
    const from = session.now;
    const at = (from + by) as Instant;
    this.#record({ kind: 'jump', at, from });
    this.#landsAt = at;
    this.#landing = true;
    const landed = session.jumpTo(at);
    if (landed !== undefined) await landed;
    this.#landing = false;
    (this.#interpreter as Interpreter).leapt(from, at);
  }

  async #restart(action: RestartAction): Promise<void> {
    const session = this.#session as Session;
    const { kill, down } = action;
    const config = configAfter(this.#config, action);
    if (config === null)
      throw new TargetError(`etcd does not start after «${printRestart(action)}»`);
    if (this.#isSlow) await this.#apply('caught up');
    const from = session.now;
    this.#config = config;
    const at = after(from, down);
    this.#record({ kind: 'restart', at, from, kill, config });
    this.#landsAt = at;
    this.#isRestarting = true;
    const up = session.restart?.({ kill, down, config });
    if (up !== undefined) await up;
    this.#isRestarting = false;
    this.#leads = true;
  }

  async #lead(change: LeaderAction['change']): Promise<void> {
    const session = this.#session as Session;
    if (this.#leads === (change === 'back')) return undefined;
    if (this.#isSlow) await this.#apply('caught up');
    this.#leads = change === 'back';
    if (this.#leads) return session.regainLeader?.();
    this.#record({ kind: 'demote', at: session.now });
    return session.loseLeader?.();
  }

  #apply(change: ApplyAction['change']): void | Promise<void> {
    const session = this.#session as Session;
    if (this.#isSlow === (change === 'slow') || !this.#leads) return undefined;
    this.#isSlow = change === 'slow';
    if (!this.#isSlow) return session.catchUp?.();
    this.#record({ kind: 'stall', at: session.now });
    return session.stall?.();
  }

  caughtUp(chosen: readonly LeaseId[]): void {
    this.#record({ kind: 'catchUp', at: (this.#session as Session).now, chosen });
  }

  promoted(order: readonly LeaseId[]): void {
    const at = (this.#session as Session).now;
    this.#record({ kind: 'promote', at, order });
    (this.#interpreter as Interpreter).promoted(this.#config, at, this.#isRestarting);
  }

  /**
   * Waits for what the server holds, puts a last key and waits until the watch has delivered it: a
   * watch delivers in the order of revisions, so all that the session's keys went through before
   * has been seen then.
   */
  async markEnd(): Promise<void> {
    const session = this.#session as Session;
    const command = (this.#interpreter as Interpreter).command(END_MARK, 0) as Command;
    const patience = session.now + MARK_PATIENCE;
    const waits = (): boolean => !this.isLost && session.now < patience;
    const answerable = ({ kind }: Command): boolean => !NEVER_ANSWERED.has(kind);
    while (waits() && this.#unanswered().some(answerable)) {
      await session.advanceTo((session.now + 20) as Instant);
    }
    if (this.isLost) return;
    await this.call(1, command);
    const completion = this.#completions.get(command.token);
    if (completion?.kind !== 'answered' || completion.response.kind !== 'putDone') return;
    const { revision } = completion.response;
    while (this.#watchedUpTo < revision && waits()) {
      await session.advanceTo((session.now + 5) as Instant);
    }
  }

  #unanswered(): readonly Command[] {
    return [...this.#commands.values()].filter(({ token }) => !this.#completions.has(token));
  }

  end(): void {
    this.#record({ kind: 'end', at: this.#now });
  }

  answered(token: Token, completion: Completion): void {
    const at = this.#now;
    if (this.#waits) this.#completions.set(token, completion);
    this.#record({ kind: 'return', at, token, completion });
    if (completion.kind === 'answered') {
      (this.#interpreter as Interpreter).learn(token, completion.response, at);
    } else this.unknown.set(token, completion.why);
    if (this.#awaited?.token === token) this.#awaited.resolve();
  }

  turned(revoked: readonly LeaseId[]): void {
    if (revoked.length === 0 && !this.#landing) return;
    this.#record({ kind: 'turn', at: (this.#session as Session).now, revoked });
  }

  watched(revision: Revision, events: readonly WatchEvent[]): void {
    const at = this.#now;
    this.#watchedUpTo = revision;
    this.#record({ kind: 'watch', at, session: this.index, revision, events });
  }

  delivered(delivery: Delivery): void {
    const at = this.#now;
    this.#record({ kind: 'delivery', at, session: this.index, delivery });
  }

  lost(why: string): void {
    if (this.isLost) return;
    this.isLost = true;
    this.#record({ kind: 'lost', at: this.#now, why });
    this.#awaited?.resolve();
  }

  /** A server may go away in a leap or a restart, which is recorded before it is over. */
  get #now(): Instant {
    const { now } = this.#session as Session;
    return this.#landsAt !== null && this.#landsAt > now ? this.#landsAt : now;
  }
}
