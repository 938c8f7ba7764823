/** The instants at which the steps of generated schedules happen. */
import { type Milliseconds, milliseconds } from '../api/units.ts';
import type { Lease } from '../model/index.ts';
import type { Random } from '../seed.ts';
import type { LeaseRef, When } from './schedule.ts';

/** How long a schedule goes on, but for those of its leases and watches that need more. */
export const HORIZON: Readonly<Record<'virtual' | 'real', Milliseconds>> = {
  virtual: milliseconds(600_000),
  real: milliseconds(14_000),
};

/** An instant at which something changes for a lease; `name`: what the schedule calls it. */
export const boundary = (random: Random, lease: Lease, name: LeaseRef): When => {
  switch (random.below(10)) {
    case 0:
    case 1:
      return { from: 'deadline', lease: name, offset: milliseconds(-1) };
    case 2:
    case 3:
      return { from: 'deadline', lease: name, offset: milliseconds(0) };
    case 4:
      return { from: 'deadline', lease: name, offset: milliseconds(1) };
    case 5:
      return { from: 'turn', lease: name, offset: milliseconds(-1) };
    case 6:
      return { from: 'turn', lease: name, offset: milliseconds(0) };
    case 7:
      return { from: 'deadline', lease: name, offset: milliseconds(-1000) };
    case 8:
      return { from: 'deadline', lease: name, offset: milliseconds(1000) };
    default:
      // When a client would renew it.
      return previous(Math.floor((lease.granted * 1000) / 3));
  }
};

/** So many milliseconds after the step before. */
export const previous = (offset: number): When => ({
  from: 'previous',
  offset: milliseconds(offset),
});
