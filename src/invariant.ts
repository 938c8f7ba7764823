/** Thrown when the project's own code is wrong. Never caught but to be printed with the seed. */
export class InvariantViolation extends Error {
  override readonly name = 'InvariantViolation';
  readonly values: Readonly<Record<string, unknown>>;

  constructor(message: string, values: Readonly<Record<string, unknown>>) {
    const shown = Object.entries(values).map(([name, value]) => `${name}=${String(value)}`);
    super(shown.length === 0 ? message : `${message} (${shown.join(', ')})`);
    this.values = values;
  }
}

/** Throws `InvariantViolation` unless `condition` holds. `message` says what must be true. */
export function invariant(
  condition: boolean,
  message: string,
  values: Readonly<Record<string, unknown>> = {},
): asserts condition {
  if (!condition) throw new InvariantViolation(message, values);
}
