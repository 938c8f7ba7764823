/** Ids in sentences, replaced by what the schedule calls the leases. */
import type { Bytes } from '../api/bytes.ts';
import type { LeaseId } from '../api/command.ts';
import type { LeaseRef } from '../harness/schedule.ts';

/**
 * What a verdict says of ids (`#7`, `lease 7`, `leases from 7 on`, `[7, 8]`), said of names; and of
 * keys without their prefix. Other numbers stay: a lease of id 7 may live for another 7 ms.
 */
export const withNames = (
  text: string,
  names: ReadonlyMap<LeaseId, LeaseRef>,
  keyPrefix: Bytes,
): string => {
  const name = (id: string): string => names.get(BigInt(id)) ?? id;
  const renamed = text
    .replaceAll(/#(-?\d+)/g, (whole, id: string) => names.get(BigInt(id)) ?? whole)
    .replaceAll(/\b(lease |from )(-?\d+)/g, (_, before: string, id: string) => before + name(id))
    .replaceAll(/\[[-\d, ]+\]/g, (ids) => ids.replaceAll(/-?\d+/g, name));
  return keyPrefix === '' ? renamed : renamed.replaceAll(keyPrefix, '');
};
