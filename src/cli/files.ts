/** Reads and writes the files of the commands. A file is there whole or not at all. */
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { DecodeError } from '../api/codec.ts';
import { isAboutClients } from '../clients/fuzz-file.ts';
import { type Case, readCase } from '../harness/counterexample.ts';
import { LIMITS } from '../limits.ts';
import { shown, UsageError } from './arguments.ts';
import { reasonOf } from './reason.ts';

/** Throws `UsageError` when there is no such file, or it is none of ours. */
export const readCaseFile = (path: string): Case => decodeFile(path, readCase);

/** Reads a file as `decode` does, which throws `DecodeError` for what it does not understand. */
export const decodeFile = <T>(path: string, decode: (content: string) => T): T => {
  const content = readText(path);
  try {
    return decode(content);
  } catch (error) {
    if (error instanceof DecodeError) throw new UsageError(`${path}: ${error.message}`);
    throw error;
  }
};

/** Whether a file is about clients; false also when it cannot be read. */
export const tellsOfClients = (path: string): boolean => {
  let content: string;
  try {
    content = readText(path);
  } catch {
    // Whoever reads it says what is wrong.
    return false;
  }
  return isAboutClients(content);
};

/** Throws `UsageError` when the file cannot be read, or is too large. */
export const readText = (path: string): string => {
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) throw new UsageError(`cannot read ${path}: it is a directory`);
    const { size } = stats;
    if (size > LIMITS.fileBytes) {
      throw new UsageError(`${path}: ${size} bytes, at most ${LIMITS.fileBytes} are read`);
    }
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`cannot read ${shown(path)}: ${reasonOf(error)}`);
  }
};

/** Writes `content` to the file that the user named. */
export const writeFile = (path: string, content: string): string =>
  writeOutput(dirname(path), basename(path), content);

/** Writes `content` to `name` in `directory`, which is made when needed; gives the path to show. */
export const writeOutput = (directory: string, name: string, content: string): string => {
  const path = join(directory, name);
  const unfinished = `${path}.${process.pid}.tmp`;
  try {
    makeDirectory(directory);
    writeFileSync(unfinished, content);
    renameSync(unfinished, path);
  } catch (error) {
    discard(unfinished);
    throw new UsageError(`cannot write ${path}: ${reasonOf(error)}`);
  }
  const short = relative('.', path);
  return short.startsWith('..') ? path : short;
};

/**
 * The same for what was found, which must not be lost with its file: what keeps it from being
 * saved is told in one line, and the path is null.
 */
export const saveOutput = (
  [directory, name]: readonly [string, string],
  content: string,
  say: (line: string) => void,
): string | null => {
  try {
    return writeOutput(directory, name, content);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    say(`leasehold: ${error.message}`);
    return null;
  }
};

/**
 * With those above it. One by one: Node's own way never ends below a directory that takes none,
 * such as /proc.
 */
const makeDirectory = (path: string): void => {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  if (dirname(path) !== path) makeDirectory(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process may have been faster.
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
};

/** What is in its way was in the way of the file as well, which has been told. */
const discard = (path: string): void => {
  try {
    rmSync(path, { force: true });
  } catch {
    // Such as a file where a directory should be.
  }
};
