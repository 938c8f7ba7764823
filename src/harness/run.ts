/**
 * Runs a schedule on a target and records what happened. The only loop over the steps of a
 * schedule.
 */
import type { Command, Token } from '../api/command.ts';
import type { Instant } from '../api/units.ts';
import { expectAble, expectReachable } from './feasible.ts';
import type { Entry } from './history.ts';
import { Interpreter, STREAMS_PER_SESSION } from './interpreter.ts';
import { Recorder } from './recorder.ts';
import { clientCount, needs, requestCount, type Schedule, type ScheduleStep } from './schedule.ts';
import type { Target } from './target.ts';

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
  readonly stopped?: (() => boolean) | undefined;
  /**
   * Awaited every few steps, for whoever has to let the event loop turn in a long run: otherwise a
   * run on a virtual clock is one turn of it.
   */
  readonly breathe?: (() => Promise<void> | undefined) | undefined;
}

/** A step that was done: when, and what it asked, in order. */
export interface StepResult {
  readonly step: ScheduleStep;
  readonly at: Instant;
  readonly commands: readonly Command[];
}

export interface RunResult {
  readonly steps: readonly StepResult[];
  /** False when it was stopped, or the server went away, before the end. */
  readonly complete: boolean;
  /** Knows the names of the leases. */
  readonly interpreter: Interpreter;
  /** Of each request of which nobody knows how it ended, by token: why. */
  readonly unknown: ReadonlyMap<Token, string>;
  readonly now: Instant;
}

/**
 * Promises are awaited only where the target makes some: on a virtual clock a run is one turn of
 * the event loop, unless the options let it breathe.
 */
export async function run(
  schedule: Schedule,
  target: Target,
  options: RunOptions,
): Promise<RunResult> {
  const config = target.config ?? schedule.config;
  const recorder = new Recorder(options);
  const { index } = recorder;
  const needed = needs(schedule);
  expectAble(target, needed);
  const opening = { index, config, clients: clientCount(schedule), needs: needed };
  const session = await target.open(opening, recorder);
  const interpreter = new Interpreter({
    version: config.etcd,
    keyPrefix: session.keyPrefix,
    idMask: session.idMask,
    nextToken: options.nextToken,
    start: session.now,
    firstStream: index * STREAMS_PER_SESSION,
  });
  recorder.attach(session, interpreter, config, target.clock === 'real');
  const steps: StepResult[] = [];
  try {
    for (const step of schedule.steps) {
      const breath = steps.length % STEPS_OF_A_BREATH === 0 ? options.breathe?.() : undefined;
      if (breath !== undefined) await breath;
      if (recorder.isLost || options.stopped?.() === true) break;
      const at = interpreter.instantOf(step.at, session.now);
      expectReachable(step, at, session.now);
      const arrival = at > session.now ? session.advanceTo(at) : undefined;
      if (arrival !== undefined) await arrival;
      const count = requestCount(step);
      let commands: Command[] = [];
      for (let each = 0; each < count; each += 1) {
        const command = interpreter.command(step, each) as Command;
        // Most steps make one; a list that grows from nothing takes room for 17.
        if (each === 0) commands = [command];
        else commands.push(command);
        const answer = recorder.call(step.client, command);
        if (answer !== undefined) await answer;
      }
      if (count === 0) await recorder.act(step.action);
      steps.push({ step, at, commands });
    }
    const now = session.now;
    if (options.finish !== undefined) await options.finish();
    if (target.clock === 'real') await recorder.markEnd();
    if (options.finish === undefined) recorder.end();
    const complete = steps.length === schedule.steps.length && !recorder.isLost;
    return { steps, complete, interpreter, unknown: recorder.unknown, now };
  } finally {
    const closing = session.close();
    if (closing !== undefined) await closing;
  }
}

const STEPS_OF_A_BREATH = 64;
