/** Virtual time that its owner advances. */
export { type Timer, VirtualClock } from './virtual-clock.ts';
