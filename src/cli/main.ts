#!/usr/bin/env node
/** The command `leasehold`. */
import { RunFailed } from '../harness/campaign.ts';
import { VERSION } from '../version.ts';
import { Arguments, commandNamed, UsageError } from './arguments.ts';
import { runCheck } from './check.ts';
import { runConform } from './conform.ts';
import { isUserError } from './errors.ts';
import { EXIT } from './exit-codes.ts';
import { tellsOfClients } from './files.ts';
import { runReplay } from './replay.ts';
import { runReport } from './report.ts';
import { runShrink } from './shrink.ts';
import { Interrupted } from './stopper.ts';
import { processTerminal, type Terminal } from './terminal.ts';
import { refuseUnwritable } from './unwritable.ts';
import { commandHelp, generalHelp } from './usage.ts';

/** Runs one command and gives its exit code. */
export async function runCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = argv;
  try {
    if (name === undefined) {
      terminal.err(generalHelp());
      return EXIT.usage;
    }
    if (name === '--help' || name === '-h' || name === 'help') {
      const about = rest.find((word) => !word.startsWith('-'));
      terminal.out(about === undefined ? generalHelp() : commandHelp(commandNamed(about)));
      return 0;
    }
    if (name === '--version' || name === '-v') {
      terminal.out(`${VERSION}\n`);
      return 0;
    }
    const args = new Arguments(commandNamed(name), rest);
    if (args.flag('help')) {
      terminal.out(commandHelp(args.command));
      return 0;
    }
    refuseUnwritable(args);
    return await RUN[args.command.name as keyof typeof RUN](args, terminal);
  } catch (error) {
    return failed(error, terminal);
  }
}

type Run = (args: Arguments, terminal: Terminal) => Promise<number>;

/** A command that takes a file, of schedules or of clients. */
const forFile =
  (name: 'replay' | 'shrink' | 'report', run: Run): Run =>
  async (args, terminal) => {
    const isOfClients = tellsOfClients(args.file());
    const { userCommand } = args;
    if (userCommand !== undefined) {
      if (!isOfClients) throw new UsageError(`${args.file()} is no story of clients: no command`);
      const { ON_COMMAND } = await import('./command-case.ts');
      return ON_COMMAND[name](args, userCommand, terminal);
    }
    if (!isOfClients) return run(args, terminal);
    const { ON_FUZZ_FILE } = await import('./fuzz-case.ts');
    return ON_FUZZ_FILE[name](args, terminal);
  };

const RUN = {
  check: runCheck,
  conform: runConform,
  replay: forFile('replay', runReplay),
  shrink: forFile('shrink', runShrink),
  report: forFile('report', runReport),
  // Loaded when they are asked for: they bring gRPC along.
  fuzz: async (args: Arguments, terminal: Terminal) => {
    const { runFuzz } = await import('./fuzz.ts');
    return runFuzz(args, terminal);
  },
  serve: async (args: Arguments, terminal: Terminal) => {
    const { runServe } = await import('./serve.ts');
    return runServe(args, terminal);
  },
};

const failed = (error: unknown, terminal: Terminal): number => {
  if (error instanceof Interrupted) {
    terminal.err('leasehold: stopped before there was anything to say\n');
    return EXIT.inconclusive;
  }
  if (isUserError(error)) {
    terminal.err(`leasehold: ${error.message}\n`);
    return EXIT.usage;
  }
  const thrown = error instanceof RunFailed ? error.cause : error;
  const where = error instanceof RunFailed ? ` in ${error.message}` : '';
  const shown = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  // By its name: in a thread it has lost its class.
  const isInvariant = thrown instanceof Error && thrown.name === 'InvariantViolation';
  const what = isInvariant ? 'broken invariant' : 'unexpected error';
  terminal.err(`leasehold: a bug of leasehold itself (${what}${where}); please report it\n`);
  terminal.err(`${shown}\n`);
  return EXIT.bug;
};

const terminal = processTerminal();
const code = await runCommand(process.argv.slice(2), terminal);
process.exitCode = (await terminal.isLost()) ? EXIT.usage : code;
if (terminal.isClosed()) {
  // Node would abort, as it cannot set such a terminal back: it ends as if it had not minded.
  process.on('exit', () => {
    process.removeAllListeners('SIGHUP');
    process.kill(process.pid, 'SIGHUP');
  });
}
// oxlint-disable-next-line unicorn/no-process-exit -- a target that was just starting would go on
if (terminal.wasInterrupted()) process.exit();
