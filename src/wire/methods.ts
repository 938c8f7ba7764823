/** What a gRPC method is to the server: how it is described, and what answers it. */
import {
  type DescMessage,
  type DescMethodBiDiStreaming,
  type DescMethodUnary,
  fromBinary,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import type { Status } from './status.ts';

/** How a handler answers: with any number of messages, and one status. */
export interface Replies<O extends DescMessage> {
  /** Sends a message. False: the peer does not keep up; better wait until `whenDrained`. */
  send(message: MessageShape<O>): boolean;
  /** Bytes that were sent and have not left: the peer does not read, or the network is slow. */
  readonly backlog: number;
  /** Ends the call; what was sent before arrives before. */
  end(status: Status): void;
  /** Calls once what was sent has left. */
  whenDrained(drained: () => void): void;
}

/** What a call of a streaming method is told. */
export interface StreamHandler<I extends DescMessage> {
  /** `bytes`: its size on the wire. */
  message(request: MessageShape<I>, bytes: number): void;
  /** The client sends no more. */
  halfClosed(): void;
  /** The call is over, however it ended; nothing that is sent now arrives. */
  gone(): void;
}

export interface Method {
  /** `/package.Service/Method` */
  readonly path: string;
  readonly isStreaming: boolean;
  readonly input: DescMessage;
  readonly output: DescMessage;
  readonly decode: (bytes: Uint8Array) => MessageShape<DescMessage>;
  readonly encode: (message: MessageShape<DescMessage>) => Uint8Array;
  open(replies: Replies<DescMessage>): StreamHandler<DescMessage>;
}

/** How its messages are read and written, where that is not left to the library. */
export interface ByHand<I extends DescMessage, O extends DescMessage> {
  readonly decode: (bytes: Uint8Array) => MessageShape<I>;
  readonly encode: (message: MessageShape<O>) => Uint8Array;
}

/** A method that takes one message and answers with one: by `send`, or by `end` with a refusal. */
export const unary = <I extends DescMessage, O extends DescMessage>(
  method: DescMethodUnary<I, O>,
  answer: (request: MessageShape<I>, replies: Replies<O>, bytes: number) => void,
  byHand: ByHand<I, O> = byLibrary(method),
): Method => ({
  path: `/${method.parent.typeName}/${method.name}`,
  isStreaming: false,
  input: method.input,
  output: method.output,
  decode: byHand.decode,
  encode: (message) => byHand.encode(message as MessageShape<O>),
  open: (replies) => ({
    message: (request, bytes) => answer(request as MessageShape<I>, replies, bytes),
    halfClosed: () => {},
    gone: () => {},
  }),
});

export const streaming = <I extends DescMessage, O extends DescMessage>(
  method: DescMethodBiDiStreaming<I, O>,
  open: (replies: Replies<O>) => StreamHandler<I>,
  byHand: ByHand<I, O> = byLibrary(method),
): Method => ({
  path: `/${method.parent.typeName}/${method.name}`,
  isStreaming: true,
  input: method.input,
  output: method.output,
  decode: byHand.decode,
  encode: (message) => byHand.encode(message as MessageShape<O>),
  open: (replies) => open(replies),
});

const byLibrary = <I extends DescMessage, O extends DescMessage>({
  input,
  output,
}: {
  readonly input: I;
  readonly output: O;
}): ByHand<I, O> => ({
  decode: (bytes) => fromBinary(input, bytes),
  encode: (message) => toBinary(output, message),
});
