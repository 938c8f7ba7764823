/**
 * The text form of a story of clients, which reads aloud:
 *
 *     leasehold clients 1
 *     lasts 60s
 *     at 0       c1  grant A ttl=9
 *     at 4s      lose 20 keep-alive replies of c1
 *     at 15s     black hole both for 5s
 */
import { printDuration } from '../harness/duration.ts';
import { milliseconds } from '../api/units.ts';
import type { Act, Aim, ClientStory, Fault, StoryStep } from './story.ts';
import { isFault } from './story.ts';

export const STORY_HEADER = 'leasehold clients 1';

/** A story as text; `parseStory` reads it back. */
export const printStory = (story: ClientStory): string =>
  [STORY_HEADER, `lasts ${time(story.lasts)}`, ...storyLines(story.steps), ''].join('\n');

/** The lines of the steps alone. */
export const storyLines = (steps: readonly StoryStep[]): string[] => {
  const rows = steps.map(({ at, act }) => [`at ${time(at)}`, printStep(act)] as const);
  const width = Math.max(0, ...rows.map(([at]) => at.length));
  return rows.map(([at, what]) => `${at.padEnd(width)}  ${what}`);
};

export const printStep = (act: Act | Fault): string =>
  isFault(act) ? printFault(act) : `c${act.client + 1}  ${printAct(act)}`;

const printAct = (act: Act): string => {
  switch (act.kind) {
    case 'grant':
    case 'lock':
    case 'campaign':
      return `${act.kind} ${act.name} ttl=${act.ttl}`;
    case 'revoke':
    case 'release':
    case 'unlock':
    case 'resign':
      return `${act.kind} ${act.name}`;
    case 'put':
      return `put ${act.key} with ${act.name}`;
    case 'close':
      return 'close';
  }
};

export const printFault = (fault: Fault): string => {
  switch (fault.kind) {
    case 'lose':
    case 'duplicate':
    case 'overtake':
      return `${fault.kind} ${messages(fault.aim, fault.side)}`;
    case 'delay':
      return `delay ${messages(fault.aim, fault.side)} by ${time(fault.by)}`;
    case 'ttl zero':
      return `zero ${messages(fault.aim, 'reply')}`;
    case 'refuse':
    case 'end':
      return `${fault.kind} ${messages(fault.aim, 'call')} with status ${fault.status}`;
    case 'reset':
      return `reset ${messages(fault.aim, 'call')} with code ${fault.code}`;
    case 'abandon':
      return `abandon ${messages(fault.aim, 'call')}`;
    case 'disconnect':
    case 'goaway':
      return `${fault.kind} ${who(fault.client)}`;
    case 'unreachable':
      return `${how(fault.how)} connections${only(fault.client)} for ${time(fault.for)}`;
    case 'black-hole':
      return `black hole ${fault.direction}${only(fault.client)} for ${time(fault.for)}`;
    case 'restart':
      return `restart for ${time(fault.down)}`;
    case 'pause server':
    case 'no leader':
    case 'slow apply':
    case 'pause client':
      return `${fault.kind} for ${time(fault.for)}`;
    case 'new leader':
      return 'new leader';
    case 'revoke by another':
      return `another revokes ${fault.name}`;
    case 'wall clock':
      return `wall clock ${signed(fault.by)}`;
    case 'drift':
      return `drift ${fault.perMille} per mille`;
  }
};

const PLURALS = { request: 'requests', reply: 'replies', call: 'calls' } as const;

const messages = ({ about, times, call, client }: Aim, what: keyof typeof PLURALS): string => {
  const which = `${times} ${call ?? 'any'} ${times === 1 ? what : PLURALS[what]} of ${who(client)}`;
  return about === undefined ? which : `${which} about ${about}`;
};

const how = (how: 'refused' | 'unanswered'): string => (how === 'refused' ? 'refuse' : 'ignore');

/** Of all, where nobody is named. */
const only = (client: number | null): string => (client === null ? '' : ` of ${who(client)}`);

const who = (client: number | null): string => (client === null ? 'all' : `c${client + 1}`);

const time = (value: number): string => printDuration(milliseconds(value));

const signed = (value: number): string => `${value < 0 ? '-' : '+'}${time(Math.abs(value))}`;
