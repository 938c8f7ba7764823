/** Real etcds on a virtual clock. */
import { describe } from 'vitest';
import { testOnVirtualClock } from './on-a-virtual-clock.ts';

describe.each(['3.4.23', '3.5.16', '3.5.30'])('etcd %s', { timeout: 120_000 }, testOnVirtualClock);
