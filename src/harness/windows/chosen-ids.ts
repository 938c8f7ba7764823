/**
 * CONST-14 where nobody sees when an id is chosen: a member of the cluster chooses each id above
 * those that it has chosen before. It chooses when the request comes in, so grants that overlap may
 * take effect in another order.
 */
import type { LeaseId, Token } from '../../api/command.ts';
import type { History } from '../history.ts';

/** For each grant that left the id to the server: the highest that was answered before its call. */
export function chosenIdFloors({ entries }: History): ReadonlyMap<Token, LeaseId> {
  const highest = new Map<string, LeaseId>();
  const atCall = new Map<Token, ReadonlyMap<string, LeaseId>>();
  const floors = new Map<Token, LeaseId>();
  for (const entry of entries) {
    if (entry.kind === 'call' && entry.command.kind === 'grant' && entry.command.id === 0n) {
      atCall.set(entry.command.token, new Map(highest));
    }
    if (entry.kind !== 'return' || entry.completion.kind !== 'answered') continue;
    const { response, header } = entry.completion;
    const before = atCall.get(entry.token);
    if (before === undefined || response.kind !== 'granted') continue;
    const member = header?.member ?? '';
    floors.set(entry.token, before.get(member) ?? 0n);
    const last = highest.get(member) ?? 0n;
    if (response.id > last) highest.set(member, response.id);
  }
  return floors;
}
