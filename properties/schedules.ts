/**
 * Schedules as a fast-check arbitrary. It makes them with `generate` and shrinks them with
 * `smaller`.
 */
import { fc } from '@fast-check/vitest';
import { asBytes, NO_BYTES } from '../src/api/bytes.ts';
import { DEFAULT_CONFIG, type ServerConfig } from '../src/api/config.ts';
import { milliseconds } from '../src/api/units.ts';
import { generate } from '../src/harness/generate.ts';
import type { Ability, Action, Schedule, ScheduleStep, When } from '../src/harness/schedule.ts';
import { printSchedule } from '../src/harness/schedule-text.ts';
import { smaller } from '../src/harness/smaller.ts';
import { Seed } from '../src/seed.ts';

export interface SchedulesOptions {
  /** The settings to choose from; default etcd's own, in each minor version. */
  readonly configs?: readonly ServerConfig[];
  /** Steps at most; default 60. */
  readonly commands?: number;
  /** Clients at most; default 3. */
  readonly clients?: number;
  /** What may be done to the server; default: nothing. */
  readonly abilities?: readonly Ability[];
  /** How many leases that are due together precede each schedule: from, to. Default none. */
  readonly backlog?: readonly [number, number];
}

export const schedules = (options: SchedulesOptions = {}): fc.Arbitrary<Schedule> =>
  new ScheduleArbitrary(options);

/** What every version is run under. */
const CONFIGS: readonly ServerConfig[] = [
  DEFAULT_CONFIG,
  { ...DEFAULT_CONFIG, etcd: '3.4' },
  { ...DEFAULT_CONFIG, etcd: '3.6' },
  { ...DEFAULT_CONFIG, etcd: '3.7' },
];

class ScheduleArbitrary extends fc.Arbitrary<Schedule> {
  readonly #options: SchedulesOptions;

  constructor(options: SchedulesOptions) {
    super();
    this.#options = options;
  }

  override generate(random: fc.Random): fc.Value<Schedule> {
    const { abilities = [], configs = CONFIGS, commands = 60, clients = 3 } = this.#options;
    const { backlog } = this.#options;
    const seed = Seed.of(BigInt(random.nextInt(0, 2 ** 31 - 1)));
    const schedule = generate(seed, {
      config: configs[random.nextInt(0, configs.length - 1)] as ServerConfig,
      commands: random.nextInt(1, commands),
      clients: random.nextInt(1, clients),
      clock: 'virtual',
      abilities,
    });
    if (backlog === undefined) return valueOf(schedule);
    const before = backlogOf(random.nextInt(...backlog), random);
    return valueOf({ ...schedule, steps: [...before, ...schedule.steps] });
  }

  /** A schedule is all that shrinking it needs. */
  override canShrinkWithoutContext(value: unknown): value is Schedule {
    return typeof value === 'object' && value !== null && 'steps' in value && 'config' in value;
  }

  override shrink(schedule: Schedule): fc.Stream<fc.Value<Schedule>> {
    return fc.stream(candidates(schedule));
  }
}

function* candidates(schedule: Schedule): IterableIterator<fc.Value<Schedule>> {
  for (const candidate of smaller(schedule)) yield valueOf(candidate);
}

/** A counterexample is shown as text that `leasehold replay` reads. */
const valueOf = (schedule: Schedule): fc.Value<Schedule> => {
  const shown = { ...schedule };
  const value = (): string => `\n${printSchedule(schedule)}`;
  Object.defineProperty(shown, fc.toStringMethod, { value, enumerable: false });
  return new fc.Value(shown, undefined);
};

/** That many leases that are due together, keys for some of them, and reads while they go. */
const backlogOf = (count: number, random: fc.Random): ScheduleStep[] => {
  const later = random.nextInt(1, 200);
  const [first, last] = ['Y', `X.${later}`];
  const flags = { ignoreLease: false, ignoreValue: false, prevKv: false };
  const put = { kind: 'put', key: asBytes('y'), value: NO_BYTES, lease: first, ...flags } as const;
  const now: When = { from: 'previous', offset: milliseconds(0) };
  const soon: When = { from: 'previous', offset: milliseconds(100) };
  const step = (at: When, action: Action): ScheduleStep => {
    const client = action.kind === 'jump' ? 0 : 1;
    return { at, client, action, expect: null };
  };
  const turns = milliseconds(random.nextInt(0, 2) * 500);
  const leaps = random.nextInt(0, 1) === 1;
  return [
    step(now, { kind: 'grant', lease: first, count: count - later, ttl: 2n, id: 0n }),
    step(soon, { kind: 'grant', lease: 'X', count: later, ttl: 2n, id: 0n }),
    step(now, { ...put, count: 30, spread: true }),
    ...(leaps ? [step(now, { kind: 'jump', by: milliseconds(random.nextInt(1, 5000)) })] : []),
    step({ from: 'turn', lease: `${first}.1`, offset: turns }, { kind: 'leases' }),
    step(now, { kind: 'timeToLive', lease: last, count: 1, keys: true }),
    step(now, { kind: 'keepAlive', lease: last, count: 1, stream: 9 }),
  ];
};
