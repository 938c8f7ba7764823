/** Which faults of the simulator the suite is tried on, and on which clock they can be seen. */
import type { Mutant } from '../mutants/mutant.ts';
import { MUTANTS } from '../mutants/planted.ts';

/** Why a fault is not tried at all; null: it is. Cases run under default flags. */
export const whyNotTried = ({ config, abilities = [] }: Mutant): string | null => {
  const needed = abilities as readonly string[];
  if (needed.includes('leader')) return 'no case loses its leader';
  if (needed.includes('apply')) return 'no case has a server that is slow to apply';
  const flags = Object.keys(config ?? {}).filter((name) => name !== 'etcd');
  return flags.length === 0 ? null : `it takes other flags: ${flags.join(', ')}`;
};

export const ON_VIRTUAL: readonly Mutant[] = MUTANTS.filter(
  (mutant) => whyNotTried(mutant) === null,
);

/** Why the real clock does not show a fault; null: it does. */
export const whyNotOnReal = ({ id, config, abilities = [] }: Mutant): string | null => {
  if (abilities.length > 0) return 'a server of somebody else is not restarted';
  if (config !== undefined) return 'tried under the semantics of 3.5 alone';
  return Object.entries(HIDDEN_ON_REAL).find(([, ids]) => ids.includes(id))?.[0] ?? null;
};

/** What the real clock hides, or no story tells; all of it is on trial on a virtual clock. */
export const HIDDEN_ON_REAL: Readonly<Record<string, readonly string[]>> = {
  'half a turn more or less, and milliseconds': [
    'expiry-exclusive',
    'expiry-1ms-early',
    'expiry-a-turn-late',
    'turn-every-400ms',
    'turn-every-501ms',
    'turn-keeps-old-grid',
    'turn-takes-latest',
    'renewal-1ms-short',
    'renewal-rounded-to-seconds',
    'keep-alive-stale-header',
  ],
  'what is overdue is so for half a second, and whoever asks may come too late': [
    'overdue-id-free',
    'revoke-overdue-refused',
    'overdue-resurrected',
    'overdue-answered-at-once',
    'held-in-last-ms',
    'held-answers-granted-ttl',
    'held-streams-not-told-apart',
    'held-lets-others-pass',
    'held-not-freed-by-revoke',
    'held-not-freed-by-turn',
    'held-behind-forgotten',
    'held-behind-last-first',
    'ttl-never-negative',
    'ttl-overdue-gone',
    'list-without-overdue',
    'range-without-overdue',
    'put-overdue-lease-refused',
    'put-saves-no-overdue-key',
  ],
  'more leases than a turn takes, on a server of their own': [
    'turn-takes-501',
    'turn-takes-499',
    'turn-takes-all',
    'turn-takes-one',
    'backlog-put-off',
  ],
  'it is flagged there under the name of another rule': [
    'too-large-created',
    'duplicate-renews',
    'renewal-from-old-deadline',
    'renewal-late-in-life-only',
    'put-keeps-old-lease',
    'ttl-renews',
    'revoke-leaks-keys',
    'past-header-of-the-past',
    'delete-leaves-key-in-lease',
    'expiry-without-events',
  ],
  'what a real clock is judged by allows for it': [
    'keep-alive-header-ahead',
    'renewal-not-requeued',
    'held-freed-by-any-revoke',
    'ttl-granted-is-remaining',
    'put-renews',
    'delete-previous-unasked',
    'ttl-rounded-down',
    'txn-nested-header',
    'watch-ended-with-header',
    'watch-start-at-compacted',
    'watch-previous-of-compacted',
    'watch-cancel-unknown',
    'watch-cancelled-delivers',
    'progress-without-watch',
    'revision-without-keys',
    'delete-takes-lease',
  ],
  'JSON and gRPC do not say it': ['ttl-negative-zero'],
};

export const ON_REAL: readonly Mutant[] = MUTANTS.filter((fault) => whyNotOnReal(fault) === null);
