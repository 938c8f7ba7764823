/** A fault of a server that whoever stands before it can fake: a proxy that changes what passes. */
import type { DescMessage, DescMethod, MessageShape } from '@bufbuild/protobuf';

export interface ProxyFault {
  readonly id: string;
  /** What the server does wrong, in one sentence. */
  readonly note: string;
  /** The rules that may flag it. */
  readonly rules: readonly [string, ...string[]];
  /** Why a suite on that clock does not see it. */
  readonly hidden?: { readonly real?: string; readonly virtual?: string };
  /** What is done to calls, each of its own method. */
  readonly calls?: readonly ManglingOfCalls[];
  /** What is done to the answers of the JSON gateway. */
  readonly gateway?: ManglingOfAnswers;
}

/** How a call ended, as gRPC has it. */
export interface Status {
  readonly code: number;
  readonly message: string;
}

/** What becomes of one call. What is not there passes as it is. */
export interface Mangling<I, O> {
  /** Changes a request on its way; false: it is lost. */
  asked?(request: I): boolean | void;
  /** Changes a reply, or puts others in its place. `request` is the last one. */
  replied?(reply: O, request: I): readonly O[] | void;
  /** In place of an error: another one, or a reply. */
  refused?(status: Status, request: I): Status | O;
}

/** Of any method: what it is given is what its method says. */
export type AnyMangling = Mangling<MessageShape<DescMessage>, MessageShape<DescMessage>>;

/** A method, and what becomes of each call of it. */
export interface ManglingOfCalls {
  readonly method: DescMethod;
  readonly begin: () => AnyMangling;
}

/** Typed by the method; `begin` is called for each call, so that what it keeps is of that call. */
export const mangle = <I extends DescMessage, O extends DescMessage>(
  method: DescMethod & { readonly input: I; readonly output: O },
  begin: () => Mangling<MessageShape<I>, MessageShape<O>>,
): ManglingOfCalls => ({ method, begin });

export interface ManglingOfAnswers {
  readonly path: RegExp;
  readonly status?: (status: number) => number;
  /** A line of the body; most have but one. */
  readonly line?: (line: string) => string;
}
