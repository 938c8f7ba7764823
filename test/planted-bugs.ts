/** Simulators with a bug: what goes in and what comes out can be changed on the way. */
import type { Command, LeaseId, Token } from '../src/api/command.ts';
import type { Delivery, Response, WatchEvent } from '../src/api/response.ts';
import { type Revision, seconds } from '../src/api/units.ts';
import type { Target } from '../src/harness/target.ts';
import { simulatorTarget } from '../src/harness/targets/simulator-target.ts';
import { Simulator, type SimulatorOptions } from '../src/simulator/index.ts';

export interface Bug {
  /** What the server understands instead of a command. */
  readonly command?: (command: Command) => Command;
  /** What it says instead of an answer; null: nothing. */
  readonly response?: (response: Response, command: Command, now: number) => Response | null;
  /** The events it reports instead. */
  readonly events?: (events: readonly WatchEvent[]) => readonly WatchEvent[];
  /** What a watch delivers instead. */
  readonly delivery?: (delivery: Delivery) => Delivery;
  /** The revision at which it reports them. */
  readonly revision?: (revision: Revision) => number;
  /** What it reports of a turn instead. */
  readonly turn?: (revoked: readonly LeaseId[]) => readonly LeaseId[];
  /** It applies all at once, whatever it is told. */
  readonly isNeverSlow?: boolean;
  /** Other settings than those it was given. */
  readonly options?: (options: SimulatorOptions) => Partial<SimulatorOptions>;
}

/** The simulator as a target, with a bug in it; each session has its own. */
export function withBug(plant: () => Bug): Target {
  class Bugged extends Simulator {
    readonly #bug: Bug;
    readonly #commands: Map<Token, Command>;

    constructor(options: SimulatorOptions) {
      const bug = plant();
      const commands = new Map<Token, Command>();
      super({
        ...options,
        ...bug.options?.(options),
        onAnswer: (token, response) => {
          const command = commands.get(token) as Command;
          const said = bug.response?.(response, command, options.clock.now);
          const wanted = bug.response === undefined ? response : (said ?? null);
          if (wanted !== null) options.onAnswer(token, wanted);
        },
        onDelivery: (given) => options.onDelivery?.(bug.delivery?.(given) ?? given),
        onTurn: (revoked) => options.onTurn?.(bug.turn?.(revoked) ?? revoked),
        onWatch: (revision, events) => {
          const at = (bug.revision?.(revision) ?? revision) as Revision;
          options.onWatch?.(at, bug.events?.(events) ?? events);
        },
      });
      this.#bug = bug;
      this.#commands = commands;
    }

    override stall(): void {
      if (this.#bug.isNeverSlow !== true) super.stall();
    }

    override submit(command: Command): void {
      this.#commands.set(command.token, command);
      super.submit(this.#bug.command?.(command) ?? command);
    }
  }
  return simulatorTarget({ implementation: Bugged });
}

/** A bug in the answers of one kind. */
export const answering =
  <Kind extends Response['kind']>(
    kind: Kind,
    said: (response: Response & { kind: Kind }, command: Command, now: number) => Response | null,
  ) =>
  (): Bug => ({
    response: (response, command, now) =>
      response.kind === kind ? said(response as Response & { kind: Kind }, command, now) : response,
  });

/** A bug in how commands of one kind are understood. */
export const understanding =
  <Kind extends Command['kind']>(
    kind: Kind,
    understood: (command: Command & { kind: Kind }) => Command,
  ) =>
  (): Bug => ({
    command: (command) =>
      command.kind === kind ? understood(command as Command & { kind: Kind }) : command,
  });

/** A bug that shows only with leases that are overdue. */
export const overdue =
  (
    said: (
      response: Response,
      command: Command,
      isOverdue: (id: LeaseId) => boolean,
    ) => Response | null,
  ) =>
  (): Bug => {
    const deadlines = new Map<LeaseId, number>();
    return {
      response: (response, command, now) => {
        const lives =
          response.kind === 'granted' || (response.kind === 'keptAlive' && response.ttl > 0);
        if (lives) deadlines.set(response.id, now + response.ttl * 1000);
        return said(response, command, (id) => (deadlines.get(id) ?? now + 1) <= now);
      },
    };
  };

export const refused = (reason: (Response & { kind: 'refused' })['reason']): Response => ({
  kind: 'refused',
  reason,
});

/** The lease lives longer than its grant says, or shorter. */
export const living = (longer: bigint) => (): Bug => ({
  command: (command) =>
    command.kind === 'grant' && command.ttl > 2n
      ? { ...command, ttl: command.ttl + longer }
      : command,
  response: (response, command) =>
    response.kind === 'granted' && command.kind === 'grant' && command.ttl > 2n
      ? { ...response, ttl: seconds(Number(command.ttl)) }
      : response,
});

/** A keep-alive that only asks how long the lease has. */
export const renewsNothing = (): Bug => ({
  command: (command) =>
    command.kind === 'keepAlive' ? { ...command, kind: 'timeToLive', keys: false } : command,
  response: (response, { kind }) => {
    if (kind !== 'keepAlive' || response.kind !== 'remainingTtl') return response;
    const { grantedTtl, id, revision, ttl } = response;
    return { kind: 'keptAlive', revision, id, ttl: ttl > 0 ? grantedTtl : seconds(0) };
  },
});

/** An id that was used once is never free again. */
export const idsUsedUp = (): Bug => {
  const used = new Set<bigint>();
  return {
    response: (response) => {
      if (response.kind !== 'granted') return response;
      if (used.has(response.id)) return refused('lease-exists');
      used.add(response.id);
      return response;
    },
  };
};

/** Two turns in one. */
export const doubleTurns = (): Bug => {
  let kept: readonly bigint[] = [];
  return {
    turn: (revoked) => {
      const all = [...kept, ...revoked];
      kept = all.length === 500 ? all : [];
      return kept.length > 0 ? [] : all;
    },
  };
};
