/** What many contracts ask of the same trace is worked out once: a trace that is judged stays. */
import type { Trace } from '../trace.ts';

export const oncePerTrace = <T>(
  work: (trace: Trace) => readonly T[],
): ((trace: Trace) => readonly T[]) => {
  const known = new WeakMap<Trace, readonly T[]>();
  return (trace) => {
    const found = known.get(trace) ?? work(trace);
    known.set(trace, found);
    return found;
  };
};
