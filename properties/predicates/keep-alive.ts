/** Properties of LeaseKeepAlive. */
import type { KeepAlive } from '../../src/api/command.ts';
import {
  type Chronicle,
  deadlineOf,
  type Life,
  lifeAt,
  type Moment,
  type Request,
  revisionAt,
  wentInTime,
} from '../chronicle.ts';
import type { Property } from '../property.ts';

export const inOrder: Property = {
  title: 'KA-01: a stream answers each keep-alive, in order',
  sometimes: ['a request after another', 'a request that was freed with another'],
  *cases(history) {
    const last = new Map<number, Request>();
    for (const request of keepAlives(history)) {
      const before = last.get(request.command.stream);
      last.set(request.command.stream, request);
      if (before === undefined) continue;
      const isInOrder =
        request.answered === null ||
        (before.answered !== null && before.answered.entry < request.answered.entry);
      const together =
        before.answered?.at === request.answered?.at && request.at < (request.answered?.at ?? 0);
      const name = together ? 'a request that was freed with another' : 'a request after another';
      yield { name, entry: request.entry, expected: 'true', observed: `${isInOrder}` };
    }
  },
};

export const restoresTtl: Property = {
  title: 'KA-02: a keep-alive restores the granted TTL, no more and no less',
  sometimes: ['in the last millisecond', 'in mid-life', 'the renewed lease expired'],
  *cases(history) {
    for (const { life, request, start } of services(history)) {
      if (life === null || start.at >= deadlineOf(life, start.entry)) continue;
      const left = deadlineOf(life, start.entry) - start.at;
      const name = left === 1 ? 'in the last millisecond' : 'in mid-life';
      const expected = `ttl ${life.granted} at ${start.at}`;
      yield { name, entry: request.entry, expected, observed: wordAnswer(request) };
      const { gone } = life;
      const isLast = life.renewals.at(-1)?.entry === request.answered?.entry;
      if (gone?.by !== 'turn' || !isLast || request.answered === null) continue;
      const isInTime = wentInTime(history, start.at + life.granted * 1000, gone.at);
      const expired = 'the renewed lease expired';
      yield { name: expired, entry: gone.entry, expected: 'true', observed: `${isInTime}` };
    }
  },
};

export const unknownKeepAlive: Property = {
  title: 'KA-03: a keep-alive on an unknown lease answers TTL 0',
  sometimes: ['a lease that never was', 'a lease that is gone'],
  *cases(history) {
    for (const { command, life, request, start } of services(history)) {
      if (life !== null) continue;
      const was = history.lives.some(
        ({ id, from }) => id === command.id && from.entry < start.entry,
      );
      const name = was ? 'a lease that is gone' : 'a lease that never was';
      const expected = `ttl 0 at ${start.at}`;
      yield { name, entry: request.entry, expected, observed: wordAnswer(request) };
    }
  },
};

export const overdueWaits: Property = {
  title: 'KA-04: a keep-alive on an overdue lease waits for the revoke, then answers TTL 0',
  sometimes: ['at the deadline', 'after the deadline', 'freed by a revoke', 'freed by a turn'],
  *cases(history) {
    for (const { life, request, start } of services(history)) {
      if (life === null || start.at < deadlineOf(life, start.entry)) continue;
      const { gone } = life;
      const expected = gone === null ? 'no answer' : `ttl 0 at ${gone.at}`;
      const observed = wordAnswer(request);
      const { entry } = request;
      const at = start.at === deadlineOf(life, start.entry) ? 'at' : 'after';
      yield { name: `${at} the deadline`, entry, expected, observed };
      if (gone !== null) yield { name: `freed by a ${gone.by}`, entry, expected, observed };
    }
  },
};

export const streamWaits: Property = {
  title: 'KA-05: a waiting keep-alive holds up those behind it on its stream',
  sometimes: ['a request behind one that waits', 'a live lease behind an overdue one'],
  *cases(history) {
    const last = new Map<number, Request>();
    for (const request of keepAlives(history)) {
      const ahead = last.get(request.command.stream);
      last.set(request.command.stream, request);
      if (ahead === undefined) continue;
      const isHeld = ahead.answered === null || ahead.answered.entry > request.entry;
      if (!isHeld) continue;
      const { answered, entry } = request;
      const isBehind =
        answered === null || (ahead.answered !== null && answered.at >= ahead.answered.at);
      const observed = `${isBehind}`;
      yield { name: 'a request behind one that waits', entry, expected: 'true', observed };
      if (request.life === null || request.at >= request.deadline) continue;
      yield { name: 'a live lease behind an overdue one', entry, expected: 'true', observed };
    }
  },
};

export const earlierRevision: Property = {
  title: 'KA-06: a keep-alive answers with the revision from before it was served',
  sometimes: ['a request answered at once', 'a request that waited while keys went'],
  *cases(history) {
    for (const { request, start } of services(history)) {
      const { answered, entry, response } = request;
      if (response?.kind !== 'keptAlive' || answered === null) continue;
      const revision = revisionAt(history, start.entry);
      const changed = revisionAt(history, answered.entry) > revision;
      const name = changed ? 'a request that waited while keys went' : 'a request answered at once';
      yield { name, entry, expected: `${revision}`, observed: `${response.revision}` };
    }
  },
};

interface Service {
  readonly request: Request;
  readonly command: KeepAlive;
  /**
   * When the server came to the request: at its call, or when the one ahead on its stream was
   * answered.
   */
  readonly start: Moment;
  /** The lease as it was then. */
  readonly life: Life | null;
}

/** The keep-alives that a server came to. */
function* services(history: Chronicle): Iterable<Service> {
  const last = new Map<number, Request>();
  for (const request of keepAlives(history)) {
    const { command } = request;
    const ahead = last.get(command.stream);
    last.set(command.stream, request);
    if (ahead !== undefined && ahead.answered === null) continue;
    const isBehind = (ahead?.answered?.entry ?? -1) > request.entry;
    const called: Moment = { entry: request.entry, at: request.at };
    const freed = ahead?.answered;
    const start = isBehind && freed ? { entry: freed.entry + 1, at: freed.at } : called;
    yield { request, command, start, life: lifeAt(history, command.id, start.entry) };
  }
}

type KeepAliveRequest = Request & { readonly command: KeepAlive };

const keepAlives = ({ requests }: Chronicle): readonly KeepAliveRequest[] =>
  requests.filter((request): request is KeepAliveRequest => request.command.kind === 'keepAlive');

const wordAnswer = ({ answered, response }: Request): string =>
  response?.kind === 'keptAlive' ? `ttl ${response.ttl} at ${answered?.at}` : 'no answer';
