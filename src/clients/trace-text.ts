/** A trace as text, for hashes and files: one line for each entry. */
import { createHash } from 'node:crypto';
import type { Trace, TraceEntry } from './trace.ts';

export const entryText = (entry: TraceEntry): string =>
  JSON.stringify(entry, (_name, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );

export const traceText = (trace: Trace): string =>
  trace.map((entry) => `${entryText(entry)}\n`).join('');

export const hashOfTrace = (trace: Trace): string =>
  createHash('sha256').update(traceText(trace)).digest('hex');
