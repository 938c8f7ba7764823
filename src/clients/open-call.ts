/** A call between its beginning and its end, as whoever stands on the wire knows it. */
import type { GatedCall } from '../wire/index.ts';
import type { MessageLine } from './message-line.ts';
import type { CallName } from './story.ts';

export interface OpenCall {
  readonly client: number;
  readonly stream: number;
  readonly call: CallName | 'other';
  readonly gated: GatedCall;
  readonly requests: MessageLine;
  readonly replies: MessageLine;
  /** Requests that were served and not answered. */
  readonly served: number[];
  isAbandoned: boolean;
  isClosed: boolean;
  /** The lease of its last request. */
  lease: bigint | null;
}
