/** What an answer on a real clock says of deadlines. */
import type { Command, LeaseId } from '../api/command.ts';
import type { Response } from '../api/response.ts';
import { instant } from '../api/units.ts';
import { withDeadline } from '../model/index.ts';
import type { Explanation, Reason } from './explanation.ts';
import { deadlineFor, meet, type Window, wordInstant } from './windows.ts';

const NEVER = instant(Number.MAX_SAFE_INTEGER);

/**
 * Narrows the deadlines as the answer demands, and sets them in the model to what the answer says
 * of them.
 */
export const constrain = (
  from: Explanation,
  command: Command,
  response: Response,
  window: Window,
): Explanation | Reason => {
  const known = 'id' in command ? from.deadlines.get(command.id) : undefined;
  if (command.kind === 'timeToLive' && response.kind === 'remainingTtl' && known !== undefined) {
    if (response.grantedTtl === 0) return from;
    const narrowed = meet(known, deadlineFor(response, window));
    if (narrowed !== null) return narrow(from, command.id, narrowed);
    const least = Math.trunc((known.from - window.to) / 1000);
    const most = Math.trunc((known.to - window.from) / 1000);
    return {
      rule: 'TTL-01',
      expected: `remaining TTL ${least === most ? least : `from ${least} to ${most}`}`,
      observed: `${response.ttl}`,
    };
  }
  if (command.kind === 'keepAlive' && response.kind === 'keptAlive' && known !== undefined) {
    return constrainKeepAlive(from, command.id, response.ttl > 0, known, window);
  }
  if (response.kind === 'leaseList') return constrainList(from, response.ids);
  return from;
};

const constrainKeepAlive = (
  from: Explanation,
  id: LeaseId,
  renewed: boolean,
  known: Window,
  window: Window,
): Explanation | Reason => {
  if (renewed) {
    const alive = window.from <= known.to;
    if (alive) return { ...from, state: withDeadline(from.state, id, NEVER) };
    const expected = `no renewal of lease ${id} after ${wordInstant(known.to)}`;
    return { rule: 'KA-04', expected, observed: `renewed after ${wordInstant(window.from)}` };
  }
  const early = known.from > window.to;
  const wanted = early ? `alive until ${wordInstant(known.from)}` : 'revoked first';
  const expected = `lease ${id} ${wanted}`;
  const observed = `keep-alive answered 0 by ${wordInstant(window.to)}`;
  return { rule: early ? 'EXP-03' : 'KA-04', expected, observed };
};

/** LIST-03: some choice of deadlines has the leases in this order. */
const constrainList = (from: Explanation, ids: readonly LeaseId[]): Explanation | Reason => {
  let state = from.state;
  let earliest = -Infinity;
  for (const id of ids) {
    const known = from.deadlines.get(id);
    if (known === undefined) continue;
    earliest = Math.max(earliest, known.from);
    if (earliest > known.to) {
      const expected = `lease ${id} before those that expire after ${wordInstant(known.to)}`;
      return {
        rule: 'LIST-03',
        expected,
        observed: `after one that expires at ${wordInstant(earliest)}`,
      };
    }
    state = withDeadline(state, id, instant(earliest));
  }
  return { ...from, state };
};

const narrow = (from: Explanation, id: LeaseId, window: Window): Explanation => ({
  ...from,
  deadlines: new Map(from.deadlines).set(id, window),
});
