/** Errors that tell the user what to do, in one line, and are no bugs of ours. */
import { DecodeError } from '../api/codec.ts';
import { ScheduleSyntaxError } from '../harness/parse-words.ts';
import { TargetError } from '../harness/target.ts';
import { UsageError } from './arguments.ts';

export const isUserError = (error: unknown): error is Error =>
  error instanceof UsageError ||
  error instanceof TargetError ||
  error instanceof DecodeError ||
  error instanceof ScheduleSyntaxError;
