/** Waiting on the real clock, from a process that may be busy with a fake one. */

// Taken once: whoever gives this process fake timers later does not mean us.
const { setImmediate, setTimeout, clearTimeout } = globalThis;

/** Milliseconds of real time, from any beginning. */
export const realMs: () => number = performance.now.bind(performance);

/** Resolves after the event loop has gone around once: our sockets were read and written. */
export const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/** Resolves after `ms` milliseconds. */
export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/** Calls `action` after `ms` milliseconds unless the function that it returns is called before. */
export const after = (ms: number, action: () => void): (() => void) => {
  const timer = setTimeout(action, ms);
  return () => clearTimeout(timer);
};
