/** Long lists and repeated answers in few words. */

/** The first few of `words`; with `what` they are called when there are more. */
export const listed = (words: readonly string[], what: string): string =>
  words.length <= SHOWN
    ? words.join(', ')
    : `${words.slice(0, SHOWN).join(', ')}, … (${words.length} ${what})`;

/** What was said how often: `ok`, or `500 × ok, 1 × refused lease-exists`. */
export const tally = (words: readonly string[]): string => {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  if (counts.size === 1) return words[0] ?? '';
  const parts = [...counts].map(([word, count]) => `${count} × ${word}`);
  return listed(parts, 'kinds of answer');
};

/** At most `most` lines; those around `point`, and the first ones, stay. */
export const bounded = (lines: readonly string[], most: number, point: number): string[] => {
  if (lines.length <= most) return [...lines];
  const head = Math.floor(most / 4);
  const room = most - head - 2;
  const latest = Math.max(head, lines.length - room);
  const start = Math.min(Math.max(head, point - Math.floor((room * 3) / 4)), latest);
  return [
    ...lines.slice(0, head),
    ...leftOut(start - head),
    ...lines.slice(start, start + room),
    ...leftOut(lines.length - start - room),
  ];
};

/** The line, cut off when it is too long. */
export const cut = (line: string, most: number): string =>
  line.length <= most ? line : `${line.slice(0, most - 1)}…`;

const SHOWN = 5;

const leftOut = (count: number): string[] => (count <= 0 ? [] : [`… ${count} lines left out …`]);
