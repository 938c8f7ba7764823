/** `leasehold check`: random schedules against a target, or the verdict on a recorded history. */
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { DEFAULT_CONFIG } from '../api/config.ts';
import { RunFailed, Tally } from '../harness/campaign.ts';
import { STOPPED } from '../harness/trial.ts';
import { LIMITS } from '../limits.ts';
import { type Arguments, shown, UsageError } from './arguments.ts';
import { checkFile } from './check-file.ts';
import { type CheckReport, printReport, reportJson, UNKNOWN } from './check-report.ts';
import type { CheckRequest } from './check-request.ts';
import { checkReal } from './check-real.ts';
import { checkVirtual } from './check-virtual.ts';
import { EXIT } from './exit-codes.ts';
import { readSecurity, securityAgain, targetAsked } from './security.ts';
import { command } from './shell.ts';
import { Interrupted, Stopper } from './stopper.ts';
import { planTarget, type TargetPlan } from './targets.ts';
import { Progress, type Terminal } from './terminal.ts';

export async function runCheck(args: Arguments, terminal: Terminal): Promise<number> {
  if (args.positionals.length > 0) return checkFile(args, terminal);
  const progress = new Progress(terminal);
  const options = readOptions(args);
  const stop = new Stopper(terminal, options.budget);
  const request = requestOf(args, options, stop, progress);
  const report = await reportOn(request, options, terminal).catch((error: unknown) => {
    progress.clear();
    if (error instanceof Interrupted) return nothingYet(request, options.target);
    if (error instanceof RunFailed) terminal.err(`again: ${request.repeat}\n`);
    throw error;
  });
  progress.clear();
  const asJson = args.flag('json');
  terminal.out(asJson ? reportJson(report) : printReport(report));
  // Else it would be nowhere.
  if (asJson && report.counterexample === null && report.story !== null) terminal.err(report.story);
  return exitCode(report, stop.stopped());
}

const reportOn = async (
  request: CheckRequest,
  { target, against, etcd, security }: ReturnType<typeof readOptions>,
  terminal: Terminal,
): Promise<CheckReport> => {
  const { stop, progress } = request;
  const note = (line: string): void => progress.note(line);
  const planOf = (name: string): Promise<TargetPlan> => {
    // The version is that of whichever of the two is an etcd.
    const isForOther = against !== undefined && !name.startsWith('etcd');
    const version = isForOther ? undefined : etcd;
    const wanted = { name, etcd: version, config: DEFAULT_CONFIG, security };
    return stop.unlessStopped(planTarget(wanted, terminal, note, stop.signal));
  };
  const plan = await planOf(target);
  const other = against === undefined ? null : await planOf(against);
  return plan.clock === 'virtual' ? checkVirtual(request, plan, other) : checkReal(request, plan);
};

/** The user stopped before a target was up. */
const nothingYet = (request: CheckRequest, name: string): CheckReport => ({
  request,
  target: { name, version: UNKNOWN },
  tally: new Tally(),
  wallMilliseconds: 0,
  virtual: VIRTUAL.has(name),
  verdict: { kind: 'inconclusive', why: STOPPED },
  divergence: null,
  counterexample: null,
  story: null,
});

/** Targets that each thread can start for itself. */
const ON_THREADS: ReadonlySet<string> = new Set(['simulator', 'etcd-virtual']);

/**
 * A real server and its clock take turns with us, so that one check leaves cores idle. A thread
 * takes a while to start.
 */
const jobsFor = (both: readonly string[], runs: number): number => {
  if (!both.includes('etcd-virtual') || !both.every((each) => ON_THREADS.has(each))) return 1;
  return Math.max(1, Math.min(availableParallelism(), MOST_JOBS, Math.floor(runs / RUNS_A_JOB)));
};

const MOST_JOBS = 8;
const RUNS_A_JOB = 20;

/** Targets whose histories can be compared, instant by instant. */
const VIRTUAL: ReadonlySet<string> = new Set(['simulator', 'wire', 'etcd-virtual']);

/** Before anything is fetched or started, so that a bad option costs nothing. */
const readOptions = (args: Arguments) => {
  const target = targetAsked(args);
  const against = args.text('against');
  const jobs = args.count('jobs', LIMITS.jobs);
  const both = against === undefined ? [target] : [target, against];
  if (jobs !== undefined && jobs > 1 && !both.every((each) => ON_THREADS.has(each))) {
    throw new UsageError(`--jobs ${jobs} goes with simulator and etcd-virtual alone`);
  }
  const comparable = [target, against].every((one) => one === undefined || VIRTUAL.has(one));
  if (against !== undefined && !comparable) {
    throw new UsageError(
      `--against ${shown(against)}: only simulator, wire and etcd-virtual can be compared`,
    );
  }
  return {
    target,
    against,
    jobs,
    seed: args.seed() ?? freshSeed(),
    etcd: args.text('etcd'),
    security: readSecurity(args, target),
    budget: args.duration('budget'),
    runs: args.count('runs', LIMITS.runs),
    commands: args.count('commands', LIMITS.commands) ?? 50,
    clients: args.count('clients', LIMITS.clients) ?? 3,
    shard: args.shard(),
  };
};

const requestOf = (
  args: Arguments,
  options: ReturnType<typeof readOptions>,
  stop: Stopper,
  progress: Progress,
): CheckRequest => {
  const { target, against, etcd, seed, commands, clients, shard } = options;
  const allRuns = options.runs ?? (VIRTUAL.has(target) ? 1000 : 100);
  const every = Array.from({ length: allRuns }, (_, run) => run);
  const runs =
    shard === undefined ? every : every.filter((run) => run % shard.of === shard.index - 1);
  const givenOut = args.text('out');
  const repeat = command(
    'check',
    ...(target === 'simulator' ? [] : ['--target', target]),
    ...(against === undefined ? [] : ['--against', against]),
    ...(etcd === undefined ? [] : ['--etcd', etcd]),
    ...securityAgain(args),
    '--runs',
    String(allRuns),
    '--commands',
    String(commands),
    '--clients',
    String(clients),
    ...(shard === undefined ? [] : ['--shard', `${shard.index}/${shard.of}`]),
    '--seed',
    String(seed),
    ...(givenOut === undefined ? [] : ['--out', givenOut]),
  );
  const out = givenOut ?? './leasehold-out';
  const both = against === undefined ? [target] : [target, against];
  const jobs = options.jobs ?? jobsFor(both, runs.length);
  const sizes = { runs, allRuns, commands, clients, jobs };
  return { seed, ...sizes, out, stop, progress, repeat };
};

const freshSeed = (): bigint => randomBytes(8).readBigUInt64LE();

/** What the user cut short is inconclusive, whatever was found until then. */
const exitCode = ({ verdict, divergence }: CheckReport, wasStopped: boolean): number => {
  if (verdict.kind === 'conformant') return EXIT.conformant;
  if (wasStopped) return EXIT.inconclusive;
  return verdict.kind === 'violation' || divergence !== null ? EXIT.violation : EXIT.inconclusive;
};
