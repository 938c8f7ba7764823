/** Virtual time that its owner advances. */
export { type Instant, instant, type Milliseconds, milliseconds } from '../api/units.ts';
export { type Timer, VirtualClock } from './virtual-clock.ts';
