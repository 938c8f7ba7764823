/**
 * Runs a schedule on a target and records what happened. The only loop over the steps of a
 * schedule.
 */
import { asBytes } from '../api/bytes.ts';
import type { Command, LeaseId, Token } from '../api/command.ts';
import type { Delivery, WatchEvent } from '../api/response.ts';
import { type Instant, milliseconds, type Revision } from '../api/units.ts';
import type { Entry } from './history.ts';
import { LIMITS } from '../limits.ts';
import { Interpreter } from './interpreter.ts';
import { clientCount, requestCount, type Schedule, type ScheduleStep } from './schedule.ts';
import { printWhen } from './schedule-text.ts';
import { type Completion, type Session, type Sink, type Target, TargetError } from './target.ts';

export interface RunOptions {
  /** The session's number on a shared server, from 0. */
  readonly index?: number;
  /** Where the entries go, in the order in which things are seen. */
  readonly record: (entry: Entry) => void;
  /** Names the next request; unique over all that share a history. */
  readonly nextToken: () => Token;
  /**
   * Awaited after the last step: on a shared server all sessions end together, and whoever runs
   * them records the end.
   */
  readonly finish?: () => Promise<void>;
  /** Asked before each step; true ends the run there. */
  readonly stopped?: () => boolean;
}

/**
 * What became of one step: its requests, in order, and how each ended; null while the server holds
 * it.
 */
export interface StepResult {
  readonly step: ScheduleStep;
  readonly at: Instant;
  readonly calls: readonly { readonly command: Command; readonly token: Token }[];
}

export interface RunResult {
  readonly steps: readonly StepResult[];
  /** Knows the names of the leases. */
  readonly interpreter: Interpreter;
  /** How each request ended, by token; one that is missing was held to the end. */
  readonly completions: ReadonlyMap<Token, Completion>;
  readonly now: Instant;
}

/**
 * Promises are awaited only where the target makes some: on a virtual clock a run is one turn of
 * the event loop.
 */
export async function run(
  schedule: Schedule,
  target: Target,
  options: RunOptions,
): Promise<RunResult> {
  const config = target.config ?? schedule.config;
  const recorder = new Recorder(options);
  const { index } = recorder;
  const session = await target.open({ index, config, clients: clientCount(schedule) }, recorder);
  const interpreter = new Interpreter({
    version: config.etcd,
    keyPrefix: session.keyPrefix,
    idMask: session.idMask,
    nextToken: options.nextToken,
    start: session.now,
    firstStream: (options.index ?? 0) * 16_384,
  });
  recorder.attach(session, interpreter, target.clock === 'real');
  const steps: StepResult[] = [];
  try {
    for (const step of schedule.steps) {
      if (recorder.isLost || options.stopped?.() === true) break;
      const at = interpreter.instantOf(step.at, session.now);
      expectReachable(step, at, session.now);
      const arrival = at > session.now ? session.advanceTo(at) : undefined;
      if (arrival !== undefined) await arrival;
      const calls: StepResult['calls'][number][] = [];
      for (let index = 0; index < requestCount(step); index += 1) {
        const command = interpreter.command(step, index) as Command;
        calls.push({ command, token: command.token });
        const answer = recorder.call(step.client, command);
        if (answer !== undefined) await answer;
      }
      if (step.action.kind === 'jump') await recorder.jump(step.action.by);
      steps.push({ step, at, calls });
    }
    const now = session.now;
    if (options.finish !== undefined) await options.finish();
    if (target.clock === 'real') await recorder.markEnd();
    if (options.finish === undefined) recorder.end();
    return { steps, interpreter, completions: recorder.completions, now };
  } finally {
    const closing = session.close();
    if (closing !== undefined) await closing;
  }
}

/** On a real clock, milliseconds before a deadline from which on a keep-alive is not waited for. */
const OVERDUE_SOON = 50;

/** How long the server may take to answer and deliver everything in the end, in milliseconds. */
const MARK_PATIENCE = 10_000;

/** A watch that is not there, or has not caught up, is answered nothing. */
const NEVER_ANSWERED: ReadonlySet<Command['kind']> = new Set(['cancelWatch', 'watchProgress']);

const NOW: ScheduleStep['at'] = { from: 'previous', offset: milliseconds(0) };

const END_MARK: ScheduleStep['action'] = {
  kind: 'put',
  key: asBytes('~end'),
  count: 1,
  value: asBytes(''),
  lease: null,
  spread: false,
  ignoreLease: false,
  ignoreValue: false,
  prevKv: false,
};

/** Each turn of the server on the way is run, so there is an end to how far one can go. */
const expectReachable = (step: ScheduleStep, at: Instant, now: Instant): void => {
  const ahead = at - now;
  if (ahead <= LIMITS.advance) return;
  const most = `${LIMITS.advance / 1000} s at most`;
  const given = `«at ${printWhen(step.at)}» lies ${ahead / 1000} s ahead`;
  throw new TargetError(`${given}, ${most}: let the clock leap there, as in «jump 1000h»`);
};

/** Writes down what a session reports, and lets the runner wait for answers on a real clock. */
class Recorder implements Sink {
  readonly index: number;
  readonly completions = new Map<Token, Completion>();
  isLost = false;
  readonly #record: (entry: Entry) => void;
  readonly #commands = new Map<Token, Command>();
  #session: Session | undefined;
  #interpreter: Interpreter | undefined;
  #watchedUpTo = 0;
  #landing = false;
  #waits = false;
  #awaited: { token: Token; resolve: () => void } | undefined;

  constructor(options: RunOptions) {
    this.index = options.index ?? 0;
    this.#record = options.record;
  }

  attach(session: Session, interpreter: Interpreter, waits: boolean): void {
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
    this.#commands.set(command.token, command);
    const at = session.now;
    this.#record({ kind: 'call', at, session: this.index, client, command });
    const sent = session.call(client - 1, command);
    if (sent !== undefined) return sent;
    const isWaitedFor = this.#waits && !this.completions.has(command.token);
    if (!isWaitedFor || NEVER_ANSWERED.has(command.kind) || this.#mayBeHeld(command, at)) {
      return undefined;
    }
    return new Promise((resolve) => {
      this.#awaited = { token: command.token, resolve };
    });
  }

  /**
   * KA-04, KA-05: a keep-alive on a lease that is nearly overdue, or behind another one that waits.
   */
  #mayBeHeld(command: Command, now: Instant): boolean {
    if (command.kind !== 'keepAlive') return false;
    const deadline = (this.#interpreter as Interpreter).deadlineOf(command.id);
    if (deadline !== undefined && deadline - now < OVERDUE_SOON) return true;
    return [...this.#commands.values()].some(
      (other) =>
        other.kind === 'keepAlive' &&
        other.token !== command.token &&
        other.stream === command.stream &&
        !this.completions.has(other.token),
    );
  }

  async jump(by: number): Promise<void> {
    const session = this.#session as Session;
    const from = session.now;
    const at = (from + by) as Instant;
    this.#record({ kind: 'jump', at, from });
    this.#landing = true;
    const landed = session.jumpTo(at);
    if (landed !== undefined) await landed;
    this.#landing = false;
    (this.#interpreter as Interpreter).leapt(from, at);
  }

  /**
   * Waits for what the server holds, puts a last key and waits until the watch has delivered it: a
   * watch delivers in the order of revisions, so all that the session's keys went through before
   * has been seen then.
   */
  async markEnd(): Promise<void> {
    const session = this.#session as Session;
    const step: ScheduleStep = { at: NOW, client: 1, action: END_MARK, expect: null };
    const command = (this.#interpreter as Interpreter).command(step, 0) as Command;
    const patience = session.now + MARK_PATIENCE;
    const waits = (): boolean => !this.isLost && session.now < patience;
    while (this.#awaitsAnswers() && waits()) {
      await session.advanceTo((session.now + 20) as Instant);
    }
    if (this.isLost) return;
    await this.call(1, command);
    const completion = this.completions.get(command.token);
    if (completion?.kind !== 'answered' || completion.response.kind !== 'putDone') return;
    const { revision } = completion.response;
    while (this.#watchedUpTo < revision && waits()) {
      await session.advanceTo((session.now + 5) as Instant);
    }
  }

  #awaitsAnswers(): boolean {
    return [...this.#commands.values()].some(
      ({ kind, token }) => !NEVER_ANSWERED.has(kind) && !this.completions.has(token),
    );
  }

  end(): void {
    this.#record({ kind: 'end', at: (this.#session as Session).now });
  }

  answered(token: Token, completion: Completion): void {
    const at = (this.#session as Session).now;
    this.completions.set(token, completion);
    this.#record({ kind: 'return', at, token, completion });
    if (completion.kind === 'answered') {
      const command = this.#commands.get(token) as Command;
      (this.#interpreter as Interpreter).learn(command, completion.response, at);
    }
    if (this.#awaited?.token === token) this.#awaited.resolve();
  }

  turned(revoked: readonly LeaseId[]): void {
    if (revoked.length === 0 && !this.#landing) return;
    this.#record({ kind: 'turn', at: (this.#session as Session).now, revoked });
  }

  watched(revision: Revision, events: readonly WatchEvent[]): void {
    const at = (this.#session as Session).now;
    this.#watchedUpTo = revision;
    this.#record({ kind: 'watch', at, session: this.index, revision, events });
  }

  delivered(delivery: Delivery): void {
    const at = (this.#session as Session).now;
    this.#record({ kind: 'delivery', at, session: this.index, delivery });
  }

  lost(why: string): void {
    if (this.isLost) return;
    this.isLost = true;
    this.#record({ kind: 'lost', at: (this.#session as Session).now, why });
    this.#awaited?.resolve();
  }
}
