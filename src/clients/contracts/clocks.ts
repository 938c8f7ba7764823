/** Clients measure time by a clock that nobody sets. */
import type { Breach, Contract } from '../contract.ts';
import type { Trace } from '../trace.ts';

export const CLOCKS: readonly Contract[] = [
  {
    id: 'FUZZ-30',
    title: 'Steps and drift of the wall clock change nothing of what a client asks and says.',
    weight: 'safety',
    source: 'plain safety: clocks are set while leases run; Go measures by a monotonic clock',
    needs: ['lease'],
    check: () => null,
    twin: {
      of: (story) => {
        const steps = story.steps.filter(
          ({ act }) => act.kind !== 'wall clock' && act.kind !== 'drift',
        );
        return steps.length === story.steps.length ? null : { ...story, steps };
      },
      compare: (trace, twin) => difference(trace, twin),
    },
  },
];

const difference = (trace: Trace, twin: Trace): Breach | null => {
  const [these, those] = [doingsOf(trace), doingsOf(twin)];
  const index = these.findIndex(({ text }, at) => text !== those[at]?.text);
  const one = these[index === -1 ? those.length : index];
  const other = those[index === -1 ? these.length : index];
  if (one === undefined && other === undefined) return null;
  const kind = trace.some(({ kind: of }) => of === 'uncaught') ? 'uncaught' : 'otherwise';
  const [set, without] = [one, other].map((doing) => doing?.text ?? 'nothing more');
  const what = `with the clock set: ${set}; without: ${without}`;
  return { entry: one?.entry ?? trace.length - 1, what, shape: `wall clock, ${kind}` };
};

/** What clients ask and say, each with its instant. */
const doingsOf = (trace: Trace): readonly { readonly entry: number; readonly text: string }[] =>
  trace.flatMap((one, entry) => {
    const { at } = one;
    if (one.kind === 'request') return [{ entry, text: `${one.call} at ${at} ms` }];
    if (one.kind === 'said') return [{ entry, text: `${one.event.kind} at ${at} ms` }];
    return [];
  });
