/**
 * Reads the arguments of a command. Whatever is wrong with them is one line that says what would be
 * right.
 */
import { parseArgs } from 'node:util';
import { errorMessage } from '../error-message.ts';
import { parseDuration } from '../harness/parse-schedule.ts';
import { ScheduleSyntaxError } from '../harness/parse-words.ts';
import { MAX_SEED, parseSeed } from '../seed.ts';
import { COMMANDS, type CommandSpec } from './usage.ts';

/** The user asked for something that cannot be; exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export class Arguments {
  readonly command: CommandSpec;
  readonly positionals: readonly string[];
  /** A command of the user's: what comes after `--`. */
  readonly userCommand: readonly string[] | undefined;
  readonly #values: Readonly<Record<string, string | boolean | undefined>>;

  constructor(command: CommandSpec, argv: readonly string[]) {
    this.command = command;
    const dashes = command.takesCommand === true ? argv.indexOf('--') : -1;
    const own = joinNegative(command, dashes < 0 ? argv : argv.slice(0, dashes));
    this.userCommand = dashes < 0 ? undefined : argv.slice(dashes + 1);
    const options = Object.fromEntries(
      command.options.map(({ name, value }) => [
        name,
        { type: value === null ? ('boolean' as const) : ('string' as const), ...shortOf(name) },
      ]),
    );
    try {
      const parsed = parseArgs({ args: own, options, allowPositionals: true, strict: true });
      this.#values = parsed.values;
      this.positionals = parsed.positionals;
    } catch (error) {
      throw new UsageError(`${firstSentence(error)}; see leasehold ${command.name} --help`);
    }
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === 'string' ? value : undefined;
  }

  /** A whole number from 1 to `most`. */
  count(name: string, most: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= 1 && value <= most) return value;
    throw new UsageError(`--${name} ${shown(text)}: a whole number from 1 to ${most} is needed`);
  }

  seed(): bigint | undefined {
    const text = this.text('seed');
    if (text === undefined) return undefined;
    const seed = parseSeed(text);
    if (seed !== undefined) return seed;
    throw new UsageError(`--seed ${shown(text)}: a decimal number from 0 to ${MAX_SEED} is needed`);
  }

  /** Milliseconds. */
  duration(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    try {
      const value = parseDuration(text);
      if (value > 0) return value;
    } catch (error) {
      if (!(error instanceof ScheduleSyntaxError)) throw error;
    }
    throw new UsageError(`--${name} ${shown(text)}: a time such as 30s, 500ms or 5m is needed`);
  }

  shard(): { readonly index: number; readonly of: number } | undefined {
    const text = this.text('shard');
    if (text === undefined) return undefined;
    const [, index, of] = (/^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []).map(Number);
    if (index !== undefined && of !== undefined && index >= 1 && index <= of) return { index, of };
    throw new UsageError(`--shard ${shown(text)}: I/N with 1 ≤ I ≤ N is needed, such as 1/4`);
  }

  /** The one file that the command takes. */
  file(): string {
    const [file, ...rest] = this.positionals;
    const { name } = this.command;
    if (file === undefined) throw new UsageError(`${name} needs a file: leasehold ${name} FILE`);
    if (rest.length > 0) throw new UsageError(`${name} takes one file, not also ${rest.join(' ')}`);
    return file;
  }
}

/** What the user wrote, within a line: nothing would not be seen. */
export const shown = (text: string): string => (text === '' ? "''" : text);

/** The command that the first argument names. */
export const commandNamed = (name: string): CommandSpec => {
  const command = COMMANDS.find((spec) => spec.name === name);
  if (command !== undefined) return command;
  const names = COMMANDS.map((spec) => spec.name).join(', ');
  throw new UsageError(`there is no command ${JSON.stringify(name)}; the commands are ${names}`);
};

/**
 * `--runs -1` as `--runs=-1`, so that the line says what is wrong with the number: `parseArgs`
 * takes it for an option.
 */
const joinNegative = ({ options }: CommandSpec, argv: readonly string[]): string[] => {
  const takesValue = new Set(options.flatMap(({ name, value }) => (value ? [`--${name}`] : [])));
  const joined: string[] = [];
  for (const word of argv) {
    const before = joined.at(-1) ?? '';
    const isNegative = /^-\d/.test(word) && takesValue.has(before);
    joined.splice(isNegative ? -1 : joined.length, 1, isNegative ? `${before}=${word}` : word);
  }
  return joined;
};

const shortOf = (name: string): { readonly short?: string } =>
  name === 'help' ? { short: 'h' } : {};

const firstSentence = (error: unknown): string => {
  const message = errorMessage(error);
  const [first = message] = message.split(/\.\s|\n/);
  return first.charAt(0).toLowerCase() + first.slice(1);
};
