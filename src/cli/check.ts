/** `leasehold check`: random schedules against a target, or the verdict on a recorded history. */
import { randomBytes } from 'node:crypto';
import { DEFAULT_CONFIG } from '../api/config.ts';
import { LIMITS } from '../limits.ts';
import { type Arguments, UsageError } from './arguments.ts';
import { checkFile } from './check-file.ts';
import { type CheckReport, printReport, reportJson } from './check-report.ts';
import type { CheckRequest } from './check-request.ts';
import { checkReal } from './check-real.ts';
import { checkVirtual } from './check-virtual.ts';
import { EXIT } from './exit-codes.ts';
import { planTarget, type TargetPlan } from './targets.ts';
import { Progress, type Terminal } from './terminal.ts';

export async function runCheck(args: Arguments, terminal: Terminal): Promise<number> {
  if (args.positionals.length > 0) return checkFile(args, terminal);
  const progress = new Progress(terminal);
  const stop = stopper(args, terminal);
  const seed = args.seed() ?? freshSeed();
  const name = args.text('target') ?? 'simulator';
  const other = args.text('against');
  const options = readOptions(args);
  const onlySimulator = name === 'simulator' && other === undefined;
  if (options.jobs > 1 && !onlySimulator) {
    throw new UsageError(`--jobs ${options.jobs} goes with --target simulator alone`);
  }
  const comparable = [name, other].every((one) => one === undefined || VIRTUAL.has(one));
  if (other !== undefined && !comparable) {
    throw new UsageError(
      `--against ${other}: only simulator, wire and etcd-virtual can be compared`,
    );
  }
  const version = args.text('etcd');
  const planOf = (target: string): Promise<TargetPlan> => {
    // The version is that of whichever of the two is an etcd.
    const isForOther = other !== undefined && !target.startsWith('etcd');
    const request = {
      name: target,
      etcd: isForOther ? undefined : version,
      config: DEFAULT_CONFIG,
    };
    return planTarget(request, terminal, (line) => progress.note(line));
  };
  const plan = await planOf(name);
  const against = other === undefined ? null : await planOf(other);
  const check = requestOf(args, options, plan, seed, stop, progress);
  const report = await (plan.clock === 'virtual'
    ? checkVirtual(check, plan, against)
    : checkReal(check, plan));
  progress.clear();
  terminal.out(args.flag('json') ? reportJson(report) : printReport(report));
  return exitCode(report);
}

/** Targets whose histories can be compared, instant by instant. */
const VIRTUAL: ReadonlySet<string> = new Set(['simulator', 'wire', 'etcd-virtual']);

/** Before anything is fetched or started, so that a bad option costs nothing. */
const readOptions = (args: Arguments) => ({
  runs: args.count('runs', LIMITS.runs),
  commands: args.count('commands', LIMITS.commands) ?? 50,
  clients: args.count('clients', LIMITS.clients) ?? 3,
  jobs: args.count('jobs', LIMITS.jobs) ?? 1,
  shard: args.shard(),
});

const requestOf = (
  args: Arguments,
  options: ReturnType<typeof readOptions>,
  { name, clock }: TargetPlan,
  seed: bigint,
  stop: Stopper,
  progress: Progress,
): CheckRequest => {
  const { commands, clients, jobs, shard } = options;
  const saysSeed = !args.flag('json');
  const allRuns = options.runs ?? (clock === 'virtual' ? 1000 : 100);
  const every = Array.from({ length: allRuns }, (_, run) => run);
  const runs =
    shard === undefined ? every : every.filter((run) => run % shard.of === shard.index - 1);
  const repeat = [
    name === 'simulator' ? '' : ` --target ${name}`,
    args.text('against') === undefined ? '' : ` --against ${args.text('against')}`,
    args.text('etcd') === undefined ? '' : ` --etcd ${args.text('etcd')}`,
    ` --runs ${allRuns} --commands ${commands} --clients ${clients}`,
    shard === undefined ? '' : ` --shard ${shard.index}/${shard.of}`,
  ].join('');
  const out = args.text('out') ?? './leasehold-out';
  const { stopped, onStop } = stop;
  const sizes = { runs, allRuns, commands, clients, jobs };
  return { seed, saysSeed, ...sizes, out, stopped, onStop, progress, repeat };
};

interface Stopper {
  readonly stopped: () => boolean;
  readonly onStop: (react: () => void) => void;
}

/** Stops when the user says so, or when the budget is spent. */
const stopper = (args: Arguments, terminal: Terminal): Stopper => {
  const budget = args.duration('budget');
  const ends = budget === undefined ? Infinity : performance.now() + budget;
  let interrupted = false;
  const reactions: (() => void)[] = [];
  terminal.onInterrupt(() => {
    interrupted = true;
    for (const react of reactions) react();
  });
  return {
    stopped: () => interrupted || performance.now() > ends,
    onStop: (react) => void reactions.push(react),
  };
};

const freshSeed = (): bigint => randomBytes(8).readBigUInt64LE();

const exitCode = ({ verdict, divergence }: CheckReport): number => {
  if (divergence !== null) return EXIT.violation;
  switch (verdict.kind) {
    case 'conformant':
      return EXIT.conformant;
    case 'violation':
      return EXIT.violation;
    case 'inconclusive':
      return EXIT.inconclusive;
  }
};
