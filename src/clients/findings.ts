/** What many stories came to: the same breach in another story is counted, not told again. */
import { FAULT_KINDS } from './fault-pools.ts';
import type { BreachOf } from './trial.ts';

/** A kind of breach: a contract, and what such breaches have in common. */
export interface Finding {
  readonly contract: string;
  readonly shape: string;
  /** In how many stories it was seen. */
  readonly stories: number;
  /** Of those the shortest, by its number, and how many steps it has. */
  readonly run: number;
  readonly steps: number;
}

export class Findings {
  readonly #found = new Map<string, Finding>();

  add(run: number, steps: number, { contract: { id }, shape }: BreachOf): void {
    this.merge({ contract: id, shape, stories: 1, run, steps });
  }

  merge(finding: Finding): void {
    const key = `${finding.contract} ${finding.shape}`;
    const known = this.#found.get(key);
    const stories = finding.stories + (known?.stories ?? 0);
    const shortest = known === undefined || isBefore(finding, known) ? finding : known;
    this.#found.set(key, { ...shortest, stories });
  }

  /** By contract; what was seen most often comes first. */
  get all(): readonly Finding[] {
    return [...this.#found.values()].toSorted(
      (left, right) =>
        compare(left.contract, right.contract) ||
        right.stories - left.stories ||
        compare(left.shape, right.shape),
    );
  }
}

/** What a shape says, but for the faults that were about: `key gone` of `key gone, delay, lose`. */
export const stemOf = (shape: string): string =>
  partsOf(shape)
    .filter((part) => !isFaultKind(part))
    .join(', ');

/** Whether one is the other with more faults about: of the two it is the simpler that tells. */
export const isCoveredBy = (finding: FindingKind, simpler: FindingKind): boolean => {
  if (finding.contract !== simpler.contract) return false;
  if (finding.shape === simpler.shape) return true;
  if (stemOf(finding.shape) !== stemOf(simpler.shape)) return false;
  const [faults, fewer] = [faultsOf(finding.shape), faultsOf(simpler.shape)];
  // Where no fault is needed, one that is about may matter in its own way.
  return fewer.length > 0 && fewer.every((fault) => faults.includes(fault));
};

export type FindingKind = Pick<Finding, 'contract' | 'shape'>;

/** How many faults were about. */
export const faultCount = (shape: string): number => faultsOf(shape).length;

const partsOf = (shape: string): readonly string[] => shape.split(', ');
const faultsOf = (shape: string): readonly string[] =>
  partsOf(shape).filter((part) => isFaultKind(part) && part !== 'no fault');
const isFaultKind = (part: string): boolean =>
  part === 'no fault' || (FAULT_KINDS as readonly string[]).includes(part);

const isBefore = (left: Finding, right: Finding): boolean =>
  left.steps < right.steps || (left.steps === right.steps && left.run < right.run);

const compare = (left: string, right: string): number => (left < right ? -1 : Number(left > right));
