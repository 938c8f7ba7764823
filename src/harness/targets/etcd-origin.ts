/** What the ways to come by an etcd have in common. */
import { createHash } from 'node:crypto';
import { accessSync, constants, createReadStream, statSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/** Where one version of etcd comes from. */
export interface Origin {
  /** «fetching etcd 3.5.30 (Debian sid)»; where to follows. */
  readonly making: string;
  /** «fetched etcd 3.5.30» */
  readonly made: string;
  /** «fetched from Debian sid» */
  readonly how: string;
  /** Whether `folder` of the cache holds it, undamaged. */
  isSound(folder: string): Promise<boolean>;
  /**
   * Leaves its programs in a folder below `directory`, which exists and is empty, and gives that
   * folder's path. Throws `TargetError` when it cannot be had, or when `signal` ends it.
   */
  make(directory: string, env: Environment, signal?: AbortSignal): Promise<string>;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The SHA-256 of a file, in hexadecimal. */
export const sha256Of = async (file: string): Promise<string> => {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
};

export const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
};
