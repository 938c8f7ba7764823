/** Judges the order in which keep-alive streams answer (KA-01), over a whole real-clock history. */
import type { Token } from '../../api/command.ts';
import type { History } from '../history.ts';
import { CONFORMANT, type Verdict, violation } from '../verdict.ts';

export function checkStreams({ entries }: History): Verdict {
  /** The requests of each stream that have not been answered. */
  const waiting = new Map<string, Token[]>();
  const streams = new Map<Token, string>();
  const ahead = new Map<Token, Token>();
  for (const [index, entry] of entries.entries()) {
    if (entry.kind === 'call' && entry.command.kind === 'keepAlive') {
      const { token, stream } = entry.command;
      const name = `${entry.session}/${entry.client}/${stream}`;
      streams.set(token, name);
      waiting.set(name, [...(waiting.get(name) ?? []), token]);
    }
    const name = entry.kind === 'return' ? streams.get(entry.token) : undefined;
    if (entry.kind !== 'return' || name === undefined) continue;
    const queue = waiting.get(name) ?? [];
    const [first] = queue;
    waiting.set(
      name,
      queue.filter((token) => token !== entry.token),
    );
    if (entry.completion.kind !== 'answered') continue;
    // A stream that broke leaves requests unanswered.
    if (ahead.has(entry.token)) return outOfOrder(index);
    if (first !== undefined && first !== entry.token) ahead.set(first, entry.token);
  }
  return CONFORMANT;
}

const outOfOrder = (entry: number): Verdict => {
  const expected = 'an answer before that to a later request of its stream';
  return violation('KA-01', entry, expected, 'one after it');
};
