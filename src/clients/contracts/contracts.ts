/** All contracts that clients are judged by, in the order of their ids. */
import type { Contract } from '../contract.ts';
import { BELIEF } from './belief.ts';
import { CALLS } from './calls.ts';
import { CLOCKS } from './clocks.ts';
import { HOLDS } from './holds.ts';
import { QUIET } from './quiet.ts';
import { RENEWAL } from './renewal.ts';

export const CONTRACTS: readonly Contract[] = [
  ...BELIEF,
  ...RENEWAL,
  ...QUIET,
  ...CALLS,
  ...HOLDS,
  ...CLOCKS,
];
