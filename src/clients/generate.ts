/**
 * Random stories of clients, aimed at the instants where they break: just before a deadline, at a
 * third of a TTL, within a reconnect. The same seed and options give the same story.
 *
 * Faults end before the story does: what is left of it shows whether clients recover.
 */
import type { Random, Seed } from '../seed.ts';
import type { Ability } from './adapter.ts';
import { drawPair, type Life } from './fault-pairs.ts';
import { callsFor, chooseFaultKinds, drawFault } from './fault-pools.ts';
import type { Act, ClientStory, Fault, StoryStep } from './story.ts';

export interface GenerateStoryOptions {
  readonly abilities: readonly Ability[];
  /** Milliseconds. */
  readonly lasts: number;
  /** Leases, locks and elections of a story, at most; it has fewer as a rule. */
  readonly leases: number;
  /** Whether it has that many. */
  readonly isFull?: boolean;
  /** Of TTLs, in seconds. */
  readonly longest?: number;
}

export const generateStory = (seed: Seed, options: GenerateStoryOptions): ClientStory =>
  new Generator(seed, options).story();

const TTLS = [1, 2, 3, 3, 5, 6, 9, 10, 10, 15, 30] as const;

/** Instants around another one. */
const NEAR = [-100, -1, 0, 0, 1, 99, 100, 101] as const;

/** Of the story's length, what is free of faults at the end. */
const CALM = 0.3;

/** How many faults a story has, and how many where pairs of them would be disturbed. */
const SOME = [0, 1, 1, 2, 2, 3, 4, 6] as const;
const FEW = [0, 0, 0, 1, 2] as const;

class Generator {
  readonly #options: GenerateStoryOptions;
  readonly #acts: Random;
  readonly #faults: Random;
  readonly #pairs: Random;
  readonly #clients: number;
  readonly #steps: StoryStep[] = [];
  /** Instants at which something happens, if all goes well. */
  readonly #moments: number[] = [];
  readonly #names: string[] = [];
  readonly #ttls: number[] = [];
  readonly #lives: Life[] = [];

  constructor(seed: Seed, options: GenerateStoryOptions) {
    this.#options = options;
    this.#acts = seed.split('acts').random();
    this.#faults = seed.split('faults').random();
    this.#pairs = seed.split('pairs').random();
    const contenders = this.#has('lock') || this.#has('election');
    this.#clients = this.#acts.pick(contenders ? [1, 2, 2, 3] : [1, 1, 1, 2]);
  }

  story(): ClientStory {
    const { leases, lasts, isFull } = this.#options;
    const count =
      isFull === true ? leases : Math.min(leases, this.#acts.pick([1, 1, 2, 2, 3, 5, 8]));
    for (let index = 0; index < count; index += 1) this.#addLife(index);
    if (this.#acts.chance(1, 10)) {
      this.#add(this.#moment(), { kind: 'close', client: this.#acts.below(this.#clients) });
    }
    this.#addFaults(this.#addPairs() === 0 ? SOME : FEW);
    const steps = this.#steps.toSorted((left, right) => left.at - right.at);
    return { steps, lasts };
  }

  #has(ability: Ability): boolean {
    return this.#options.abilities.includes(ability);
  }

  #addLife(index: number): void {
    const random = this.#acts;
    const client = random.below(this.#clients);
    const ttl = random.pick(TTLS.filter((ttl) => ttl <= (this.#options.longest ?? Infinity)));
    const at = random.chance(1, 2) ? 0 : random.below(this.#options.lasts / 3);
    this.#ttls.push(ttl);
    const kinds = ['lease', 'lease', 'lease', 'lock', 'election'] as const;
    const able = kinds.filter((kind) => this.#has(kind));
    switch (random.pick(able)) {
      case 'lease':
        return this.#addLease(letter(index), client, ttl, at);
      case 'lock':
        return this.#addTurns(`L${1 + random.below(2)}`, ['lock', 'unlock'], ttl, at);
      case 'election':
        return this.#addTurns(`E${1 + random.below(2)}`, ['campaign', 'resign'], ttl, at);
    }
  }

  #addLease(name: string, client: number, ttl: number, at: number): void {
    const random = this.#acts;
    this.#names.push(name);
    this.#add(at, { kind: 'grant', client, name, ttl });
    this.#note({ client, name, at, ttl, isHold: false });
    if (this.#has('put') && random.chance(1, 2)) {
      this.#add(this.#after(at), { kind: 'put', client, name, key: `k${name}` });
    }
    const end = random.pick(['stays', 'stays', 'revoke', 'release'] as const);
    if (end !== 'stays') this.#add(this.#after(at), { kind: end, client, name });
  }

  /** Two clients who want the same, if there are two. */
  #addTurns(
    name: string,
    [take, give]: readonly ['lock', 'unlock'] | readonly ['campaign', 'resign'],
    ttl: number,
    at: number,
  ): void {
    const random = this.#acts;
    if (this.#names.includes(name)) return;
    this.#names.push(name);
    const first = random.below(this.#clients);
    const contenders =
      this.#clients > 1 && random.chance(2, 3) ? [first, (first + 1) % this.#clients] : [first];
    for (const client of contenders) {
      const begins = at + (client === first ? 0 : random.pick([0, 1, 100, 3000]));
      this.#add(begins, { kind: take, client, name, ttl });
      this.#note({ client, name, at: begins, ttl, isHold: true });
      if (random.chance(2, 3)) this.#add(this.#after(begins), { kind: give, client, name });
    }
  }

  #addFaults(counts: readonly number[]): void {
    const random = this.#faults;
    const kinds = chooseFaultKinds(random);
    const latest = Math.floor(this.#options.lasts * (1 - CALM));
    const count = random.pick(counts);
    const calls = callsFor((ability) => this.#has(ability));
    for (let index = 0; index < count; index += 1) {
      const at = Math.min(this.#instant(random), latest - 1);
      const around = {
        random,
        clients: this.#clients,
        ttl: random.pick(this.#ttls),
        names: this.#names,
        calls,
        most: latest - at,
      };
      const fault = drawFault(random.pick(kinds), around);
      this.#steps.push({ at, act: fault });
      // The next one may strike while clients deal with this one.
      this.#moments.push(at, at + lengthOf(fault), at + 100, at + 1000);
    }
  }

  /** Returns how many; other faults would come between. */
  #addPairs(): number {
    const random = this.#pairs;
    const latest = Math.floor(this.#options.lasts * (1 - CALM));
    const count = random.pick([0, 0, 1, 2, 2]);
    for (let index = 0; index < count; index += 1) {
      this.#steps.push(...drawPair(random, this.#victim(), latest));
    }
    return count;
  }

  /** As a rule one that its client does not give up by itself: what pairs do shows late. */
  #victim(): Life {
    const random = this.#pairs;
    const isLeft = ({ client, name }: Life): boolean =>
      this.#steps.every(({ act }) => !GIVES.has(act.kind) || !isBy(act, client, name));
    const left = this.#lives.filter((life) => isLeft(life));
    return random.pick(left.length > 0 && random.chance(2, 3) ? left : this.#lives);
  }

  #add(at: number, act: Act): void {
    this.#steps.push({ at, act });
  }

  /** The instants of a lease's life: each third of its TTL, and its deadlines. */
  #note(life: Life): void {
    const { at, ttl } = life;
    this.#lives.push(life);
    for (let third = 0; third <= 9; third += 1) {
      this.#moments.push(at + Math.floor((third * 1000 * ttl) / 3));
    }
  }

  #moment(): number {
    return this.#instant(this.#acts);
  }

  #after(at: number): number {
    const random = this.#acts;
    if (random.chance(1, 4)) return at + random.pick([0, 1, 100]);
    return Math.max(at, this.#moment());
  }

  #instant(random: Random): number {
    const most = Math.floor(this.#options.lasts * (1 - CALM));
    if (this.#moments.length === 0 || random.chance(1, 4)) return random.below(most);
    const at = random.pick(this.#moments) + random.pick(NEAR);
    return Math.max(0, Math.min(at, most));
  }
}

const GIVES: ReadonlySet<string> = new Set(['revoke', 'release', 'unlock', 'resign']);

const isBy = (act: Act | Fault, client: number, name: string): boolean =>
  'name' in act && act.name === name && 'client' in act && act.client === client;

const lengthOf = (fault: Fault): number => {
  if ('for' in fault) return fault.for;
  if ('down' in fault) return fault.down;
  return 'by' in fault && fault.kind === 'delay' ? fault.by : 0;
};

/** `A` to `Z`, then `A2` and so on. */
const letter = (index: number): string => {
  const round = Math.floor(index / 26);
  return `${String.fromCharCode(65 + (index % 26))}${round === 0 ? '' : round + 1}`;
};
