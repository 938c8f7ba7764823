/** How a call ends: a gRPC status, and how its message travels in a header. */

export interface Status {
  readonly code: number;
  readonly message: string;
}

/** The gRPC status codes that are used here. */
export const CODE = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  resourceExhausted: 8,
  failedPrecondition: 9,
  outOfRange: 11,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
} as const;

export const OK: Status = { code: CODE.ok, message: '' };

/**
 * WIRE-09: the message as the value of `grpc-message`. Only bytes outside of printable ASCII and
 * the percent sign are escaped, as etcd's gRPC library does: some clients know an error by its
 * text, and do not undo more than that.
 */
export const escapeMessage = (message: string): string =>
  /^[ -$&-~]*$/.test(message) ? message : escapeBytes(Buffer.from(message, 'utf8'));

const PERCENT = 0x25;

const escapeBytes = (bytes: Uint8Array): string => {
  let text = '';
  for (const byte of bytes) {
    text +=
      byte >= 0x20 && byte <= 0x7e && byte !== PERCENT
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return text;
};
