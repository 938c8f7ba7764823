/** `leasehold fuzz CLIENT`: random faults between a client and its server, judged by contracts. */
import { randomBytes } from 'node:crypto';
import type { FuzzOptions } from '../clients/campaign.ts';
import { contractsFor } from '../clients/trial.ts';
import { LIMITS } from '../limits.ts';
import { type Arguments, UsageError } from './arguments.ts';
import { clientNamed } from './clients.ts';
import { EXIT } from './exit-codes.ts';
import { runFuzzCommand } from './fuzz-command.ts';
import { fuzzCampaign } from './fuzz-campaign.ts';
import { contractsOf, lastsOf, versionOf } from './fuzz-options.ts';
import { type FuzzReport, fuzzJson, printFuzz } from './fuzz-report.ts';
import { tellFindings } from './fuzz-tell.ts';
import { Progress, type Terminal } from './terminal.ts';

export async function runFuzz(args: Arguments, terminal: Terminal): Promise<number> {
  const { userCommand } = args;
  if (userCommand !== undefined) return runFuzzCommand(args, userCommand, terminal);
  const [client, ...more] = args.positionals;
  if (client === undefined) throw new UsageError('fuzz needs a client: leasehold fuzz etcd3');
  if (more.length > 0) throw new UsageError(`fuzz takes one client, not also ${more.join(' ')}`);
  const contracts = contractsOf(args);
  const runs = args.count('runs', LIMITS.runs) ?? 200;
  const jobs = args.count('jobs', LIMITS.jobs) ?? 1;
  const budget = args.duration('budget');
  const shrinkBudget = args.duration('shrink-budget') ?? 5000;
  const seed = args.seed() ?? randomBytes(8).readBigUInt64LE();
  const version = versionOf(args);
  const adapter = await clientNamed(client, version);
  const setting = {
    seed,
    lasts: lastsOf(args),
    leases: args.count('leases', LIMITS.leases) ?? 8,
    ...(version === undefined ? {} : { version }),
  };
  const options: FuzzOptions = { ...setting, adapter, contracts };
  const progress = new Progress(terminal);
  if (args.text('seed') === undefined) progress.note(`seed ${seed}`);
  let interrupted = false;
  terminal.onInterrupt(() => {
    interrupted = true;
  });
  const started = performance.now();
  const late = (limit: number | undefined, since: number): boolean =>
    limit !== undefined && performance.now() - since > limit;
  const numbers = Array.from({ length: runs }, (_, run) => run);
  const ids = contracts.map(({ id }) => id);
  const { tally, traceHash, hasLost } = await fuzzCampaign(
    numbers,
    { ...setting, client, contracts: ids },
    {
      jobs,
      stopped: () => interrupted || late(budget, started),
      progress: ({ stories, findings }) =>
        progress.show(
          performance.now(),
          () => `${stories} of ${runs} stories, ${findings.length} kinds of breach`,
        ),
    },
  );
  const wallMilliseconds = performance.now() - started;
  const told = await quietly(() =>
    tellFindings(tally.findings, {
      options,
      client,
      out: args.text('out') ?? './leasehold-out',
      budget: shrinkBudget,
      stopped: () => interrupted || hasLost,
    }),
  );
  progress.clear();
  const report: FuzzReport = {
    adapter,
    contracts: contractsFor(adapter, contracts),
    wanted: runs,
    seed,
    tally,
    traceHash,
    wallMilliseconds,
    findings: told,
  };
  terminal.out(args.flag('json') ? fuzzJson(report) : printFuzz(report));
  return exitFor(report);
}

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

const exitFor = ({ findings, tally, wanted }: FuzzReport): number => {
  if (findings.some(({ reason }) => reason === null)) return EXIT.violation;
  if (tally.broken.length > 0 || tally.stories < wanted || tally.connections === 0) {
    return EXIT.inconclusive;
  }
  return EXIT.conformant;
};
