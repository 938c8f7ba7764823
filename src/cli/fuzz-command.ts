/** `leasehold fuzz -- COMMAND`: a client that is a program of somebody's, on the real clock. */
import { randomBytes } from 'node:crypto';
import type { CommandClient } from '../clients/live/command.ts';
import { commandClient } from '../clients/live/command.ts';
import { fuzzLive, type LiveFinding, type LiveFuzzOptions } from '../clients/live/live-campaign.ts';
import { endStragglers } from '../clients/live/stragglers.ts';
import { encodeFuzzFile, FUZZ_SCHEMA, type FuzzFile, linesOf } from '../clients/fuzz-file.ts';
import { contractsFor } from '../clients/trial.ts';
import { LIMITS } from '../limits.ts';
import { VERSION } from '../version.ts';
import { type Arguments, UsageError } from './arguments.ts';
import { etcdVersionOf } from './clients.ts';
import { EXIT } from './exit-codes.ts';
import { saveOutput } from './files.ts';
import {
  type CommandReport,
  commandJson,
  commandVerdict,
  printCommand,
} from './fuzz-command-report.ts';
import { contractsOf, lastsOf } from './fuzz-options.ts';
import { Stopper } from './stopper.ts';
import { Progress, type Terminal } from './terminal.ts';

export const runFuzzCommand = async (
  args: Arguments,
  command: readonly string[],
  terminal: Terminal,
): Promise<number> => {
  try {
    return await run(args, command, terminal);
  } finally {
    endStragglers();
  }
};

const run = async (
  args: Arguments,
  command: readonly string[],
  terminal: Terminal,
): Promise<number> => {
  const [also] = args.positionals;
  if (also !== undefined) throw new UsageError(`fuzz takes one client, not ${also} and a command`);
  const contracts = contractsOf(args);
  const runs = args.count('runs', LIMITS.runs) ?? 100;
  const sideBySide = args.count('jobs', LIMITS.jobs) ?? 20;
  const budget = args.duration('budget') ?? Infinity;
  const seed = args.seed() ?? randomBytes(8).readBigUInt64LE();
  const version = etcdVersionOf(args);
  const lasts = lastsOf(args, 20_000);
  const leases = args.count('leases', LIMITS.leases) ?? 8;
  const stop = new Stopper(terminal);
  const { adapter } = await stop.unlessStopped(usable(command));
  const progress = new Progress(terminal);
  if (args.text('seed') === undefined) progress.note(`seed ${seed}`);
  const started = performance.now();
  const options: LiveFuzzOptions = {
    command,
    adapter,
    contracts,
    seed,
    lasts,
    leases,
    sideBySide,
    stopped: () => stop.stopped() || performance.now() - started > budget,
    ...version,
  };
  const tally = await fuzzLive(runs, options, (stories, findings) =>
    progress.show(
      performance.now(),
      () => `${stories} of ${runs} stories, ${findings} kinds of breach`,
    ),
  );
  progress.clear();
  const report: CommandReport = {
    ...options,
    contracts: contractsFor(adapter, contracts),
    wanted: runs,
    tally,
    wallMilliseconds: performance.now() - started,
    files: tally.findings.map((finding) =>
      save(finding, options, args.text('out') ?? './leasehold-out', (line) => progress.note(line)),
    ),
  };
  terminal.out(args.flag('json') ? commandJson(report) : printCommand(report));
  return EXIT[commandVerdict(report)];
};

/** Starts it once; throws `UsageError` when it is no client. */
export const usable = async (
  command: readonly string[],
): Promise<Extract<CommandClient, { readonly complaint: null }>> => {
  const [program] = command;
  if (program === undefined) throw new UsageError('after -- a command is needed: -- ./my-client');
  const found = await commandClient(command);
  if (found.complaint === null) return found;
  throw new UsageError(`${command.join(' ')} is no client: ${found.complaint}`);
};

const save = (
  finding: LiveFinding,
  { adapter, command, seed, version }: LiveFuzzOptions,
  out: string,
  say: (line: string) => void,
): string | null => {
  const file: FuzzFile = {
    schema: FUZZ_SCHEMA,
    versions: { leasehold: VERSION, node: process.version },
    client: { name: command.join(' '), version: adapter.version },
    etcd: version ?? null,
    contract: finding.contract,
    shape: finding.shape,
    what: finding.what,
    seed,
    story: linesOf(finding.story),
    originalSteps: finding.story.steps.length,
    shrink: null,
    // On a real clock no two runs are the same.
    traceHash: '',
  };
  const name = `fuzz-${adapter.name}-${finding.contract}-${finding.shape}`
    .replaceAll(/[^A-Za-z0-9-]+/g, '-')
    .slice(0, 100);
  return saveOutput([out, `${name}.json`], encodeFuzzFile(file), say);
};
