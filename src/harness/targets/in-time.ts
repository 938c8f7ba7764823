/** Waiting for a server that may be stopped, on the real clock: never without end. */
import { TargetError } from '../target.ts';

/** What is to come, or, when it has not within `limitMs`, a `TargetError` that says `otherwise`. */
export const inTime = <T>(what: Promise<T>, limitMs: number, otherwise: string): Promise<T> =>
  limited(what, limitMs, () => {
    throw new TargetError(otherwise);
  });

/** Resolves with it, or after `limitMs` without it; never rejects but with it. */
export const within = (limitMs: number, what: Promise<void>): Promise<void> =>
  limited(what, limitMs, () => {});

const limited = async <T>(what: Promise<T>, limitMs: number, otherwise: () => T): Promise<T> => {
  let patience: NodeJS.Timeout | undefined;
  const silence = new Promise<void>((resolve) => {
    patience = setTimeout(resolve, limitMs);
  });
  try {
    return await Promise.race([what, silence.then(otherwise)]);
  } finally {
    clearTimeout(patience);
  }
};
