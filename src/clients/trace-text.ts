/** A trace as text, for hashes and files: one line for each entry. */
import { createHash } from 'node:crypto';
import { printFault, printStep } from './story-text.ts';
import type { Trace, TraceEntry } from './trace.ts';

export const entryText = (entry: TraceEntry): string =>
  JSON.stringify(inWords(entry), (_name, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );

/** What clients do, and faults, as a story has them: whoever made the object. */
const inWords = (entry: TraceEntry): object => {
  if (entry.kind === 'told') return { ...entry, act: printStep(entry.act) };
  return 'fault' in entry ? { ...entry, fault: printFault(entry.fault) } : entry;
};

export const traceText = (trace: Trace): string =>
  trace.map((entry) => `${entryText(entry)}\n`).join('');

export const hashOfTrace = (trace: Trace): string =>
  createHash('sha256').update(traceText(trace)).digest('hex');
