/** Errors that nobody catches: kept from ending the process, and told. */
const EVENTS = ['uncaughtException', 'unhandledRejection'] as const;

/** Until the result is called, others who listen for them hear nothing. */
export const catchUncaught = (tell: (error: string) => void): (() => void) => {
  const listener = (error: unknown): void => tell(describe(error));
  const others = EVENTS.map((event) => process.listeners(event as 'uncaughtException'));
  for (const event of EVENTS) {
    process.removeAllListeners(event);
    process.on(event, listener);
  }
  return () => {
    for (const [index, event] of EVENTS.entries()) {
      process.off(event, listener);
      for (const other of others[index] ?? []) process.on(event, other);
    }
  };
};

export interface ExitGuard {
  /** Set once somebody wanted to end the process. */
  readonly complaint: string | null;
  restore(): void;
}

/** A client that ends the process does not: the call throws. */
export const keepFromExiting = (): ExitGuard => {
  const exit = process.exit.bind(process);
  let complaint: string | null = null;
  process.exit = (code) => {
    complaint = `it ends the process with code ${String(code ?? 0)}`;
    throw new Error('process.exit');
  };
  return {
    get complaint() {
      return complaint;
    },
    restore: () => {
      process.exit = exit;
    },
  };
};

/** An error in one line, the same in each run: without addresses. */
export const describe = (error: unknown): string => {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const [line = ''] = text.split('\n');
  return line.replaceAll(/127\.108\.\d+\.\d+(:\d+)?/g, 'the server').slice(0, 300);
};
