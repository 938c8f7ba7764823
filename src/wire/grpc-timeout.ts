/** The header `grpc-timeout`: at most eight digits and a unit. */

/** How long it is, in milliseconds, rounded up; or what is wrong with it. */
export const timeoutOf = (header: string): number | string => {
  if (header.length < 2) return `transport: timeout string is too short: ${quoted(header)}`;
  if (header.length > 9) return `transport: timeout string is too long: ${quoted(header)}`;
  const unit = MILLISECONDS.get(header.slice(-1));
  if (unit === undefined) return `transport: timeout unit is not recognized: ${quoted(header)}`;
  const digits = header.slice(0, -1);
  if (!/^\d+$/.test(digits)) return `strconv.ParseUint: parsing ${quoted(digits)}: invalid syntax`;
  return Math.ceil(Number(digits) * unit);
};

const MILLISECONDS: ReadonlyMap<string, number> = new Map([
  ['H', 3_600_000],
  ['M', 60_000],
  ['S', 1000],
  ['m', 1],
  ['u', 1e-3],
  ['n', 1e-6],
]);

const quoted = (text: string): string => JSON.stringify(text);
