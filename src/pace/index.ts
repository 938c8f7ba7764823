/** What moves a clock. */
export { type FakeClockLike, type JoinedClock, joinFakeTimers } from './fake-timers.ts';
