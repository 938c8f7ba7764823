/**
 * Of explanations that differ in nothing but what they know of deadlines, one that knows less
 * explains all that the others explain.
 */
import type { Explanation } from './explanation.ts';

/** The explanations without those that another one makes superfluous. */
export function widest(explanations: readonly Explanation[]): readonly Explanation[] {
  if (explanations.length < 2) return explanations;
  const groups = new Map<string, Explanation[]>();
  for (const explanation of explanations) {
    const key = shape(explanation);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [explanation]);
    else if (!group.some((other) => covers(other, explanation))) {
      groups.set(key, [...group.filter((other) => !covers(explanation, other)), explanation]);
    }
  }
  return [...groups.values()].flat();
}

/** Whether each deadline of `narrow` lies within what `wide` knows of it. */
const covers = (wide: Explanation, narrow: Explanation): boolean => {
  for (const [id, { from, to }] of narrow.deadlines) {
    const other = wide.deadlines.get(id);
    if (other === undefined || other.from > from || other.to < to) return false;
  }
  return true;
};

/** All that matters to the future, but for the deadlines. */
const shape = (explanation: Explanation): string => {
  const { state, deadlines, open, answered, delivered, pastLives, freeUntil } = explanation;
  const kvs = state.kvs.all().map((kv) => `${kv.key}@${kv.modRevision}/${kv.version}/${kv.lease}`);
  const leases = [...deadlines.keys()].map((id) => `${id}*${state.leases.find(id)?.granted}`);
  // What is over matters to those alone who were under way then.
  const kept = open.flatMap(({ command }) => (command.kind === 'keepAlive' ? [command.id] : []));
  const past = [...new Set(kept)].map((id) => {
    const ends = (pastLives.get(id) ?? []).map((life) => `${life.gone}/${life.renewable}`);
    return `${id}:${freeUntil.get(id)}:${ends.join()}`;
  });
  return [
    open.map((call) => call.command.token).join(),
    [...answered].sort((left, right) => left - right).join(),
    delivered,
    state.revision,
    leases.sort().join(),
    kvs.join(),
    past.join(),
  ].join('|');
};
