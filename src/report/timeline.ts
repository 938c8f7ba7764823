/**
 * What happened in a run, as lines of a timeline in the words of its schedule: leases by their
 * names, groups as one line, what the server did by itself between what its clients did.
 */
import { asBytes, type Bytes, NO_BYTES } from '../api/bytes.ts';
import type { LeaseId, Token } from '../api/command.ts';
import type { Instant } from '../api/units.ts';
import { type Answered, answersOf } from '../harness/answers.ts';
import { type Names, WAITS, wordEvent, wordResponse } from '../harness/describe.ts';
import type { Entry } from '../harness/history.ts';
import type { LeaseRef, ScheduleStep } from '../harness/schedule.ts';
import { printAction, printConfig } from '../harness/schedule-text.ts';
import { listed, tally } from './abbreviate.ts';
import { Deliveries } from './deliveries.ts';
import type { Group } from './group.ts';
import { withNames } from './names.ts';
import {
  keyPrefixOf,
  leaseOf,
  type Request,
  requestsOf,
  sessionOf,
  wordCommand,
} from './requests.ts';
import type { Story, Timeline, TimelineLine } from './story.ts';

export const timelineOf = (story: Story): Timeline => {
  const teller = new Teller(story);
  for (const [index, entry] of story.history.entries.entries()) teller.take(entry, index);
  return teller.end();
};

type Of<Kind extends Entry['kind']> = Entry & { readonly kind: Kind };

interface Seen<E extends Entry> {
  readonly entry: E;
  readonly index: number;
}

/** A deadline that lies further beyond the end of the history than this is not told. */
const FAR_MS = 3_600_000;

/** As many deliveries of watches at one instant get a line each. */
const WATCH_LINES = 4;

class Teller {
  readonly #story: Story;
  readonly #session: number | undefined;
  readonly #requests: ReadonlyMap<Token, Request>;
  readonly #answers: ReadonlyMap<Token, Answered>;
  readonly #ends: number;
  readonly #names = new Map<LeaseId, LeaseRef>();
  readonly #words: Names;
  readonly #lines: TimelineLine[] = [];
  readonly #groups = new Map<Token, Group>();
  #keyPrefix: Bytes = NO_BYTES;
  #current: Group | undefined;
  /**
   * What was seen since the last line: it belongs to that line, or to a turn of the same instant.
   */
  #watches: Seen<Of<'watch'>>[] = [];
  readonly #deliveries = new Deliveries();
  #freed: Seen<Of<'return'>>[] = [];
  #found: Pick<Timeline, 'expected' | 'observed'> = { expected: null, observed: null };

  constructor(story: Story) {
    const { schedule, history, session = sessionOf(schedule, history) } = story;
    this.#story = story;
    this.#session = session;
    this.#requests = requestsOf(schedule, history, session);
    this.#answers = answersOf(history);
    this.#ends = (history.entries.at(-1)?.at ?? 0) + FAR_MS;
    this.#words = {
      nameOf: (id) => this.#names.get(id) ?? `#${id}`,
      keyOf: (key) =>
        key.startsWith(this.#keyPrefix) ? asBytes(key.slice(this.#keyPrefix.length)) : key,
    };
  }

  take(entry: Entry, index: number): void {
    const { verdict } = this.#story;
    const isOther = 'session' in entry && entry.session !== (this.#session ?? entry.session);
    if (!isOther) this.#tell(entry, index);
    if (verdict.kind !== 'violation' || verdict.entry !== index) return;
    const renamed = (text: string): string => withNames(text, this.#names, this.#keyPrefix);
    this.#found = { expected: renamed(verdict.expected), observed: renamed(verdict.observed) };
  }

  end(): Timeline {
    this.#settle();
    const lines = [...this.#lines];
    const answers = new Map<ScheduleStep | undefined, string>();
    for (const group of new Set(this.#groups.values())) {
      const answer = tally([...group.words.values()]);
      answers.set(group.step, answer);
      const note = group.notes.size === 1 ? [...group.notes].join('') : null;
      lines[group.line] = { ...(lines[group.line] as TimelineLine), answer, note };
    }
    const { steps } = this.#story.schedule;
    return {
      lines,
      answers: steps.map((step) => answers.get(step) ?? step.expect),
      ...this.#found,
    };
  }

  #tell(entry: Entry, index: number): void {
    switch (entry.kind) {
      case 'call':
        this.#call(entry, index);
        return;
      case 'return':
        this.#return(entry, index);
        return;
      case 'watch':
        this.#settleBefore(entry.at);
        this.#watches.push({ entry, index });
        return;
      case 'delivery': {
        this.#settle();
        const { what, client } = this.#deliveries.told(entry.delivery, this.#words);
        this.#add(entry.at, client, what, [index]);
        return;
      }
      case 'turn': {
        this.#settleBefore(entry.at);
        const names = entry.revoked.map(this.#words.nameOf);
        const revoked = names.length === 0 ? 'nothing' : listed(names, 'leases');
        this.#add(entry.at, 0, `turn: revokes ${revoked}`, [index]);
        return;
      }
      case 'jump':
        this.#settle();
        this.#add(entry.from, 0, `the clock leaps to ${shownInstant(entry.at)} ms`, [index]);
        return;
      case 'restart':
        this.#settle();
        this.#add(entry.from, 0, wordRestart(entry), [index]);
        return;
      case 'demote':
        this.#settle();
        this.#add(entry.at, 0, 'the server loses its leader', [index]);
        return;
      case 'stall':
        this.#settle();
        return this.#add(entry.at, 0, 'the server is slow to apply', [index]);
      case 'catchUp':
        this.#settle();
        return this.#add(entry.at, 0, 'the server has applied all', [index]);
      case 'promote':
        this.#settle();
        this.#add(entry.at, 0, 'the server leads', [index]);
        return;
      case 'lost':
        this.#settle();
        this.#add(entry.at, 0, `the target went away: ${entry.why}`, [index]);
        return;
      case 'end':
        this.#settle();
        this.#add(entry.at, 0, 'end', [index]);
        return;
    }
  }

  #call({ at, client, command }: Of<'call'>, index: number): void {
    const request = this.#requests.get(command.token);
    const step = request?.step;
    if (request !== undefined && this.#keyPrefix === '') {
      this.#keyPrefix = keyPrefixOf(request, command);
    }
    if (step === undefined || this.#current?.step !== step) {
      this.#settle();
      const what =
        step === undefined ? wordCommand(command, this.#words) : printAction(step.action);
      const line = this.#lines.length;
      const own = step?.client ?? client;
      this.#add(at, own, what, []);
      this.#current = { step, what, client: own, at, line, words: new Map(), notes: new Set() };
    }
    const group = this.#current;
    this.#deliveries.called(command, step?.client ?? client, step);
    this.#groups.set(command.token, group);
    const isHeld = command.kind === 'keepAlive' || this.#answers.get(command.token)?.held === true;
    group.words.set(command.token, isHeld ? WAITS : 'no answer');
    this.#mark(group, command.token, index);
  }

  #return(entry: Of<'return'>, index: number): void {
    const { token, completion, at } = entry;
    const group = this.#groups.get(token);
    if (group === undefined) return;
    this.#deliveries.answered(token, completion);
    if (completion.kind === 'answered' && completion.response.kind === 'granted') {
      const name = this.#leaseOf(token);
      if (name !== undefined) this.#names.set(completion.response.id, name);
    }
    if (this.#answers.get(token)?.held === true) {
      this.#settleBefore(at);
      this.#freed.push({ entry, index });
      return;
    }
    group.words.set(token, this.#worded(entry));
    const note = this.#noteOn(entry);
    if (note !== null) group.notes.add(note);
    this.#mark(group, token, index);
  }

  #add(
    at: Instant,
    client: number,
    what: string,
    entries: readonly number[],
    beside: Partial<Pick<TimelineLine, 'answer' | 'note'>> = {},
  ): void {
    const { verdict } = this.#story;
    const broken = verdict.kind === 'violation' && entries.includes(verdict.entry);
    this.#lines.push({ at, client, what, answer: null, note: null, ...beside, broken });
  }

  /** Marks the line of a group when the violation is in this entry, and says in which member. */
  #mark(group: Group, token: Token, index: number): void {
    const { verdict } = this.#story;
    if (verdict.kind !== 'violation' || verdict.entry !== index) return;
    const line = this.#lines[group.line] as TimelineLine;
    const lease = this.#leaseOf(token);
    const what = lease?.includes('.') === true ? `${line.what} (${lease})` : line.what;
    this.#lines[group.line] = { ...line, what, broken: true };
  }

  /** Tells what was seen at earlier instants. */
  #settleBefore(at: Instant): void {
    const seen = this.#watches[0] ?? this.#freed[0];
    if (seen !== undefined && seen.entry.at < at) this.#settle();
  }

  #settle(): void {
    const [watches, freed] = [this.#watches, this.#freed];
    this.#watches = [];
    this.#freed = [];
    if (watches.length <= WATCH_LINES) for (const seen of watches) this.#watched([seen]);
    else this.#watched(watches);
    const groups = new Set(freed.map(({ entry }) => this.#groups.get(entry.token) as Group));
    for (const group of groups) {
      const own = freed.filter(({ entry }) => this.#groups.get(entry.token) === group);
      const answer = tally(own.map(({ entry }) => this.#worded(entry)));
      const at = (own[0] as Seen<Of<'return'>>).entry.at;
      const note = `waited since ${shownInstant(group.at)} ms`;
      const entries = own.map(({ index }) => index);
      this.#add(at, group.client, group.what, entries, { answer, note });
    }
  }

  #watched(seen: readonly Seen<Of<'watch'>>[]): void {
    const [first, last] = [seen[0]?.entry, seen.at(-1)?.entry];
    if (first === undefined || last === undefined) return;
    const isOne = first.revision === last.revision;
    const revisions = isOne
      ? `revision ${first.revision}`
      : `revisions ${first.revision} to ${last.revision}`;
    const words = seen.flatMap(({ entry }) =>
      entry.events.map((event) => wordEvent(event, this.#words)),
    );
    const entries = seen.map(({ index }) => index);
    this.#add(first.at, 0, `watch, ${revisions}: ${listed(words, 'events')}`, entries);
  }

  /** In a group the member's own name is no news. */
  #worded({ token, completion }: Of<'return'>): string {
    if (completion.kind === 'unknown') return `unknown: ${completion.why}`;
    const words = wordResponse(completion.response, this.#words);
    const lease = this.#leaseOf(token);
    return lease?.includes('.') === true && words.startsWith(`${lease} `)
      ? lease.slice(0, lease.indexOf('.')) + words.slice(lease.length)
      : words;
  }

  #noteOn({ at, completion }: Of<'return'>): string | null {
    if (this.#story.history.header.clock === 'real') return `returned at ${shownInstant(at)} ms`;
    if (completion.kind !== 'answered') return null;
    const { response } = completion;
    if (response.kind !== 'granted' && response.kind !== 'keptAlive') return null;
    const deadline = at + response.ttl * 1000;
    return response.ttl === 0 || deadline > this.#ends ? null : `deadline ${deadline} ms`;
  }

  #leaseOf(token: Token): LeaseRef | undefined {
    const request = this.#requests.get(token);
    return request === undefined ? undefined : leaseOf(request);
  }
}

const wordRestart = ({ at, kill, config }: Of<'restart'>): string => {
  const how = kill ? 'is killed' : 'stops';
  return `the server ${how}; at ${shownInstant(at)} ms it is up, ${printConfig(config)}`;
};

/** Milliseconds; tenths of them on a real clock. */
export const shownInstant = (at: Instant): string =>
  Number.isInteger(at) ? `${at}` : at.toFixed(1);
