/** `leasehold fuzz CLIENT`: random faults between a client and its server, judged by contracts. */
import { randomBytes } from 'node:crypto';
import { contractsFor } from '../clients/trial.ts';
import { LIMITS } from '../limits.ts';
import { type Arguments, UsageError } from './arguments.ts';
import { etcdVersionOf } from './clients.ts';
import { EXIT } from './exit-codes.ts';
import { runFuzzCommand } from './fuzz-command.ts';
import { fuzzCampaign } from './fuzz-campaign.ts';
import { contractsOf, lastsOf } from './fuzz-options.ts';
import { type FuzzReport, fuzzJson, printFuzz, verdictOf } from './fuzz-report.ts';
import { tellFindings } from './fuzz-tell.ts';
import { Stage } from './stage.ts';
import { Stopper } from './stopper.ts';
import { Progress, type Terminal } from './terminal.ts';

export async function runFuzz(args: Arguments, terminal: Terminal): Promise<number> {
  if (args.userCommand !== undefined) return runFuzzCommand(args, args.userCommand, terminal);
  const plan = planOf(args);
  const { contracts, setting, version } = plan;
  const stopper = new Stopper(terminal);
  const stage = await Stage.open({ client: plan.client, ...version }, stopper);
  const progress = new Progress(terminal);
  if (args.text('seed') === undefined) progress.note(`seed ${setting.seed}`);
  stopper.onStop(() => void stage.close());
  const started = performance.now();
  const isLate = (): boolean => performance.now() - started > plan.budget;
  const numbers = Array.from({ length: plan.runs }, (_, run) => run);
  const ids = contracts.map(({ id }) => id);
  try {
    const { tally, traceHash } = await fuzzCampaign(
      numbers,
      { ...setting, ...version, client: plan.client, contracts: ids },
      {
        jobs: plan.jobs,
        stopped: () => stopper.stopped() || isLate(),
        onStop: stopper.onStop,
        progress: ({ stories, findings }) =>
          progress.show(
            performance.now(),
            () => `${stories} of ${plan.runs} stories, ${findings.length} kinds of breach`,
          ),
      },
    );
    const wallMilliseconds = performance.now() - started;
    const findings = await quietly(() =>
      tellFindings(tally.findings, {
        ...plan,
        stage,
        budget: plan.shrinkBudget,
        stopped: stopper.stopped,
        say: (line) => progress.note(line),
      }),
    );
    progress.clear();
    const report: FuzzReport = {
      client: stage.facts,
      contracts: contractsFor(stage.facts, contracts),
      wanted: plan.runs,
      seed: setting.seed,
      tally,
      traceHash,
      wallMilliseconds,
      findings,
      isInterrupted: stopper.stopped(),
    };
    terminal.out(args.flag('json') ? fuzzJson(report) : printFuzz(report));
    return report.isInterrupted ? EXIT.inconclusive : EXIT[verdictOf(report).kind];
  } finally {
    await stage.close();
  }
}

const planOf = (args: Arguments) => {
  const [client, ...more] = args.positionals;
  if (client === undefined) throw new UsageError('fuzz needs a client: leasehold fuzz etcd3');
  if (more.length > 0) throw new UsageError(`fuzz takes one client, not also ${more.join(' ')}`);
  return {
    client,
    contracts: contractsOf(args),
    runs: args.count('runs', LIMITS.runs) ?? 200,
    jobs: args.count('jobs', LIMITS.jobs) ?? 1,
    budget: args.duration('budget') ?? Infinity,
    shrinkBudget: args.duration('shrink-budget') ?? 5000,
    out: args.text('out') ?? './leasehold-out',
    version: etcdVersionOf(args),
    setting: {
      seed: args.seed() ?? randomBytes(8).readBigUInt64LE(),
      lasts: lastsOf(args),
      leases: args.count('leases', LIMITS.leases) ?? 8,
    },
  };
};

/** What a client prints meanwhile is not what we have to say. */
const quietly = async <T>(work: () => Promise<T>): Promise<T> => {
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr);
  try {
    return await work();
  } finally {
    process.stdout.write = write;
  }
};
