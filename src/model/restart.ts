/**
 * What a restart leaves of a server (RESTART-01), and how its leases count anew once it leads:
 * RESTART-02. A restarted server serves nobody before it is promoted.
 */
import type { ServerConfig } from '../api/config.ts';
import type { Promote, Restart } from '../api/input.ts';
import { after, type Instant, instant, type Milliseconds, milliseconds } from '../api/units.ts';
import { checkpointAllLater, ttlOf } from './checkpoint.ts';
import { silent, type Step } from './outcome.ts';
import type { RuleId } from './rules.ts';
import { spread, SPREAD_FROM } from './spreading.ts';
import { changed, dueAt, withLeases } from './changes.ts';
import { type Lease, minimumTtl, type State } from './state.ts';

/** When a lease expires that nobody leads. */
export const NEVER = instant(Infinity);

/**
 * RESTART-01: leases, keys and the revision are what they were; what waited is dropped with its
 * connection, and what was only remembered is forgotten.
 */
export function restart(state: State, { config }: Restart, now: Instant): Step {
  const { turns } = state.settings;
  const settings = { server: config, turns, minimumTtl: minimumTtl(config) };
  const loaded = state.leases.all().map((lease) => load(lease, settings.minimumTtl));
  const raised = state.queue.all().some(({ savedTtl }) => savedTtl < settings.minimumTtl);
  // The loop begins anew, and so does the count of its turns (CONST-04).
  const begun = changed(state, {
    now,
    settings,
    lastTurn: now,
    landing: false,
    leads: false,
    assignedId: null,
    waiting: [],
    streams: [],
    checkpoints: [],
    held: [],
    backlog: null,
  });
  const next = withLeases(begun, loaded);
  return silent(next, raised ? LOADED_RAISED : LOADED);
}

/** RESTART-02: every lease has its TTL again, or what a checkpoint says remained, and more. */
export function promote(state: State, { order }: Promote, now: Instant): Step {
  const extension = electionExtension(state.settings.server);
  const delays = spread(state, order);
  const due = state.leases.all().map((lease) => {
    const delay = delays.get(lease.id) ?? 0;
    // TTL-05: that may be more than it was granted.
    return dueAt(lease, after(now, milliseconds(ttlOf(lease) + extension + delay)));
  });
  const promoted = withLeases(changed(state, { now, leads: true }), due);
  // In the order in which they were due.
  const next = checkpointAllLater(promoted, state.queue.all(), now);
  return silent(next, rulesOfPromotion(state));
}

/** CONST-11: the election timeout, in whole heartbeats. */
export const electionExtension = ({ heartbeat, election }: ServerConfig): Milliseconds =>
  milliseconds(Math.floor(election / heartbeat) * heartbeat);

/** CONST-09: 5 s, and two election timeouts in whole heartbeats. */
export const requestTimeout = ({ settings }: State): Milliseconds =>
  milliseconds(5000 + 2 * electionExtension(settings.server));

/** RESTART-03: raised to the minimum of the new flags, in memory alone. CKPT-03: what was saved. */
const load = ({ id, savedTtl, savedRemaining }: Lease, minimum: Lease['granted']): Lease => ({
  id,
  granted: savedTtl < minimum ? minimum : savedTtl,
  deadline: NEVER,
  remaining: savedRemaining,
  savedTtl,
  savedRemaining,
});

const rulesOfPromotion = ({ leases }: State): readonly RuleId[] => {
  const all = leases.all();
  if (all.length === 0) return NOTHING;
  const rules = all.some(({ remaining }) => remaining > 0) ? FROM_CHECKPOINTS : FULL;
  return all.length < SPREAD_FROM ? rules : [...rules, 'RESTART-04'];
};

const LOADED: readonly RuleId[] = ['RESTART-01'];
const LOADED_RAISED: readonly RuleId[] = ['RESTART-01', 'RESTART-03'];
const NOTHING: readonly RuleId[] = [];
const FULL: readonly RuleId[] = ['RESTART-02', 'CONST-11', 'TTL-05', 'CKPT-01'];
const FROM_CHECKPOINTS: readonly RuleId[] = [
  'RESTART-02',
  'CONST-11',
  'TTL-05',
  'CKPT-03',
  'CKPT-05',
];
