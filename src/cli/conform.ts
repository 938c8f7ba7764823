/** `leasehold conform`: how far a target keeps etcd's rules, as a scorecard. */
import { DecodeError } from '../api/codec.ts';
import { DEFAULT_CONFIG, MINOR_VERSIONS, type MinorVersion } from '../api/config.ts';
import { type Allowed, allowing, needless, readAllowed } from '../conformance/allow.ts';
import type { Case } from '../conformance/case.ts';
import { CASES } from '../conformance/cases.ts';
import { conform } from '../conformance/conform.ts';
import { SPEC_RULES } from '../conformance/rules.ts';
import { type Scorecard, totals } from '../conformance/verdict.ts';
import type { Target } from '../harness/target.ts';
import { scorecardHtml } from '../report/scorecard-html.ts';
import { changedVerdicts, readScorecard, scorecardJson } from '../report/scorecard-json.ts';
import { scorecardJunit } from '../report/scorecard-junit.ts';
import { scorecardMarkdown } from '../report/scorecard-markdown.ts';
import { scorecardText } from '../report/scorecard-text.ts';
import { type Arguments, shown, UsageError } from './arguments.ts';
import { EXIT } from './exit-codes.ts';
import { readText, writeFile } from './files.ts';
import { readSecurity, targetAsked } from './security.ts';
import { Interrupted, Stopper } from './stopper.ts';
import { planTarget } from './targets.ts';
import { Progress, type Terminal } from './terminal.ts';

export async function runConform(args: Arguments, terminal: Terminal): Promise<number> {
  if (args.flag('compare')) return compare(args, terminal);
  const [extra] = args.positionals;
  if (extra !== undefined) {
    throw new UsageError(`conform takes no file but with --compare, not ${extra}`);
  }
  const name = targetAsked(args);
  const request = readRequest(args, name);
  const security = readSecurity(args, name);
  const progress = new Progress(terminal);
  const wanted = { name, etcd: args.text('etcd'), config: DEFAULT_CONFIG, security };
  const stop = new Stopper(terminal);
  const note = (line: string): void => progress.note(line);
  const plan = await stop.unlessStopped(planTarget(wanted, terminal, note, stop.signal));
  const target = await stop.unlessStopped(plan.start());
  const card = await scorecardOf(target, request, stop.stopped, progress);
  progress.clear();
  publish(card, args, terminal);
  for (const id of needless(card, request.allowed)) {
    terminal.err(`--allow: ${id} does not differ any more, its line can go\n`);
  }
  const counts = totals(card.rules);
  if (counts.differs > 0) return EXIT.violation;
  return card.cut === null && counts.agrees > 0 ? EXIT.conformant : EXIT.inconclusive;
}

interface Request {
  readonly semantics: MinorVersion | undefined;
  readonly wanted: (of: Case) => boolean;
  readonly allowed: Allowed;
  readonly disturb: boolean;
}

/** Before anything is started, so that a bad option costs nothing. */
const readRequest = (args: Arguments, name: string): Request => {
  const given = args.text('semantics');
  const semantics = MINOR_VERSIONS.find((version) => version === given);
  if (given !== undefined && semantics === undefined) {
    throw new UsageError(
      `--semantics ${shown(given)}: one of ${MINOR_VERSIONS.join(', ')} is needed`,
    );
  }
  const file = args.text('allow');
  return {
    semantics,
    wanted: wantedBy(args.text('rule')),
    allowed: file === undefined ? new Map() : decoded(file, readAllowed),
    disturb: args.flag('disturb') || !/^https?:/.test(name) || isLoopback(name),
  };
};

/** Cases about rules that the pattern matches: `KA-*`, `EXP-0?`, `TTL-01`. */
const wantedBy = (glob: string | undefined): ((of: Case) => boolean) => {
  if (glob === undefined) return () => true;
  const escaped = glob.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  const pattern = new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'i');
  if (!SPEC_RULES.some(({ id }) => pattern.test(id))) {
    throw new UsageError(
      `--rule ${shown(glob)}: no rule is called that; such as KA-*, EXP-02 are there`,
    );
  }
  return ({ rules }) => rules.some((id) => pattern.test(id));
};

/** Whether all endpoints are of this machine, where nobody else is disturbed unasked. */
const isLoopback = (urls: string): boolean =>
  urls.split(',').every((url) => {
    if (!URL.canParse(url)) return false;
    const { hostname } = new URL(url);
    return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
  });

const scorecardOf = async (
  target: Target,
  { semantics, wanted, allowed, disturb }: Request,
  stopped: () => boolean,
  progress: Progress,
): Promise<Scorecard> => {
  try {
    // It came up while we were patient: a scorecard of nothing says nothing.
    if (stopped()) throw new Interrupted();
    progress.note(`${CASES.length} cases on ${target.name} ${target.version}`);
    const card = await conform(target, {
      ...(semantics === undefined ? {} : { semantics }),
      wanted,
      disturb,
      stopped,
      progress: (done, of) =>
        progress.show(performance.now(), () => `${done} of ${of} cases ended`),
    });
    return allowing(card, allowed);
  } finally {
    await target.close();
  }
};

const publish = (card: Scorecard, args: Arguments, terminal: Terminal): void => {
  // First of all, so that a file that cannot be written costs nobody what was seen.
  terminal.out(args.flag('json') ? scorecardJson(card) : scorecardText(card));
  for (const [option, render] of FILES) {
    const path = args.text(option);
    if (path !== undefined) writeFile(path, render(card));
  }
};

const FILES: readonly (readonly [string, (card: Scorecard) => string])[] = [
  ['markdown', scorecardMarkdown],
  ['junit', scorecardJunit],
  ['html', scorecardHtml],
];

const compare = (args: Arguments, terminal: Terminal): number => {
  const [before, after, ...rest] = args.positionals;
  if (before === undefined || after === undefined || rest.length > 0) {
    throw new UsageError(
      '--compare takes two scorecards: conform --compare BEFORE.json AFTER.json',
    );
  }
  const [was, is] = [decoded(before, readScorecard), decoded(after, readScorecard)];
  const changes = changedVerdicts(was, is);
  terminal.out(`${was.target} → ${is.target}\n`);
  for (const change of changes) terminal.out(`${change}\n`);
  if (changes.length === 0) terminal.out('nothing changed\n');
  return changes.some((line) => line.endsWith('→ differs')) ? EXIT.violation : EXIT.conformant;
};

const decoded = <T>(path: string, read: (content: string) => T): T => {
  const content = readText(path);
  try {
    return read(content);
  } catch (error) {
    if (error instanceof DecodeError) throw new UsageError(`${path}: ${error.message}`);
    throw error;
  }
};
