/** Reads and writes the files of the commands. A file is there whole or not at all. */
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { errorMessage } from '../error-message.ts';
import { DecodeError } from '../api/codec.ts';
import { isAboutClients } from '../clients/fuzz-file.ts';
import { type Case, readCase } from '../harness/counterexample.ts';
import { LIMITS } from '../limits.ts';
import { shown, UsageError } from './arguments.ts';

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
    mkdirSync(directory, { recursive: true });
    writeFileSync(unfinished, content);
    renameSync(unfinished, path);
  } catch (error) {
    discard(unfinished);
    throw new UsageError(`cannot write ${path}: ${reasonOf(error)}`);
  }
  const short = relative('.', path);
  return short.startsWith('..') ? path : short;
};

/** What is in its way was in the way of the file as well, which has been told. */
const discard = (path: string): void => {
  try {
    rmSync(path, { force: true });
  } catch {
    // Such as a file where a directory should be.
  }
};

/** The system's own word for what is wrong, without its call and path. */
const reasonOf = (error: unknown): string => {
  const message = errorMessage(error);
  return message.replace(/^[A-Z]+: /, '').replace(/, \w+ '.*$/, '');
};
