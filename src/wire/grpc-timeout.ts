/** The header `grpc-timeout`: at most eight digits and a unit. */

/** How long it is, in milliseconds, rounded up; null: it is none. */
export const timeoutOf = (header: string): number | null => {
  const [, digits, unit] = /^(\d{1,8})([HMSmun])$/.exec(header) ?? [];
  if (digits === undefined) return null;
  return Math.ceil(Number(digits) * (MILLISECONDS[unit as keyof typeof MILLISECONDS] ?? 0));
};

const MILLISECONDS = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 } as const;
