/**
 * Two faults that meet. The first leaves a request in doubt: it is on its way, is lost, comes
 * twice, or the client sleeps over it. The second strikes while the client deals with that, and as
 * a rule for longer than its lease has to live. Most clients bear each of them alone; drawn apart,
 * the one hardly ever falls within the other.
 */
import type { Random } from '../seed.ts';
import type { Aim, CallName, Fault, Side, StoryStep } from './story.ts';

/** A lease from its grant on, be it of a lock or an election. */
export interface Life {
  readonly name: string;
  readonly client: number;
  /** When it is asked for, in milliseconds. */
  readonly at: number;
  /** In seconds. */
  readonly ttl: number;
  /** A key is put with it that others may wait for. */
  readonly isHold: boolean;
}

/** `latest`: when the last fault may strike, and by when those that last have ended. */
export const drawPair = (random: Random, life: Life, latest: number): readonly StoryStep[] => {
  const third = Math.floor((1000 * life.ttl) / 3);
  const renewal = random.pick([0, 0, 0, 1, 1, 2]);
  const asked = life.at + renewal * third;
  const call = renewal > 0 ? 'keep-alive' : life.isHold ? random.pick(TAKING) : 'grant';
  const victim: Victim = { ...life, random, third, call };
  const first = Math.max(0, asked - random.pick([0, 1, 1, 100]));
  const second = asked + drawGap(victim);
  if (second >= latest) return [];
  const doubt = { at: first, act: drawDoubt(victim, latest - first) };
  // Alone, it leaves a client all the time there is to clear it up.
  if (random.chance(1, 4)) return [doubt];
  const draw = random.chance(2, 3) ? drawSilence : drawBlow;
  return [doubt, { at: second, act: draw(victim, latest - second) }];
};

interface Victim extends Life {
  readonly random: Random;
  /** Of its TTL, in milliseconds. */
  readonly third: number;
  /** What is in doubt. */
  readonly call: CallName;
}

/** What a lock or an office begins with. */
const TAKING = ['grant', 'txn'] as const;

/** Before the client asks again, as a rule; at the latest when its time is up. */
const drawGap = ({ random, third }: Victim): number =>
  random.chance(3, 4) ? random.pick([1, 1, 50, 100, 249, 500]) : random.below(3 * third);

const DOUBTS = [
  'delay',
  'delay',
  'delay',
  'delay',
  'lose',
  'lose',
  'overtake',
  'duplicate',
] as const;

/** What leaves it open whether a request was carried out, or when. */
const drawDoubt = (victim: Victim, most: number): Fault => {
  const { call, random, third } = victim;
  if (random.chance(1, 8)) return { kind: 'pause client', for: drawTime(victim, most) };
  const kind = random.pick(DOUBTS);
  const side = random.pick(SIDES);
  const aim = aimAt(victim, call, random.pick([1, 1, 1, 2]));
  if (kind !== 'delay') return { kind, side, aim };
  const by = random.pick(call === 'keep-alive' ? [1001, 2002, third, 2 * third] : SHORT);
  return { kind, side, by: Math.max(1, Math.min(by + random.pick([0, 1, 99]), most)), aim };
};

/** A renewal is asked for again within a second or so; the rest is given up by then. */
const SHORT = [300, 500, 900, 2002];

/** Answers are what clients conclude from. */
const SIDES: readonly Side[] = ['reply', 'reply', 'reply', 'request'];

const SILENCES = ['lose', 'lose', 'lose', 'black-hole', 'pause client'] as const;

/** Nothing is renewed, or nobody hears of it, for longer than there is time. */
const drawSilence = (victim: Victim, most: number): Fault => {
  const { client, random } = victim;
  const kind = random.pick(SILENCES);
  switch (kind) {
    case 'lose':
      return {
        kind,
        side: random.pick(['request', 'reply']),
        aim: aimAt(victim, 'keep-alive', 100),
      };
    case 'black-hole': {
      const direction = random.pick(['in', 'out', 'both'] as const);
      return { kind, direction, client, for: drawTime(victim, most) };
    }
    case 'pause client':
      return { kind, for: drawTime(victim, most) };
  }
};

const BLOWS = [
  'lose',
  'end',
  'reset',
  'disconnect',
  'restart',
  'revoke by another',
  'ttl zero',
  'new leader',
] as const;

/** One thing more goes wrong. */
const drawBlow = (victim: Victim, most: number): Fault => {
  const { call, client, name, random } = victim;
  const kind = random.pick(BLOWS);
  switch (kind) {
    case 'lose':
      return { kind, side: random.pick(SIDES), aim: aimAt(victim, call, random.pick([1, 2, 10])) };
    case 'end':
      return { kind, status: random.pick([0, 14]), aim: aimAt(victim, call, 100) };
    case 'reset':
      return { kind, code: random.pick([0, 2, 7, 8]), aim: aimAt(victim, call, 100) };
    case 'disconnect':
      return { kind, client };
    case 'restart':
      return { kind, down: drawTime(victim, most) };
    case 'revoke by another':
      return { kind, name };
    case 'ttl zero':
      return { kind, aim: aimAt(victim, 'keep-alive', 1) };
    case 'new leader':
      return { kind };
  }
};

/** As a rule for that lease alone, where it has an id by then. */
const aimAt = ({ client, name, random }: Victim, call: CallName, times: number): Aim => ({
  client,
  call,
  times,
  ...(call === 'keep-alive' && random.chance(3, 4) ? { about: name } : {}),
});

/** Up to its deadline, and past it. */
const drawTime = ({ random, third }: Victim, most: number): number =>
  Math.max(1, Math.min(random.pick([2, 3, 3, 4, 6]) * third + random.pick([0, 1, 100]), most));
