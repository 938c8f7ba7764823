/** Warnings of Node's about what a library does, which nobody who reads them can change. */

/** From now on the deprecation with that code is not told; all others are. */
export const silence = (code: string): void => {
  if (SILENT.has(code)) return;
  SILENT.add(code);
  if (SILENT.size > 1) return;
  const emit = process.emitWarning.bind(process) as (...args: readonly unknown[]) => void;
  process.emitWarning = (...args: readonly unknown[]): void => {
    if (!args.some(isSilent)) emit(...args);
  };
};

const SILENT = new Set<string>();

/** The code stands behind the text and the kind, or is a member of an object. */
const isSilent = (argument: unknown, at: number): boolean => {
  if (typeof argument === 'string') return at > 0 && SILENT.has(argument);
  const has = typeof argument === 'object' && argument !== null && 'code' in argument;
  return has && SILENT.has(String(argument.code));
};
