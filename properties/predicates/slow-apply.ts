/** Properties of a server that is slow to apply. */
import type { Command } from '../../src/api/command.ts';
import type { Chronicle, Request } from '../chronicle.ts';
import type { Property } from '../property.ts';

/** While nothing is applied; `to`: when the server caught up, or the history ended. */
interface Stall {
  readonly from: number;
  readonly to: number;
  readonly entries: readonly [number, number];
}

export const nothingIsWritten: Property = {
  title: 'CONST-10: while a server is slow to apply nothing is written',
  sometimes: ['a stall with writes asked for', 'one without'],
  *cases(chronicle) {
    for (const stall of stallsOf(chronicle)) {
      const [first, last] = stall.entries;
      const isIn = ({ entry }: { readonly entry: number }): boolean =>
        entry > first && entry < last;
      const asked = chronicle.requests.some((each) => isIn(each) && isWrite(each.command));
      const name = asked ? 'a stall with writes asked for' : 'one without';
      const observed = `${chronicle.writes.filter(isIn).length} writes`;
      yield { name, entry: first, expected: '0 writes', observed };
    }
  },
};

export const waitsHaveTheirTime: Property = {
  title: 'CONST-10: what waits for the log has its time: time-to-live 1 s, a write 7 s, reads all',
  sometimes: [
    'time-to-live in time',
    'time-to-live in vain',
    'a write in time',
    'a write in vain',
    'a read',
  ],
  *cases(chronicle) {
    for (const { request, stall } of waits(chronicle)) {
      const { command, at, entry } = request;
      const isRead = command.kind === 'range';
      if (!isRead && !isWrite(command) && command.kind !== 'timeToLive') continue;
      const patience = isRead ? Infinity : command.kind === 'timeToLive' ? 1000 : 7000;
      const what = isRead ? 'a read' : isWrite(command) ? 'a write' : 'time-to-live';
      // At the very instant either may come first; and a leap ends what it leaps over.
      if (at + patience === stall.to || leapt(chronicle, at, stall)) continue;
      const isInVain = at + patience < stall.to;
      const name = isRead ? what : `${what} in ${isInVain ? 'vain' : 'time'}`;
      const expected = isInVain ? `timed out at ${at + patience}` : `answered at ${stall.to}`;
      yield { name, entry, expected, observed: endOf(request) };
    }
  },
};

export const keepAlivesAreFresh: Property = {
  title: 'KA-15: a keep-alive takes account of what was committed before it, or its stream ends',
  sometimes: ['one in time', 'one in vain'],
  *cases(chronicle) {
    if (chronicle.history.header.config.etcd === '3.7') return;
    for (const { request, stall } of waits(chronicle)) {
      const { command, at, entry } = request;
      if (command.kind !== 'keepAlive') continue;
      // One that stands behind another ends with that.
      const isFirst = !chronicle.requests.some(
        (other) =>
          other.entry < entry &&
          other.command.kind === 'keepAlive' &&
          other.command.stream === command.stream &&
          (other.answered === null || other.answered.entry > entry),
      );
      if (!isFirst || at + 1000 === stall.to || leapt(chronicle, at, stall)) continue;
      if (at + 1000 < stall.to) {
        const expected = `timed out at ${at + 1000}`;
        yield { name: 'one in vain', entry, expected, observed: endOf(request) };
      } else if (request.answered !== null) {
        const observed = `${request.answered.at >= stall.to}`;
        yield { name: 'one in time', entry, expected: 'true', observed };
      }
    }
  },
};

/** The requests that were made while nothing was applied, and that need to see all of the log. */
function* waits(chronicle: Chronicle): Generator<{ request: Request; stall: Stall }> {
  const stalls = stallsOf(chronicle);
  for (const request of chronicle.requests) {
    const { entry, command, response, answered, at } = request;
    const stall = stalls.find(({ entries: [from, to] }) => entry > from && entry < to);
    // What is wrong by itself is said at once; nobody knows of what the history cuts off.
    const isSaid = response?.kind === 'refused' && answered?.at === at;
    const isApart = command.kind === 'range' && command.view.serializable;
    if (stall === undefined || isSaid || isApart || stall.to === Infinity) continue;
    yield { request, stall };
  }
}

const stallsOf = ({ history: { entries } }: Chronicle): readonly Stall[] =>
  entries.flatMap((entry, index) => {
    if (entry.kind !== 'stall') return [];
    const end = entries.findIndex((each, other) => other > index && each.kind === 'catchUp');
    const to = end < 0 ? Infinity : (entries[end]?.at ?? Infinity);
    return [{ from: entry.at, to, entries: [index, end < 0 ? entries.length : end] as const }];
  });

/** Whether the clock leapt while a request waited. */
const leapt = ({ jumps }: Chronicle, at: number, stall: Stall): boolean =>
  jumps.some(({ from, to }) => to >= at && from <= stall.to);

const endOf = ({ answered, response }: Request): string => {
  if (answered === null || response === null) return 'no answer';
  const isTimeout = response.kind === 'refused' && TIMEOUTS.has(response.reason);
  return `${isTimeout ? 'timed out' : 'answered'} at ${answered.at}`;
};

const TIMEOUTS: ReadonlySet<string> = new Set(['apply-timed-out', 'request-timed-out']);

const isWrite = ({ kind }: Command): boolean =>
  kind === 'put' || kind === 'deleteRange' || kind === 'grant' || kind === 'revoke';
