/** Waiting for a server that may be stopped, on the real clock: never without end. */
import { TargetError } from '../target.ts';

/** What is to come, or, when it has not within `limitMs`, a `TargetError` that says `otherwise`. */
export const inTime = async <T>(
  what: Promise<T>,
  limitMs: number,
  otherwise: string,
): Promise<T> => {
  let patience: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    patience = setTimeout(() => reject(new TargetError(otherwise)), limitMs);
  });
  try {
    return await Promise.race([what, silence]);
  } finally {
    clearTimeout(patience);
  }
};

/** Resolves with it, or after `limitMs` without it; never rejects but with it. */
export const within = async (limitMs: number, what: Promise<void>): Promise<void> => {
  let patience: NodeJS.Timeout | undefined;
  const silence = new Promise<void>((resolve) => {
    patience = setTimeout(resolve, limitMs);
  });
  try {
    await Promise.race([what, silence]);
  } finally {
    clearTimeout(patience);
  }
};
