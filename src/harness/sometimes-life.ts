/** Cases that must occur now and then in the life of a server: restarts, losses of its leader. */
import type { Input } from '../api/input.ts';
import type { Answer } from '../api/response.ts';
import type { Instant } from '../api/units.ts';
import { type Held, isOverdue, SPREAD_FROM, type State, type Step } from '../model/index.ts';
import type { Ability } from './schedule.ts';
import type { Target } from './target.ts';

const OF_RESTARTS = [
  'a restart revived a lease',
  'a restart dropped a keep-alive that waited',
  'a server was down beyond a deadline',
  'a promotion found a checkpoint',
  'a promotion spread its leases',
] as const;

const OF_LEADERS = [
  'a leader was lost while a keep-alive waited',
  'a lease outlived its deadline without a leader',
  'a write waited for a leader, and was done',
  'a write waited for a leader in vain',
  'a read heard of another leader',
  'a read waited for its round',
  'a keep-alive waited for a leader, and was answered',
  'a keep-alive ended its stream without a leader',
  'time-to-live waited for a leader, and was answered',
] as const;

const OF_APPLY = [
  'a write waited for the log, and was done',
  'a write waited for the log in vain, and was done all the same',
  'a read waited for the log',
  'time-to-live waited for the log in vain',
  'a keep-alive waited for the log, and was answered',
  'a keep-alive ended its stream for want of the log',
  'a lease was due while the log waited',
] as const;

export const LIFE_SOMETIMES = [...OF_RESTARTS, ...OF_LEADERS, ...OF_APPLY] as const;

type LifeSometimes = (typeof LIFE_SOMETIMES)[number];

/** Cases that only a server can show to which this can be done. */
const CASES_OF: Readonly<Record<Ability, ReadonlySet<string>>> = {
  restart: new Set(OF_RESTARTS),
  leader: new Set(OF_LEADERS),
  apply: new Set(OF_APPLY),
};

type Saw = (what: LifeSometimes) => void;

export const observeLife = (
  state: State,
  input: Input,
  now: Instant,
  step: Step,
  saw: Saw,
): void => {
  switch (input.kind) {
    case 'restart':
      return observeRestart(state, input, now, saw);
    case 'promote':
      observePromotion(state, saw);
      observeFreed(state, step, saw);
      break;
    case 'wake':
      observeFreed(state, step, saw);
      break;
    case 'demote':
      observeLoss(state, now, saw);
      break;
    case 'range': {
      const { held } = step.state;
      const isHeld = held.length > state.held.length;
      if (isHeld && held.at(-1)?.until === Infinity) saw('a read waited for its round');
      break;
    }
    default:
  }
  if (state.backlog !== null) observeApply(state, input, step, saw);
};

const observeLoss = (state: State, now: Instant, saw: Saw): void => {
  if (state.waiting.length > 0) saw('a leader was lost while a keep-alive waited');
  if (state.leases.all().some((lease) => isOverdue(lease, now))) {
    saw('a lease outlived its deadline without a leader');
  }
};

const observeApply = ({ backlog }: State, input: Input, { answers }: Step, saw: Saw): void => {
  if (input.kind === 'turn' && input.revoked.length > 0)
    saw('a lease was due while the log waited');
  for (const { response } of input.kind === 'catchUp' ? answers : []) {
    if (response.kind === 'putDone') saw('a write waited for the log, and was done');
    if (response.kind === 'rangeResult') saw('a read waited for the log');
    if (response.kind === 'keptAlive') saw('a keep-alive waited for the log, and was answered');
  }
  if (input.kind === 'wake' && backlog !== null) observeGivenUp(backlog.readers, answers, saw);
  if (input.kind !== 'catchUp') return;
  for (const entry of backlog?.log.all().slice(0, backlog.givenUp) ?? []) {
    if (entry.kind !== 'asked' || entry.command.kind !== 'put') continue;
    saw('a write waited for the log in vain, and was done all the same');
  }
};

const observeGivenUp = (readers: readonly Held[], answers: readonly Answer[], saw: Saw): void => {
  const refused = new Set(answers.map(({ token }) => token));
  for (const { command } of readers) {
    if (!refused.has(command.token)) continue;
    if (command.kind === 'timeToLive') saw('time-to-live waited for the log in vain');
    if (command.kind === 'keepAlive') saw('a keep-alive ended its stream for want of the log');
  }
};

const observeRestart = (
  state: State,
  input: Extract<Input, { kind: 'restart' }>,
  now: Instant,
  saw: Saw,
): void => {
  const leases = state.queue.all();
  if (state.waiting.length > 0) saw('a restart dropped a keep-alive that waited');
  if (leases.some((lease) => isOverdue(lease, input.from))) saw('a restart revived a lease');
  if (leases.some((lease) => !isOverdue(lease, input.from) && isOverdue(lease, now))) {
    saw('a server was down beyond a deadline');
  }
};

const observePromotion = (state: State, saw: Saw): void => {
  const leases = state.queue.all();
  if (leases.some(({ remaining }) => remaining > 0)) saw('a promotion found a checkpoint');
  if (leases.length >= SPREAD_FROM) saw('a promotion spread its leases');
};

const observeFreed = ({ held }: State, { answers }: Step, saw: Saw): void => {
  for (const { response } of answers) {
    if (response.kind === 'putDone') saw('a write waited for a leader, and was done');
    if (response.kind === 'remainingTtl') saw('time-to-live waited for a leader, and was answered');
    if (response.kind === 'keptAlive') saw('a keep-alive waited for a leader, and was answered');
    if (response.kind !== 'refused') continue;
    if (response.reason === 'proposal-timed-out') saw('a write waited for a leader in vain');
    if (response.reason === 'leader-changed') saw('a read heard of another leader');
  }
  const refused = new Set(
    answers.flatMap(({ token, response }) => (response.kind === 'refused' ? [token] : [])),
  );
  if (held.some(({ command }) => command.kind === 'keepAlive' && refused.has(command.token))) {
    saw('a keep-alive ended its stream without a leader');
  }
};

/** False for a case of something that cannot be done to the target's server. */
export const canShow = ({ abilities = [] }: Pick<Target, 'abilities'>, name: string): boolean =>
  (Object.keys(CASES_OF) as Ability[]).every(
    (ability) => abilities.includes(ability) || !CASES_OF[ability].has(name),
  );
