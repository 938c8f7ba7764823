/** Options of `fuzz` that mean the same for clients of all kinds. */
import type { Contract } from '../clients/contract.ts';
import { CONTRACTS } from '../clients/contracts/contracts.ts';
import { contractNamed } from '../clients/known.ts';
import { LIMITS } from '../limits.ts';
import { type Arguments, shown, UsageError } from './arguments.ts';

export const contractsOf = (args: Arguments): readonly Contract[] => {
  const id = args.text('contract');
  return id === undefined ? CONTRACTS : [contractCalled(id, '--contract')];
};

/** Throws `UsageError` when there is none; `where` it is called so. */
export const contractCalled = (id: string, where: string): Contract => {
  const contract = contractNamed(id);
  if (contract !== undefined) return contract;
  const [first, last] = [CONTRACTS[0]?.id, CONTRACTS.at(-1)?.id];
  throw new UsageError(
    `${where} ${shown(id)}: no contract is called that; ${first} to ${last} are there, ` +
      'told in docs/FUZZ-CONTRACTS.md',
  );
};

export const lastsOf = (args: Arguments, usual = 60_000): number => {
  const lasts = args.duration('lasts') ?? usual;
  if (lasts >= 1000 && lasts <= LIMITS.storyTime) return lasts;
  throw new UsageError(`--lasts: a story takes from 1s to ${LIMITS.storyTime / 3_600_000}h`);
};
