/** `leasehold fuzz CLIENT`: random faults between a client and its server, judged by contracts. */
import { randomBytes } from 'node:crypto';
import { type FuzzOptions, shrinkStory, storyOf, trialOptions } from '../clients/campaign.ts';
import type { Contract } from '../clients/contract.ts';
import type { Finding } from '../clients/findings.ts';
import { FUZZ_SCHEMA, type FuzzFile, encodeFuzzFile, linesOf } from '../clients/fuzz-file.ts';
import { CONTRACTS } from '../clients/contracts/contracts.ts';
import { contractNamed } from '../clients/known.ts';
import { regressionTest } from '../clients/regression-test.ts';
import { hashOfTrace } from '../clients/trace-text.ts';
import { contractsFor, tryStory } from '../clients/trial.ts';
import { LIMITS } from '../limits.ts';
import { VERSION } from '../version.ts';
import { type Arguments, UsageError } from './arguments.ts';
import { clientNamed } from './clients.ts';
import { EXIT } from './exit-codes.ts';
import { writeOutput } from './files.ts';
import { fuzzCampaign } from './fuzz-campaign.ts';
import { type FuzzReport, fuzzJson, printFuzz, type TellableFinding } from './fuzz-report.ts';
import { Progress, type Terminal } from './terminal.ts';

export async function runFuzz(args: Arguments, terminal: Terminal): Promise<number> {
  const [client, ...more] = args.positionals;
  if (client === undefined) throw new UsageError('fuzz needs a client: leasehold fuzz etcd3');
  if (more.length > 0) throw new UsageError(`fuzz takes one client, not also ${more.join(' ')}`);
  const contracts = contractsOf(args);
  const runs = args.count('runs', LIMITS.runs) ?? 200;
  const jobs = args.count('jobs', LIMITS.jobs) ?? 1;
  const budget = args.duration('budget');
  const shrinkBudget = args.duration('shrink-budget') ?? 5000;
  const seed = args.seed() ?? randomBytes(8).readBigUInt64LE();
  const version = args.text('etcd');
  const adapter = await clientNamed(client);
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
  const { tally, traceHash } = await fuzzCampaign(
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
  const shrinkStarted = performance.now();
  const told: TellableFinding[] = [];
  for (const [index, finding] of tally.findings.entries()) {
    // What one does not need is left to those after it.
    const share = (shrinkBudget * (index + 1)) / tally.findings.length;
    const stopped = (): boolean => interrupted || late(share, shrinkStarted);
    told.push(await tell(finding, options, client, args, stopped));
  }
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

const contractsOf = (args: Arguments): readonly Contract[] => {
  const id = args.text('contract');
  if (id === undefined) return CONTRACTS;
  const contract = contractNamed(id);
  if (contract !== undefined) return [contract];
  const ids = CONTRACTS.map((known) => known.id).join(', ');
  throw new UsageError(`--contract ${id}: there is none; the contracts are ${ids}`);
};

const lastsOf = (args: Arguments): number => {
  const lasts = args.duration('lasts') ?? 60_000;
  if (lasts >= 1000 && lasts <= LIMITS.storyTime) return lasts;
  throw new UsageError(`--lasts: a story takes from 1s to ${LIMITS.storyTime / 3_600_000}h`);
};

/** Makes the finding's story smaller, and saves it with a test that shows it. */
const tell = async (
  finding: Finding,
  options: FuzzOptions,
  client: string,
  args: Arguments,
  stopped: () => boolean,
): Promise<TellableFinding> => {
  const { adapter } = options;
  const contract = contractNamed(finding.contract) as Contract;
  const trial = trialOptions(finding.run, { ...options, contracts: [contract] });
  const first = await tryStory(storyOf(finding.run, options), trial);
  const smallest = await shrinkStory(first, finding, trial, stopped);
  const reason = adapter.exceptions?.[finding.contract] ?? null;
  if (smallest === null) return { ...finding, reason, what: null, file: null, test: null };
  const { breach } = smallest;
  const file: FuzzFile = {
    schema: FUZZ_SCHEMA,
    versions: { leasehold: VERSION, node: process.version },
    client: { name: client, version: adapter.version },
    etcd: options.version ?? null,
    contract: finding.contract,
    shape: finding.shape,
    what: breach.what,
    seed: trial.seed,
    story: linesOf(smallest.trial.story),
    originalSteps: first.story.steps.length,
    shrink: { attempts: smallest.attempts, complete: smallest.isComplete },
    traceHash: hashOfTrace(smallest.trial.trace),
  };
  const out = args.text('out') ?? './leasehold-out';
  const name = `fuzz-${adapter.name}-${finding.contract}-${finding.shape}`
    .replaceAll(/[^A-Za-z0-9-]+/g, '-')
    .slice(0, 100);
  const path = writeOutput(out, `${name}.json`, encodeFuzzFile(file));
  const test = writeOutput(out, `${name}.test.ts`, regressionTest(file));
  return { ...finding, reason, what: breach.what, file: path, test };
};

const exitFor = ({ findings, tally, wanted }: FuzzReport): number => {
  if (findings.some(({ reason }) => reason === null)) return EXIT.violation;
  if (tally.broken.length > 0 || tally.stories < wanted || tally.connections === 0) {
    return EXIT.inconclusive;
  }
  return EXIT.conformant;
};
