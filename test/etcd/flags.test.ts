/** What real etcds say of the two raft flags. */
import { describe } from 'vitest';
import { testFlags } from './flags-of.ts';

describe.concurrent.each(['3.4.23', '3.5.16', '3.5.30'])('etcd %s', { timeout: 60_000 }, testFlags);
