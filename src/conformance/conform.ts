/**
 * Runs the cases of the suite on a target, and makes a scorecard of what they came to. On a virtual
 * clock one after the other; on a real one side by side, those that disturb others at the end.
 */
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Token } from '../api/command.ts';
import type { MinorVersion } from '../api/config.ts';
import { DEFAULT_CONFIG } from '../api/config.ts';
import { type Entry, historyHeader } from '../harness/history.ts';
import { parseSchedule } from '../harness/parse-schedule.ts';
import { run, type RunResult } from '../harness/run.ts';
import type { Schedule } from '../harness/schedule.ts';
import { SCHEDULE_HEADER } from '../harness/schedule-text.ts';
import { GatewayClosed, type Target, TargetError } from '../harness/target.ts';
import type { Case, GatewayCase, Need, StoryCase } from './case.ts';
import { CASES } from './cases.ts';
import { isUnimplemented } from './foreign.ts';
import { playGateway } from './gateway.ts';
import { judge } from './judge.ts';
import { versionsThatFit } from './likeness.ts';
import { scorecard } from './scorecard.ts';
import { amongUsers } from './users.ts';
import type { CaseResult, Scorecard } from './verdict.ts';
import { Watchman } from './watchman.ts';

export interface ConformOptions {
  /** The version whose behaviour is expected; default: what the target says it is, or 3.5. */
  readonly semantics?: MinorVersion;
  /** Which cases run; the others are `skipped`. */
  readonly wanted?: (of: Case) => boolean;
  /** Whether cases may disturb those that use the server as well (default: no). */
  readonly disturb?: boolean;
  /** The longest that all cases may take, in real milliseconds; default: two minutes. */
  readonly patienceMs?: number;
  readonly stopped?: () => boolean;
  readonly progress?: (done: number, of: number) => void;
  /** Other cases than those of the suite. */
  readonly cases?: readonly Case[];
}

/** Throws `TargetError` when the target cannot even begin. */
export async function conform(target: Target, options: ConformOptions = {}): Promise<Scorecard> {
  const suite = new Suite(target, options);
  await suite.run();
  return suite.scorecard();
}

/** How many stories run side by side on a real clock. */
const SIDE_BY_SIDE = 80;
const PATIENCE_MS = 120_000;
/** How long requests to the gateway go on when the suite is over before its end. */
const TAKE_BACK_MS = 6_000;

class Suite {
  readonly #target: Target;
  readonly #options: ConformOptions;
  readonly #semantics: MinorVersion;
  readonly #chosen: Scorecard['chosen'];
  readonly #results = new Map<Case, CaseResult>();
  readonly #cases: readonly Case[];
  readonly #watchman: Watchman;
  #token: Token = 0;
  #sessions = 0;
  readonly #share = randomInt(SHARES);

  constructor(target: Target, options: ConformOptions) {
    this.#options = options;
    this.#semantics = options.semantics ?? target.config?.etcd ?? DEFAULT_CONFIG.etcd;
    const said = target.version.startsWith(`${this.#semantics}.`)
      ? 'what it says it is'
      : 'the default';
    this.#chosen = options.semantics === undefined ? said : 'asked for';
    this.#target = withSemantics(target, this.#semantics);
    this.#cases = options.cases ?? CASES;
    const { patienceMs = PATIENCE_MS, stopped = () => false } = options;
    const listens = target.clock === 'real';
    this.#watchman = new Watchman({ patienceMs, stopped, listens });
  }

  async run(): Promise<void> {
    const runnable: Case[] = [];
    for (const each of this.#cases) {
      const why = this.#missing(each);
      if (this.#options.wanted?.(each) === false) this.#without(each, 'skipped', 'not asked for');
      else if (why !== null) this.#without(each, 'not-observable', why);
      else runnable.push(each);
    }
    const disturbing = runnable.filter(isApart);
    const quiet = runnable.filter((each) => !disturbing.includes(each));
    this.#watchman.watch();
    try {
      const one = (each: Case): Promise<void> => this.#one(each);
      if (this.#target.clock === 'virtual') {
        const isAlone = ({ needs }: Case): boolean =>
          this.#target.restartsApart === true && needs.includes('restart');
        const lanes = [runnable.filter(isAlone), runnable.filter((each) => !isAlone(each))];
        await Promise.all(lanes.map((lane) => together(lane, 1, one)));
      } else {
        await together(quiet, SIDE_BY_SIDE, one);
        await together(disturbing, 1, one);
      }
    } finally {
      this.#watchman.dismiss();
    }
  }

  scorecard(): Scorecard {
    const { name, version, clock } = this.#target;
    const cases = this.#cases.map((each) => this.#results.get(each) as CaseResult);
    const [target, semantics, cut] = [
      { name, version, clock },
      this.#semantics,
      this.#watchman.why,
    ];
    return scorecard({ target, semantics, chosen: this.#chosen, cases, cut });
  }

  /** What a case needs and the target lacks; null: nothing. */
  #missing({ needs }: Case): string | null {
    const lacks: Readonly<Record<Need, boolean>> = {
      'virtual clock': this.#target.clock !== 'virtual',
      'running clock': this.#target.clock !== 'real',
      disturbance: this.#target.clock === 'real' && this.#options.disturb !== true,
      'exclusive server': !this.#target.exclusive,
      restart: this.#target.abilities?.includes('restart') !== true,
      'leader loss': this.#target.abilities?.includes('leader') !== true,
      'slow apply': this.#target.abilities?.includes('apply') !== true,
      gateway: this.#target.http === undefined,
      users: this.#target.users === undefined,
      gRPC: this.#target.http === undefined,
    };
    const missing = needs.find((need) => lacks[need]);
    return missing === undefined ? null : LACKS[missing];
  }

  async #one(each: Case): Promise<void> {
    const { why } = this.#watchman;
    if (why !== null) return this.#without(each, 'inconclusive', why);
    const play = 'exchanges' in each ? this.#play(each) : this.#tell(each);
    try {
      this.#results.set(each, await play);
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      if (isUnimplemented(error.message)) return this.#without(each, 'not-observable', NO_WATCH);
      if (error instanceof GatewayClosed) {
        return this.#without(each, 'not-observable', error.message);
      }
      // What does not answer over HTTP may yet answer over gRPC.
      if (!('exchanges' in each)) this.#watchman.end(error.message);
      this.#without(each, 'inconclusive', error.message);
    }
    this.#options.progress?.(this.#results.size, this.#cases.length);
  }

  async #play(each: GatewayCase): Promise<CaseResult> {
    const { http } = this.#target;
    if (http === undefined) throw new TargetError(LACKS.gateway);
    this.#sessions += 1;
    const share = (this.#share + this.#sessions) % SHARES;
    const etcd = this.#semantics;
    const stopped = (): string | null => this.#watchman.why;
    const play = { http, etcd, share, stopped };
    const { users } = this.#target;
    const playing =
      users !== undefined && each.needs.includes('users')
        ? amongUsers(users, play, (among) => playGateway(each, among))
        : playGateway(each, play);
    // What it granted it takes back, if the server lets it.
    const late = this.#watchman.cut.then(async (why): Promise<CaseResult> => {
      await sleep(TAKE_BACK_MS);
      return { case: each, verdict: 'inconclusive', why, ...NOTHING_RAN };
    });
    playing.catch(() => {});
    return Promise.race([playing, late]);
  }

  async #tell(each: StoryCase): Promise<CaseResult> {
    const schedule = scheduleOf(each, this.#semantics);
    const entries: Entry[] = [];
    const exclusive = this.#target.exclusive && isApart(each);
    const header = { ...historyHeader(this.#target, schedule.config), exclusive };
    const running = this.#run(schedule, entries);
    const result = await Promise.race([running, this.#watchman.cut]);
    const lost = entries.find((entry) => entry.kind === 'lost');
    if (lost !== undefined) this.#watchman.end(`the target went away: ${lost.why}`);
    if (typeof result !== 'string') {
      const judged = judge(each, schedule, { header, entries }, result);
      if (judged.verdict !== 'differs' || judged.story === null) return judged;
      return { ...judged, fits: versionsThatFit(each, judged.story, result) };
    }
    // Its session ends with the target, and whatever becomes of it then is nobody's business.
    running.catch(() => {});
    const history = { header, entries: [...entries] };
    const story = { schedule, history, verdict: { kind: 'inconclusive', why: result } } as const;
    return { case: each, verdict: 'inconclusive', why: result, ...NOTHING_RAN, story };
  }

  async #run(schedule: Schedule, entries: Entry[]): Promise<RunResult> {
    const index = this.#sessions;
    this.#sessions += 1;
    const waiting = this.#watchman.listenTo();
    const open: Target['open'] = async (session, sink) => {
      const opened = await this.#target.open(session, sink);
      waiting.opened();
      return opened;
    };
    try {
      return await run(schedule, like(this.#target, { open }), {
        index,
        record: (entry) => {
          entries.push(entry);
          waiting.note(entry);
        },
        nextToken: () => (this.#token += 1),
        stopped: () => this.#watchman.why !== null,
      });
    } finally {
      waiting.over();
    }
  }

  #without(each: Case, verdict: 'skipped' | 'not-observable' | 'inconclusive', why: string): void {
    this.#results.set(each, { case: each, verdict, why, ...NOTHING_RAN });
  }
}

/** What a case comes to that did not run. */
const NOTHING_RAN = { evidence: [], shown: [], fits: [], story: null, talk: [] } as const;

/** Case shares of lease ids, so that suites on one server do not meet. */
const SHARES = 2 ** 20;

/** Cases that others would notice, or that would notice others. */
const isApart = ({ needs }: Case): boolean =>
  needs.includes('disturbance') || needs.includes('exclusive server') || needs.includes('users');

/** The target watches the keys of each story. */
const NO_WATCH = 'the server does not have it: Watch';

const LACKS: Readonly<Record<Need, string>> = {
  'virtual clock': 'it takes a clock that stands still until it is moved',
  'running clock': 'it takes a clock that runs by itself',
  disturbance: 'it would disturb others that use the server',
  'exclusive server': 'it would change what others see of the server',
  restart: 'the target cannot be restarted',
  'leader loss': 'it takes a server that loses its leader',
  'slow apply': 'it takes a server that can be kept from applying its log',
  gateway: 'the target has no HTTP gateway',
  users: 'it takes an etcd of our own, or the user and password of an administrator',
  gRPC: 'the target is within this process, not behind gRPC',
};

/** The schedule of a case, under a version's semantics. */
export const scheduleOf = ({ story }: StoryCase, etcd: MinorVersion): Schedule => {
  const { config, steps } = parseSchedule(`${SCHEDULE_HEADER}${story}\n`);
  return { config: { ...config, etcd }, steps };
};

/** The target, taken for one of another version. */
const withSemantics = (target: Target, etcd: MinorVersion): Target => {
  if (target.config === null || target.config.etcd === etcd) return target;
  return like(target, { config: { ...target.config, etcd } });
};

/** The target, but for some of it. It may be an object of a class. */
const like = (target: Target, other: Partial<Target>): Target => ({
  name: target.name,
  version: target.version,
  clock: target.clock,
  config: target.config,
  minimumTtl: target.minimumTtl,
  exclusive: target.exclusive,
  ...(target.http === undefined ? {} : { http: target.http }),
  ...(target.users === undefined ? {} : { users: target.users }),
  ...(target.abilities === undefined ? {} : { abilities: target.abilities }),
  open: (session, sink) => target.open(session, sink),
  close: () => target.close(),
  ...other,
});

/** Does it for each, some at a time. */
const together = async <T>(
  all: readonly T[],
  atOnce: number,
  act: (one: T) => Promise<void>,
): Promise<void> => {
  const left = [...all];
  const worker = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await act(next);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, left.length) }, worker));
};
