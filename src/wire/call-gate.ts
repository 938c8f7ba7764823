/**
 * A place between the calls of clients and what serves them, through which every message goes: it
 * can arrive now, later, twice or never. Tests of clients stand there and do harm.
 */
import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import type { Duplex } from 'node:stream';
import type { Status } from './status.ts';

export type Message = MessageShape<DescMessage>;

/** What goes on only when `pass` is called. Calls that were passed once may be passed again. */
export interface CallGate {
  /** A call has begun. With a status it is refused, in trailers alone. */
  opened(call: GatedCall): Status | undefined;
  /** A request has come in, or word that no more will follow: null. */
  request(call: GatedCall, message: Message | null, pass: () => void): void;
  /** A message is about to go out, or a status that ends the call. */
  reply(call: GatedCall, what: Message | Status, pass: () => void): void;
  /** The call is over, however it ended. */
  closed(call: GatedCall): void;
}

export interface GatedCall {
  /** `/package.Service/Method` */
  readonly path: string;
  readonly isStreaming: boolean;
  readonly connection: Duplex | undefined;
  readonly isOver: boolean;
  /** Ends it past the gate. */
  finish(status: Status): void;
  /** RST_STREAM */
  reset(code: number): void;
}
