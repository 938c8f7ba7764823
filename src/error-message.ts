/** What was thrown, in words: of an error its message, without its name and stack. */
export const errorMessage = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);
