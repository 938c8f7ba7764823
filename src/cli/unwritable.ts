/**
 * Refuses places for files that cannot be written, before anything runs: what was found would have
 * nowhere to go. Nothing is made there to find out, so that some are only noticed in the end.
 */
import { accessSync, constants, lstatSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Arguments, shown, UsageError } from './arguments.ts';
import { reasonOf } from './reason.ts';

/** Throws `UsageError`; says nothing of the default, which may never be needed. */
export const refuseUnwritable = (args: Arguments): void => {
  for (const { name, value } of args.command.options) {
    const path = isPlace(name) ? args.text(name) : undefined;
    if (path === undefined) continue;
    const why = path === '' ? `a ${value} is needed` : complaintAbout(path, value === 'DIR');
    if (why !== null) throw new UsageError(`--${name} ${shown(path)}: ${why}`);
  }
};

const isPlace = (option: string): boolean => PLACES.has(option);
const PLACES: ReadonlySet<string> = new Set(['out', 'markdown', 'junit', 'html']);

/** Why it cannot become a directory to write to, or a file; null when it seems that it can. */
const complaintAbout = (path: string, asDirectory: boolean): string | null => {
  const there = nearest(path);
  try {
    const stats = statSync(there);
    if (there === path && !asDirectory) {
      if (stats.isDirectory()) return 'it is a directory';
    } else if (!stats.isDirectory()) return `${there} is not a directory`;
    const directory = stats.isDirectory() ? there : dirname(there);
    accessSync(directory, constants.W_OK | constants.X_OK);
    return null;
  } catch (error) {
    return `${there} cannot be written (${reasonOf(error)})`;
  }
};

/** The path itself, or the last above it that is there; it may be a link to nowhere. */
const nearest = (path: string): string => {
  for (let at = path; ; at = dirname(at)) {
    if (at === dirname(at)) return at;
    try {
      lstatSync(at);
      return at;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Below a file, it is the file that is in the way.
      if (code !== 'ENOENT' && code !== 'ENOTDIR') return at;
    }
  }
};
