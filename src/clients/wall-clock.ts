/**
 * The wall clock that clients see in `Date`, apart from the clock their timers run by: it can jump,
 * and gain or lose.
 */
export interface WallClock {
  /** It jumps by so many milliseconds. */
  jump(by: number): void;
  /** From now on it gains so many parts in a thousand. */
  drift(perMille: number): void;
  restore(): void;
}

/** Lays itself over the `Date` there is, which goes on as it did underneath. */
export const fakeWallClock = (): WallClock => {
  const under = globalThis.Date;
  let offset = 0;
  let rate = 0;
  let since = under.now();
  const shown = (): number => {
    const now = under.now();
    return now + offset + Math.trunc(((now - since) * rate) / 1000);
  };
  const over = new Proxy(under, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [shown()] : args, newTarget) as object,
    apply: () => new under(shown()).toString(),
    get: (target, name) => (name === 'now' ? shown : (Reflect.get(target, name) as unknown)),
  });
  globalThis.Date = over;
  return {
    jump: (by) => {
      offset += by;
    },
    drift: (perMille) => {
      offset = shown() - under.now();
      since = under.now();
      rate = perMille;
    },
    restore: () => {
      if (globalThis.Date === over) globalThis.Date = under;
    },
  };
};
