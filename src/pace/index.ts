/** What moves a clock. */
export type { FakeClockLike } from './clock-pair.ts';
export { type JoinedClock, joinFakeTimers } from './fake-timers.ts';
export { type FakeGlobals, fakeGlobals } from './fake-globals.ts';
export { Lockstep, type LockstepOptions } from './lockstep.ts';
export { type MemoryEndpoint, MemoryNetwork, type Reception } from './memory-network.ts';
export type { Address, MemoryConnection, MemorySocket } from './memory-socket.ts';
export { Pacer, type RealTime } from './pacer.ts';
export { seedMathRandom } from './seeded-random.ts';
export { type SettleOptions, Settler, type Stirring, Unsettled } from './settle.ts';
export { type ClockFace, SteeredClock, type SteeredClockOptions } from './steered-clock.ts';
