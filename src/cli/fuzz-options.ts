/** Options of `fuzz` that mean the same for clients of all kinds. */
import type { Contract } from '../clients/contract.ts';
import { CONTRACTS } from '../clients/contracts/contracts.ts';
import { contractNamed } from '../clients/known.ts';
import { LIMITS } from '../limits.ts';
import { type Arguments, shown, UsageError } from './arguments.ts';

export const contractsOf = (args: Arguments): readonly Contract[] => {
  const id = args.text('contract');
  if (id === undefined) return CONTRACTS;
  const contract = contractNamed(id);
  if (contract !== undefined) return [contract];
  const ids = CONTRACTS.map((known) => known.id).join(', ');
  throw new UsageError(`--contract ${shown(id)}: there is none; the contracts are ${ids}`);
};

export const lastsOf = (args: Arguments, usual = 60_000): number => {
  const lasts = args.duration('lasts') ?? usual;
  if (lasts >= 1000 && lasts <= LIMITS.storyTime) return lasts;
  throw new UsageError(`--lasts: a story takes from 1s to ${LIMITS.storyTime / 3_600_000}h`);
};
