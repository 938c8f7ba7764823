/**
 * Many random schedules side by side on one real server, as sessions of one history, so that
 * lifetimes overlap.
 */
import type { Token } from '../api/command.ts';
import { type CampaignOptions, inRun, scheduleOf, Tally } from './campaign.ts';
import { verdictOn } from './check.ts';
import { type Entry, type History, historyHeader } from './history.ts';
import { type RunResult, run } from './run.ts';
import { requestCount, type Schedule } from './schedule.ts';
import type { Target } from './target.ts';
import { STOPPED } from './trial.ts';
import type { Verdict } from './verdict.ts';

export interface SharedRun {
  readonly run: number;
  readonly schedule: Schedule;
  readonly result: RunResult;
}

export interface SharedCampaign {
  readonly tally: Tally;
  readonly runs: readonly SharedRun[];
  readonly history: History;
  /** Inconclusive when it was stopped and what was seen until then is no violation. */
  readonly verdict: Verdict;
}

/**
 * Milliseconds between the starts of two sessions, so that their deadlines spread over the server's
 * turns.
 */
const STAGGER = 7;

/** Runs them all at once on `target` and judges the common history. */
export async function campaignTogether(
  target: Target,
  options: CampaignOptions,
): Promise<SharedCampaign> {
  const tally = new Tally();
  const numbers = [...options.runs];
  const entries: Entry[] = [];
  const record = (entry: Entry): void => void entries.push(entry);
  let token: Token = 0;
  const nextToken = (): Token => (token += 1);
  const finish = barrier(numbers.length);
  const stopped = options.stopped ?? (() => false);
  const schedules: Schedule[] = [];
  for (const [index, number] of numbers.entries()) {
    // Hundreds of long ones take a minute.
    await options.breathe?.();
    if (stopped()) return nothingOf(target, options);
    const generated = await inRun(options.seed, number, () =>
      Promise.resolve(scheduleOf(number, target, options)),
    );
    schedules.push(delayed(generated, index * STAGGER));
  }
  const runOne = async (number: number, index: number): Promise<SharedRun> => {
    const schedule = schedules[index] as Schedule;
    const result = await run(schedule, target, { index, record, nextToken, finish, stopped });
    return { run: number, schedule, result };
  };
  const runs = await Promise.all(
    numbers.map(async (number, index) => {
      const done = await inRun(options.seed, number, () => runOne(number, index));
      if (done.result.complete) tally.runs += 1;
      tally.commands += done.result.steps.length;
      tally.operations += done.result.steps.reduce((sum, { step }) => sum + requestCount(step), 0);
      await options.progress?.(tally);
      return done;
    }),
  );
  const last = entries.at(-1);
  if (last !== undefined) entries.push({ kind: 'end', at: last.at });
  const history = { header: historyHeader(target, options.config), entries };
  const found = verdictOn(history, tally.coverage);
  const wasCut = options.stopped?.() === true && runs.some(({ result }) => !result.complete);
  const verdict: Verdict =
    wasCut && found.kind !== 'violation' ? { kind: 'inconclusive', why: STOPPED } : found;
  return { tally, runs, history, verdict };
}

/** Of one that was stopped before anything ran. */
const nothingOf = (target: Target, { config }: CampaignOptions): SharedCampaign => ({
  tally: new Tally(),
  runs: [],
  history: { header: historyHeader(target, config), entries: [] },
  verdict: { kind: 'inconclusive', why: STOPPED },
});

/** The part of a shared history that one session made. */
export const sessionHistory = ({ header, entries }: History, session: number): History => {
  const tokens = new Set<Token>();
  const own = entries.filter((entry) => {
    if (entry.kind === 'call' && entry.session === session) tokens.add(entry.command.token);
    if (entry.kind === 'return') return tokens.has(entry.token);
    return !('session' in entry) || entry.session === session;
  });
  return { header: { ...header, exclusive: false }, entries: own };
};

const delayed = (schedule: Schedule, by: number): Schedule => {
  const [first, ...rest] = schedule.steps;
  if (first === undefined || first.at.from !== 'previous') return schedule;
  const at = { ...first.at, offset: (first.at.offset + by) as typeof first.at.offset };
  return { ...schedule, steps: [{ ...first, at }, ...rest] };
};

/** A promise for each of `count` callers that resolves when all have called. */
const barrier = (count: number): (() => Promise<void>) => {
  let missing = count;
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return () => {
    missing -= 1;
    if (missing === 0) open();
    return opened;
  };
};
