/** The smallest parts of a schedule's text: keys, ranges, options. */
import { asBytes, type Bytes, FROM_KEY, prefixEnd } from '../api/bytes.ts';

/** A key or value as one word; in quotes, as JSON, when it is not plain. */
export const printBytes = (bytes: Bytes): string =>
  PLAIN.test(bytes) && !KEYWORDS.has(bytes) ? bytes : JSON.stringify(bytes);

export const PLAIN = /^[A-Za-z0-9_./-]+$/;

/** Words that follow a key; as a key they need quotes. */
const KEYWORDS = new Set(
  [
    'prefix from-key to prev-kv ignore-lease ignore-value',
    'asc desc keys-only count-only serializable',
    'if then else no-put no-delete progress-notify fragment',
  ].flatMap((words) => words.split(' ')),
);

export const printRange = (key: Bytes, rangeEnd: Bytes): string => {
  const start = printBytes(key);
  if (rangeEnd === '') return start;
  if (rangeEnd === FROM_KEY) return `${start} from-key`;
  return rangeEnd === prefixEnd(key) ? `${start} prefix` : `${start} to ${printBytes(rangeEnd)}`;
};

export const printId = (id: bigint): string[] => (id === 0n ? [] : [`id=${id}`]);

export const printStream = (stream: number): string[] => (stream === 1 ? [] : [`stream=${stream}`]);

/** A key or value that `printBytes` wrote; null when `text` is none. */
export const readBytes = (text: string): Bytes | null => {
  if (PLAIN.test(text)) return asBytes(text);
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? asBytes(value) : null;
  } catch {
    return null;
  }
};
