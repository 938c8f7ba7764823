/**
 * Every schedule of a small scope, one after the other, with the history that an implementation
 * makes of it.
 *
 * Commands follow each other at any instant at which something changes: at once, 1 ms before a
 * deadline, at it, 1 ms after it, and at the turn after it. After the last one come reads of
 * everything, at any such instant, and then time until nothing is left to expire. Reads change
 * nothing (TTL-10), so a schedule with reads in between shows what this one and the shorter ones
 * show together.
 */
import { asBytes, FROM_KEY, NO_BYTES } from '../src/api/bytes.ts';
import { type Command, type LeaseId, PLAIN_VIEW } from '../src/api/command.ts';
import { DEFAULT_CONFIG } from '../src/api/config.ts';
import type { Response } from '../src/api/response.ts';
import { type Instant, instant } from '../src/api/units.ts';
import { type Entry, type History, historyHeader } from '../src/harness/history.ts';
import type { Session, Sink, Target } from '../src/harness/target.ts';
import { invariant } from '../src/invariant.ts';

/** Yields the history of every schedule of up to `commands` commands. */
export function* everySchedule(target: Target, commands: number): Generator<History> {
  const header = historyHeader(target, DEFAULT_CONFIG);
  for (const start of STARTS) {
    yield* following([], start);
  }

  function* following(before: readonly Move[], from: number): Generator<History> {
    const reached = play(target, before, null);
    // Anything after may happen at any of these instants.
    const instants = before.length === 0 ? [from] : instantsAfter(reached);
    for (const at of instants) yield { header, entries: play(target, before, at).entries };
    if (before.length === commands) return;
    for (const at of instants) {
      for (const act of ACTS) {
        if (isNamedInOrder(act, before)) yield* following([...before, { at, act }], from);
      }
    }
  }
}

/** Deadlines on the grid of turns and off it. */
const STARTS = [0, 250];

/** One command, with `A` or `B` for a lease. */
interface Act {
  readonly verb: 'grant' | 'revoke' | 'keepAlive' | 'put' | 'delete';
  readonly lease: 'A' | 'B' | null;
  readonly key: 'k' | 'l' | null;
}

interface Move {
  readonly at: number;
  readonly act: Act;
}

const LEASES = ['A', 'B'] as const;
const KEYS = ['k', 'l'] as const;

const ACTS: readonly Act[] = [
  ...LEASES.flatMap((lease): Act[] =>
    (['grant', 'revoke', 'keepAlive'] as const).map((verb) => ({ verb, lease, key: null })),
  ),
  ...KEYS.flatMap((key): Act[] => [
    { verb: 'put', lease: 'A', key },
    { verb: 'put', lease: 'B', key },
    { verb: 'put', lease: null, key },
    { verb: 'delete', lease: null, key },
  ]),
];

/**
 * Leases differ in nothing but their names, so the first one that is named is A. (The keys differ
 * in their order, so they are tried both ways.)
 */
const isNamedInOrder = ({ lease }: Act, before: readonly Move[]): boolean =>
  lease !== 'B' || before.some(({ act }) => act.lease === 'A');

interface Played {
  readonly entries: readonly Entry[];
  readonly now: number;
  readonly deadlines: readonly number[];
}

const instantsAfter = ({ deadlines, now }: Played): readonly number[] => {
  const instants = new Set([now]);
  for (const deadline of deadlines) {
    for (const at of [deadline - 1, deadline, deadline + 1, Math.ceil(deadline / 500) * 500]) {
      if (at > now) instants.add(at);
    }
  }
  return [...instants].toSorted((left, right) => left - right);
};

/**
 * Carries out moves; and at `reads`, unless that is null, all reads, and then waits until all is
 * over.
 */
const play = (target: Target, moves: readonly Move[], reads: number | null): Played => {
  const player = new Player(target);
  for (const { act, at } of moves) player.move(act, at);
  const deadlines = [...player.deadlines.values()];
  const { now } = player;
  if (reads !== null) player.readAll(reads);
  return { entries: player.end(), now, deadlines };
};

class Player implements Sink {
  readonly deadlines = new Map<LeaseId, number>();
  readonly #session: Session;
  readonly #entries: Entry[] = [];
  readonly #ids = new Map<string, LeaseId>();
  readonly #commands: Command[] = [];

  constructor(target: Target) {
    const session = target.open({ index: 0, config: DEFAULT_CONFIG, clients: 1 }, this);
    this.#session = session as Session;
  }

  get now(): Instant {
    return this.#session.now;
  }

  move(act: Act, at: number): void {
    this.#pass(at);
    const command = this.#command(act);
    this.#call(command);
    const answer = this.#entries.at(-1);
    if (answer?.kind !== 'return' || answer.token !== command.token) return;
    if (answer.completion.kind !== 'answered') return;
    const { response } = answer.completion;
    if (response.kind === 'granted' && act.lease !== null) this.#ids.set(act.lease, response.id);
  }

  readAll(at: number): void {
    this.#pass(at);
    for (const id of this.#ids.values()) {
      this.#call({ kind: 'timeToLive', token: this.#token, id, keys: true });
    }
    this.#call({ kind: 'leases', token: this.#token });
    this.#call({
      kind: 'range',
      token: this.#token,
      key: asBytes('\0'),
      rangeEnd: FROM_KEY,
      view: PLAIN_VIEW,
    });
    const last = Math.max(at, ...this.deadlines.values());
    this.#pass(last + 500);
  }

  end(): readonly Entry[] {
    this.#entries.push({ kind: 'end', at: this.now });
    invariant(this.#session.close() === undefined, 'the target does not keep one waiting');
    return this.#entries;
  }

  answered(token: number, completion: (Entry & { kind: 'return' })['completion']): void {
    this.#entries.push({ kind: 'return', at: this.now, token, completion });
    if (completion.kind === 'answered') this.#learn(completion.response);
  }

  turned(revoked: readonly LeaseId[]): void {
    if (revoked.length > 0) this.#entries.push({ kind: 'turn', at: this.now, revoked });
  }

  delivered(): void {}

  watched(
    revision: (Entry & { kind: 'watch' })['revision'],
    events: (Entry & { kind: 'watch' })['events'],
  ): void {
    this.#entries.push({ kind: 'watch', at: this.now, session: 0, revision, events });
  }

  lost(why: string): void {
    this.#entries.push({ kind: 'lost', at: this.now, why });
  }

  #pass(at: number): void {
    const arrival = this.#session.advanceTo(instant(at));
    invariant(arrival === undefined, 'the target does not keep one waiting');
  }

  get #token(): number {
    return this.#commands.length + 1;
  }

  #call(command: Command): void {
    this.#commands.push(command);
    this.#entries.push({ kind: 'call', at: this.now, session: 0, client: 1, command });
    const sending = this.#session.call(0, command);
    invariant(sending === undefined, 'the target does not keep one waiting');
  }

  #learn(response: Response): void {
    const lives =
      response.kind === 'granted' || (response.kind === 'keptAlive' && response.ttl > 0);
    if (lives) this.deadlines.set(response.id, this.now + response.ttl * 1000);
  }

  #command({ key, lease, verb }: Act): Command {
    const token = this.#token;
    const id = lease === null ? 0n : (this.#ids.get(lease) ?? UNKNOWN);
    switch (verb) {
      case 'grant':
        // A lease that is there is asked for by its id again (GRANT-04).
        return { kind: 'grant', token, id: id === UNKNOWN ? 0n : id, ttl: 2n };
      case 'revoke':
        return { kind: 'revoke', token, id };
      case 'keepAlive':
        return { kind: 'keepAlive', token, id, stream: 1 };
      case 'put': {
        const flags = { ignoreLease: false, ignoreValue: false, prevKv: true };
        return {
          kind: 'put',
          token,
          key: asBytes(key ?? ''),
          value: NO_BYTES,
          lease: id,
          ...flags,
        };
      }
      case 'delete':
        return {
          kind: 'deleteRange',
          token,
          key: asBytes(key ?? ''),
          rangeEnd: NO_BYTES,
          prevKv: true,
        };
    }
  }
}

/** No server ever chooses it. */
const UNKNOWN = -404n;
