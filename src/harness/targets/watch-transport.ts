/** What carries the words of a Watch stream: a library for gRPC, or a lean connection. */
import type { WatchId } from '../../api/command.ts';
import type { WatchEvent } from '../../api/response.ts';
import type { Revision } from '../../api/units.ts';
import type { WatchCommand } from './grpc-calls.ts';

/** One open stream. Requests that are written before it is open keep their order. */
export interface WatchTransport {
  write(command: WatchCommand): void;
  cancel(): void;
}

/** Where a transport says what came. */
export interface WatchListener {
  readonly replied: (reply: WatchReply) => void;
  /** May be told more than once. */
  readonly ended: (why: string) => void;
}

export type OpenWatch = (listener: WatchListener) => WatchTransport;

/** A response of the server. */
export interface WatchReply {
  readonly revision: Revision;
  readonly watch: WatchId;
  readonly created: boolean;
  readonly canceled: boolean;
  readonly compactRevision: Revision;
  readonly cancelReason: string;
  /** More of these events are to come. */
  readonly fragment: boolean;
  readonly events: readonly WatchEvent[];
}
