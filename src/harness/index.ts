/** Schedules, runs, verdicts: everything that checks a target against the model. */
export {
  type Campaign,
  type CampaignOptions,
  campaign,
  type Failure,
  scheduleOf,
  shrinkFailure,
  Tally,
} from './campaign.ts';
export { campaignTogether, type SharedCampaign, sessionHistory } from './campaign-real.ts';
export { check } from './check.ts';
export {
  type Case,
  type Counterexample,
  decodeCounterexample,
  encodeCounterexample,
  readCase,
} from './counterexample.ts';
export { Coverage } from './coverage.ts';
export { type GenerateOptions, generate } from './generate.ts';
export type { Entry, History, HistoryHeader } from './history.ts';
export { decodeHistory, encodeHistory } from './history-json.ts';
export { parseSchedule } from './parse-schedule.ts';
export { ScheduleSyntaxError } from './parse-words.ts';
export { scheduleOfHistory } from './recorded.ts';
export { type RunOptions, type RunResult, run } from './run.ts';
export type { Action, LeaseRef, Schedule, ScheduleStep, When } from './schedule.ts';
export { printSchedule } from './schedule-text.ts';
export { type Shrunk, shrink } from './shrink.ts';
export { smaller } from './smaller.ts';
export { SOMETIMES, type Sometimes } from './sometimes.ts';
export {
  type Completion,
  type Session,
  type SessionOptions,
  type Sink,
  type Target,
  TargetError,
} from './target.ts';
export { simulatorTarget } from './targets/simulator-target.ts';
export { trace } from './trace.ts';
export { TraceHash } from './trace-hash.ts';
export { type Trial, tryOut } from './trial.ts';
export type { Verdict, Violation } from './verdict.ts';
