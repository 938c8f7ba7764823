/** Waiting that ends: with what is waited for, when time is up, or when the client is closed. */

export interface Bounds {
  /** Milliseconds. */
  readonly limit: number;
  /** Ends it early. */
  readonly signal: AbortSignal;
}

/** Time was up. */
export class TooLate extends Error {
  override readonly name = 'TooLate';
}

export class Closed extends Error {
  override readonly name = 'Closed';

  constructor() {
    super('the client is closed');
  }
}

/** What `promise` becomes, if it becomes so in time; rejects with `TooLate` or `Closed`. */
export async function within<T>(promise: Promise<T>, { limit, signal }: Bounds): Promise<T> {
  if (signal.aborted) {
    promise.catch(() => {});
    throw new Closed();
  }
  let tidy = (): void => {};
  try {
    return await new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => reject(new TooLate('no answer in time')), limit);
      const abort = (): void => reject(new Closed());
      signal.addEventListener('abort', abort, { once: true });
      tidy = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
      };
      promise.then(resolve, reject);
    });
  } finally {
    tidy();
  }
}

/** Lets time pass; rejects with `Closed`. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await within(new Promise<never>(() => {}), { limit: milliseconds, signal });
  } catch (error) {
    if (!(error instanceof TooLate)) throw error;
  }
}
