/**
 * The clock of an unmodified child process in the parent's hand: Linux on x86-64, without native
 * code, without root. See docs/TIMEWARP.md.
 */
export { type FailureCode, type UnsupportedCode, WarpFailed, WarpUnsupported } from './errors.ts';
export { MILLISECOND, type Nanoseconds, SECOND } from './nanoseconds.ts';
export { type Probe, probe } from './probe.ts';
export { holdReaper } from './reaper.ts';
export { type Settled, type SettleOptions, settleAll } from './settle.ts';
export { spawnWarped, type WarpOptions } from './spawn.ts';
export {
  type ClockReading,
  type ClockStart,
  FASTEST_RATE,
  type Run,
  type WarpClock,
} from './warp-clock.ts';
export {
  type StepOptions,
  type StopOptions,
  stepAll,
  type WarpedProcess,
} from './warped-process.ts';
