/** What can go wrong: the machine cannot do it, or this process cannot go on. */

/** Which condition of the technique this machine, or this program, does not meet. */
export type UnsupportedCode =
  /** Not Linux on x86-64. */
  | 'PLATFORM'
  /** The process has no vdso to patch. */
  | 'NOVDSO'
  /** The process is not ours to look into. */
  | 'ACCESS'
  /** Its memory cannot be opened for writing. */
  | 'OPEN'
  /** Its memory takes no write to a page that is read-only to itself. */
  | 'WRITE'
  /** Its vdso is not an ELF image of this machine. */
  | 'ELF'
  /** Its vdso has no function to patch, or one too short for a jump. */
  | 'SYM'
  /** Its vdso has no room for the code. */
  | 'SPACE'
  /** What was written reads back differently. */
  | 'VERIFY'
  /** Patched, and the process reads another time all the same. */
  | 'NOEFFECT'
  /** It does not stop when told to. */
  | 'STOP'
  /** A thread of it stays in the five bytes that have to change. */
  | 'ENTRY'
  /** The clock works; whether the process is at rest cannot be seen. */
  | 'COUNTERS';

/** The clock of a process cannot be taken here; the message is one line that says what to do. */
export class WarpUnsupported extends Error {
  override readonly name = 'WarpUnsupported';
  readonly code: UnsupportedCode;

  constructor(code: UnsupportedCode, message: string, options?: ErrorOptions) {
    super(`${code}: ${message}`, options);
    this.code = code;
  }
}

export type FailureCode =
  /** The program could not be started. */
  | 'SPAWN'
  /** The process has ended. */
  | 'ENDED'
  /** The process did not come to rest in time. */
  | 'RESTLESS'
  /** The process cannot be settled: it does not run on the Go runtime. */
  | 'NOTGO';

/** The machine can do it, but this process has ended or does not come to rest. */
export class WarpFailed extends Error {
  override readonly name = 'WarpFailed';
  readonly code: FailureCode;

  constructor(code: FailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The name of a system error, as in `EACCES`; the text of any other. */
export const errnoOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return (error as NodeJS.ErrnoException).code ?? error.message;
};

/** True for the errors that /proc gives about a process or a thread that is gone. */
export const meansGone = (error: unknown): boolean => GONE.has(errnoOf(error));

const GONE = new Set(['ENOENT', 'ESRCH']);
