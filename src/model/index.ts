/** The reference model of etcd's lease semantics: pure, total, on the caller's clock. */
export { lateNotice } from './notices.ts';
export { matches, mismatch, sameEvent } from './matches.ts';
export type { Step } from './outcome.ts';
export { CHECKABLE_RULES, RULE_IDS, RULES, type RuleId } from './rules.ts';
export {
  breach,
  LEASES_PER_TURN,
  nextExpiry,
  nextToGo,
  type ServerChoice,
  type ServerSteps,
  serverSteps,
} from './server-step.ts';
export { withDeadline } from './changes.ts';
export {
  type Attachment,
  type InitialState,
  initialState,
  isOverdue,
  keysOf,
  type Lease,
  minimumTtl,
  type Settings,
  type State,
  type TurnRule,
} from './state.ts';
export type { Backlog, Held, Waiting } from './waits.ts';
export { step } from './step.ts';
export { nextWake } from './leadership.ts';
export { electionExtension } from './restart.ts';
export { CHECKPOINT_INTERVAL, ttlOf } from './checkpoint.ts';
export { SPREAD_FROM } from './spreading.ts';
export { firstTurnFrom, phaseAfterTurn, TURN_INTERVAL, turnAfter, turnUpTo } from './turns.ts';
export { DIFFERENCES, PROFILES, type Profile } from './versions.ts';
