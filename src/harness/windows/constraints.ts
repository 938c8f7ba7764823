/** What an answer on a real clock says of deadlines. */
import type { LeaseId } from '../../api/command.ts';
import type { RemainingTtl } from '../../api/response.ts';
import { type Instant, instant, secondsToMilliseconds } from '../../api/units.ts';
import { withDeadline } from '../../model/index.ts';
import { type Call, type Deadline, type Explanation, type Reason, reason } from './explanation.ts';
import { deadlineFor, laterOf, meet, type Window, wordInstant } from './windows.ts';

/**
 * Narrows the deadlines as the answer demands, and sets them in the model to what the answer says
 * of them.
 */
export function constrain(from: Explanation, call: Call, window: Window): Explanation | Reason {
  const { command, response } = call;
  if (response.kind === 'leaseList') return constrainList(from, response.ids);
  const known = 'id' in command ? from.deadlines.get(command.id) : undefined;
  if (known === undefined) return from;
  if (response.kind === 'remainingTtl' && response.grantedTtl > 0) {
    return constrainRemaining(from, response, known, window);
  }
  if (command.kind === 'keepAlive' && response.kind === 'keptAlive' && response.ttl > 0) {
    return constrainRenewal(from, command.id, window);
  }
  return from;
}

/**
 * The latest instant at which a lease can expire as things stand. A renewal that is under way may
 * have been made already: it is told apart from the last one seen only where that matters.
 */
export const latestDeadline = ({ deadlines, open }: Explanation, id: LeaseId): Instant => {
  let latest = (deadlines.get(id) as Window).to;
  for (const { command, response, at, returned } of open) {
    if (command.kind !== 'keepAlive' || command.id !== id || at > latest) continue;
    if (response.kind !== 'keptAlive' || response.ttl === 0) continue;
    latest = laterOf(latest, instant(returned + secondsToMilliseconds(response.ttl)));
  }
  return latest;
};

/** TTL-01 */
const constrainRemaining = (
  from: Explanation,
  { id, ttl }: RemainingTtl,
  known: Deadline,
  window: Window,
): Explanation | Reason => {
  const granted = from.state.leases.find(id)?.granted ?? ttl;
  const shown = deadlineFor(ttl, window);
  const narrowed = ttl > granted ? null : meet(known, shown);
  if (narrowed !== null) {
    const deadline = { ...narrowed, replaced: known.replaced };
    return { ...from, deadlines: new Map(from.deadlines).set(id, deadline) };
  }
  const least = Math.trunc((known.from - window.to) / 1000);
  const most = Math.min(granted, Math.trunc((known.to - window.from) / 1000));
  const values = least === most ? `${least}` : `from ${least} to ${most}`;
  // The renewal did not count, or more than it should.
  const asBefore = known.replaced !== null && meet(known.replaced, shown) !== null;
  return reason(asBefore ? 'KA-02' : 'TTL-01', `remaining TTL ${values}`, `${ttl}`);
};

/** KA-04: a renewal took effect before the deadline. */
const constrainRenewal = (from: Explanation, id: LeaseId, window: Window): Explanation | Reason => {
  const latest = latestDeadline(from, id);
  if (window.from <= latest) return { ...from, state: withDeadline(from.state, id, NEVER) };
  const expected = `no renewal of lease ${id} after ${wordInstant(latest)}`;
  return reason('KA-04', expected, `renewed after ${wordInstant(window.from)}`);
};

const NEVER = instant(Number.MAX_SAFE_INTEGER);

/** LIST-03: some choice of deadlines has the leases in this order. */
const constrainList = (from: Explanation, ids: readonly LeaseId[]): Explanation | Reason => {
  let { state } = from;
  let earliest = instant(-Infinity);
  let last: LeaseId | null = null;
  for (const id of ids) {
    const known = from.deadlines.get(id);
    if (known === undefined) continue;
    const latest = latestDeadline(from, id);
    if (earliest > latest) {
      const expected = `lease ${id}, which expires by ${wordInstant(latest)}, before lease ${last}`;
      return reason('LIST-03', expected, `after it, which expires at ${wordInstant(earliest)}`);
    }
    if (known.from >= earliest) last = id;
    earliest = laterOf(earliest, known.from);
    state = withDeadline(state, id, earliest);
  }
  return { ...from, state };
};
