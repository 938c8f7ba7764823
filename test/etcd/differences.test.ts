/** What tells versions apart and the model does not carry. */
import { describe } from 'vitest';
import { testDifferences } from './differences-of.ts';

describe.each(['3.4.23', '3.5.16', '3.5.30'])('etcd %s', { timeout: 60_000 }, testDifferences);
