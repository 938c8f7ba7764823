/**
 * Takes from Go's chance what it decides. A client of Go asks for the renewals of one instant in
 * the order of a map, and its goroutines begin and end their calls in any. What comes at one
 * instant goes on here once all of it has come: what calls that are open ask for, in the order in
 * which they began, renewals in that of their leases; then calls that begin, in that of what they
 * ask for; at last what has ended.
 */
import { turn } from '../../timewarp/waiting.ts';
import type { CallGate, GatedCall, Message, Status } from '../../wire/index.ts';
import { callNameOf, subjectOf } from '../call-names.ts';

interface Request {
  /** Null: nothing follows on its stream. */
  readonly message: Message | null;
  readonly pass: () => void;
}

/** A call as far as it has come. */
interface Arrived {
  readonly gated: GatedCall;
  isBegun: boolean;
  isEnded: boolean;
  requests: Request[];
}

export class InOrder implements CallGate {
  readonly #gate: CallGate;
  /** In the order in which they went on; those that have not yet come last. */
  #calls: Arrived[] = [];
  #isWaiting = false;

  /** What passes goes on to `gate`. */
  constructor(gate: CallGate) {
    this.#gate = gate;
  }

  opened(gated: GatedCall): undefined {
    this.#calls.push({ gated, isBegun: false, isEnded: false, requests: [] });
    this.#wait();
  }

  request(gated: GatedCall, message: Message | null, pass: () => void): void {
    this.#find(gated)?.requests.push({ message, pass });
    this.#wait();
  }

  reply(gated: GatedCall, what: Message | Status, pass: () => void): void {
    // It is answered before anybody has looked at it: it makes no sense.
    if (this.#find(gated)?.isBegun === false) this.#goOn();
    this.#gate.reply(gated, what, pass);
  }

  closed(gated: GatedCall): void {
    const call = this.#find(gated);
    if (call !== undefined) call.isEnded = true;
    this.#wait();
  }

  #find(gated: GatedCall): Arrived | undefined {
    return this.#calls.find((call) => call.gated === gated);
  }

  #wait(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    void turn().then(() => {
      this.#isWaiting = false;
      this.#goOn();
    });
  }

  #goOn(): void {
    const begun = this.#calls.filter(({ isBegun }) => isBegun);
    const beginning = this.#calls.filter(({ isBegun }) => !isBegun).toSorted(byWhatTheyAsk);
    this.#calls = [...begun, ...beginning];
    for (const call of begun) this.#pass(call);
    for (const call of beginning) {
      call.isBegun = true;
      const refusal = this.#gate.opened(call.gated);
      if (refusal === undefined) this.#pass(call);
      else call.gated.finish(refusal);
    }
    const ended = this.#calls.filter(({ isEnded }) => isEnded);
    this.#calls = this.#calls.filter(({ isEnded }) => !isEnded);
    for (const { gated } of ended) this.#gate.closed(gated);
  }

  #pass(call: Arrived): void {
    const { gated, requests } = call;
    call.requests = [];
    const isRenewal = callNameOf(gated.path) === 'keep-alive';
    for (const { message, pass } of isRenewal ? requests.toSorted(byLease) : requests) {
      this.#gate.request(gated, message, pass);
    }
  }
}

const byLease = ({ message: one }: Request, { message: other }: Request): number => {
  if (one === null || other === null) return Number(one === null) - Number(other === null);
  return compare(subjectOf(one).lease ?? 0n, subjectOf(other).lease ?? 0n);
};

const byWhatTheyAsk = (one: Arrived, other: Arrived): number =>
  compare(wordsOf(one), wordsOf(other));

const wordsOf = ({ gated, requests }: Arrived): string => {
  const subjects = requests.flatMap(({ message }) => {
    if (message === null) return [];
    const { key, lease, ttl } = subjectOf(message);
    return [`${lease} ${key} ${ttl}`];
  });
  return [gated.path, ...subjects].join(' ');
};

const compare = <T extends bigint | string>(one: T, other: T): number =>
  one < other ? -1 : Number(one > other);
