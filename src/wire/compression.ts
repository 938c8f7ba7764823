/** gzip, the one compression that etcd knows: of requests, and of replies to who uses it. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { CODE, type Status } from './status.ts';

export const compressed = (message: Uint8Array): Buffer => gzipSync(message);

/** The message, of `max` bytes at most, or with what the call ends. */
export const decompressed = (
  bytes: Uint8Array,
  isEncoded: boolean,
  max: number,
): Buffer | Status => {
  if (!isEncoded) {
    const message = 'grpc: compressed flag set with identity or empty encoding';
    return { code: CODE.internal, message };
  }
  try {
    return gunzipSync(bytes, { maxOutputLength: max });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      const message = `grpc: received message after decompression larger than max ${max}`;
      return { code: CODE.resourceExhausted, message };
    }
    const message = `grpc: failed to decompress the message: ${(error as Error).message}`;
    return { code: CODE.internal, message };
  }
};
