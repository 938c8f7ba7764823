/**
 * Stands on the wire between clients and the server: sees each message, writes it down, and lets it
 * pass now, later, twice or never, as the faults of a story will have it.
 */
import type { Duplex } from 'node:stream';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import { instant } from '../api/units.ts';
import type { CallGate, GatedCall, Message, Status } from '../wire/index.ts';
import { callNameOf, subjectOf } from './call-names.ts';
import { type Held, MessageLine } from './message-line.ts';
import type { OpenCall } from './open-call.ts';
import type { Recorder } from './recorder.ts';
import { isAbout, isAimedAt, type MessageFault, messageOf, type StreamFault } from './aims.ts';
import type { CallName, Side } from './story.ts';

/** What holds up messages as long as it lasts. */
export interface Hold {
  readonly side: Side;
  holds(call: CallName | 'other', client: number): boolean;
  /** So long it holds a request up; then the server refuses it. */
  readonly patience?: { readonly for: number; refusalOf(call: CallName | 'other'): Status };
}

interface Waiting {
  readonly open: OpenCall;
  readonly side: Side;
  readonly held: Held;
}

/** A message that is to be overtaken waits no longer. */
const OVERTAKEN_WITHIN = 2000;

export class FaultGate implements CallGate {
  readonly #clock: VirtualClock;
  readonly #recorder: Recorder;
  readonly #clientOf: (connection: Duplex) => number;
  readonly #leaseOf: (name: string) => bigint | undefined;
  readonly #calls = new Map<GatedCall, OpenCall>();
  readonly #pending: { readonly fault: MessageFault; left: number }[] = [];
  readonly #holds = new Set<Hold>();
  #waiting: Waiting[] = [];
  #overtaken: { readonly open: OpenCall; readonly go: () => void }[] = [];
  #streams = 0;
  #requests = 0;
  /** Grows when the server starts anew: what it had not done by then it never does. */
  #life = 0;

  constructor(
    clock: VirtualClock,
    recorder: Recorder,
    clientOf: (of: Duplex) => number,
    leaseOf: (name: string) => bigint | undefined,
  ) {
    this.#clock = clock;
    this.#leaseOf = leaseOf;
    this.#recorder = recorder;
    this.#clientOf = clientOf;
  }

  get open(): number {
    return this.#calls.size;
  }

  expect(fault: MessageFault): void {
    this.#pending.push({ fault, left: fault.aim.times });
  }

  strike(fault: StreamFault): void {
    let left = fault.aim.times;
    for (const open of this.#calls.values()) {
      if (left === 0) return;
      if (open.isAbandoned || !isAimedAt(fault.aim, open)) continue;
      if (!isAbout(fault.aim, open.lease, this.#leaseOf)) continue;
      left -= 1;
      if (fault.kind === 'abandon') open.isAbandoned = true;
      else if (fault.kind === 'reset') open.gated.reset(fault.code);
      else open.gated.finish({ code: fault.status, message: messageOf(fault.status) });
    }
  }

  hold(hold: Hold): void {
    this.#holds.add(hold);
  }

  release(hold: Hold): void {
    this.#holds.delete(hold);
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ open, side }) => this.#isHeld(open, side) !== undefined);
    for (const one of waiting) if (!this.#waiting.includes(one)) one.held.release();
  }

  /** No fault is left of those that wait for messages. */
  forgive(): void {
    for (const { fault } of this.#pending) this.#recorder.add({ kind: 'healed', fault });
    this.#pending.length = 0;
    this.#passOvertaken();
  }

  /** The server's process has ended, and knows nothing of what it had been asked. */
  startAnew(): void {
    this.#life += 1;
    this.#waiting = [];
    this.#overtaken = [];
  }

  opened(gated: GatedCall): Status | undefined {
    const call = callNameOf(gated.path);
    const client = gated.connection === undefined ? -1 : this.#clientOf(gated.connection);
    this.#streams += 1;
    const open: OpenCall = {
      client,
      stream: this.#streams,
      call,
      gated,
      requests: new MessageLine(),
      replies: new MessageLine(),
      served: [],
      isAbandoned: false,
      isClosed: false,
      lease: null,
    };
    this.#calls.set(gated, open);
    this.#recorder.add({ kind: 'opened', client, stream: open.stream, call });
    const fault = this.#take(open, null, ({ kind }) => kind === 'refuse');
    if (fault?.kind !== 'refuse') return undefined;
    return { code: fault.status, message: messageOf(fault.status) };
  }

  request(gated: GatedCall, message: Message | null, pass: () => void): void {
    const open = this.#calls.get(gated);
    if (open === undefined || open.isAbandoned) return;
    if (message === null) {
      // Word that nothing follows is held up by what it follows.
      open.requests.add(pass, false);
      return;
    }
    this.#requests += 1;
    const request = this.#requests;
    const { client, stream, call } = open;
    const subject = subjectOf(message);
    open.lease = subject.lease;
    this.#recorder.add({ kind: 'request', client, stream, request, call, ...subject });
    const serve = (): void => {
      // A watch that is asked for by nobody any more would never end.
      if (open.isClosed && call === 'watch') return;
      this.#recorder.add({ kind: 'served', request });
      open.served.push(request);
      pass();
    };
    this.#carry(open, 'request', open.lease, serve);
  }

  reply(gated: GatedCall, what: Message | Status, pass: () => void): void {
    const open = this.#calls.get(gated);
    if (open === undefined || open.isAbandoned) return;
    const { client, stream, call } = open;
    const request = (call === 'watch' ? undefined : open.served.shift()) ?? null;
    const isStatus = !('$typeName' in what);
    // A stream that ends well answers nothing.
    if (isStatus && gated.isStreaming && what.code === 0) {
      open.replies.add(pass, false);
      return;
    }
    if (call === 'keep-alive' && !isStatus) this.#falsify(open, what);
    const subject = isStatus ? NO_SUBJECT : subjectOf(what);
    const { lease, ttl } = subject;
    const code = isStatus ? what.code : 0;
    this.#carry(open, 'reply', lease ?? open.lease, () => {
      if (gated.isOver || open.isClosed || open.isAbandoned) return;
      this.#recorder.add({ kind: 'reply', client, stream, request, call, lease, ttl, code });
      pass();
    });
  }

  closed(gated: GatedCall): void {
    const open = this.#calls.get(gated);
    if (open === undefined) return;
    open.isClosed = true;
    this.#calls.delete(gated);
    this.#recorder.add({ kind: 'ended', client: open.client, stream: open.stream });
  }

  #falsify(open: OpenCall, message: Message): void {
    const { lease } = subjectOf(message);
    const fault = this.#take(open, lease, ({ kind }) => kind === 'ttl zero');
    if (fault !== undefined) (message as unknown as { TTL: bigint }).TTL = 0n;
  }

  /** Brings a message on its way, past what waits for it. */
  #carry(open: OpenCall, side: Side, lease: bigint | null, pass: () => void): void {
    const life = this.#life;
    const arrive = (): void => {
      if (life === this.#life) pass();
    };
    const line = side === 'request' ? open.requests : open.replies;
    const fault = this.#take(open, lease, (one) => 'side' in one && one.side === side);
    switch (fault?.kind) {
      case 'lose':
        return;
      case 'delay': {
        const held = line.add(arrive, true);
        this.#later(fault.by, () => this.#finallyRelease({ open, side, held }));
        return;
      }
      case 'overtake': {
        const held = line.add(arrive, true);
        const go = (): void => this.#finallyRelease({ open, side, held });
        this.#overtaken.push({ open, go });
        this.#later(OVERTAKEN_WITHIN, go);
        return;
      }
      case 'duplicate':
        this.#send(open, side, line, arrive);
        break;
      case 'refuse':
      case 'ttl zero':
      case undefined:
        break;
    }
    this.#send(open, side, line, arrive);
    this.#passOvertaken(open);
  }

  #send(open: OpenCall, side: Side, line: MessageLine, arrive: () => void): void {
    const hold = this.#isHeld(open, side);
    const held = line.add(arrive, hold !== undefined);
    if (hold !== undefined) this.#wait({ open, side, held }, hold);
  }

  /** What was held up by a fault of its own may be held up by others now. */
  #finallyRelease(waiting: Waiting): void {
    if (waiting.held.isReleased) return;
    const hold = this.#isHeld(waiting.open, waiting.side);
    if (hold === undefined) waiting.held.release();
    else if (!this.#waiting.includes(waiting)) this.#wait(waiting, hold);
  }

  #wait(waiting: Waiting, { patience }: Hold): void {
    this.#waiting.push(waiting);
    if (patience === undefined) return;
    this.#later(patience.for, () => {
      const index = this.#waiting.indexOf(waiting);
      if (index < 0) return;
      this.#waiting.splice(index, 1);
      waiting.held.drop();
      const { open } = waiting;
      if (!open.isClosed)
        this.reply(open.gated, patience.refusalOf(open.call), () => {
          open.gated.finish(patience.refusalOf(open.call));
        });
    });
  }

  #passOvertaken(by?: OpenCall): void {
    const passed = this.#overtaken.filter(({ open }) => open !== by);
    this.#overtaken = this.#overtaken.filter(({ open }) => open === by);
    for (const { go } of passed) go();
  }

  #isHeld({ call, client }: OpenCall, side: Side): Hold | undefined {
    for (const hold of this.#holds) if (hold.side === side && hold.holds(call, client)) return hold;
    return undefined;
  }

  #take(
    open: OpenCall,
    lease: bigint | null,
    fits: (fault: MessageFault) => boolean,
  ): MessageFault | undefined {
    const isIt = ({ aim }: MessageFault): boolean =>
      isAimedAt(aim, open) && isAbout(aim, lease, this.#leaseOf);
    const index = this.#pending.findIndex(({ fault }) => fits(fault) && isIt(fault));
    const found = this.#pending[index];
    if (found === undefined) return undefined;
    const { fault } = found;
    const { client, stream } = open;
    this.#recorder.add({ kind: 'struck', fault, client, stream });
    found.left -= 1;
    if (found.left > 0) return fault;
    this.#pending.splice(index, 1);
    this.#recorder.add({ kind: 'healed', fault });
    return fault;
  }

  #later(by: number, act: () => void): void {
    const life = this.#life;
    this.#clock.schedule(instant(this.#clock.now + by), () => {
      if (life === this.#life) act();
    });
  }
}

const NO_SUBJECT = { lease: null, ttl: null, key: null };
