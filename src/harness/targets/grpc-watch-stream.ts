/** One Watch stream of one client, with all the watches that the client has on it. */
import type {
  Etcd3,
  IDuplexStream,
  IWatchCreateRequest,
  IWatchRequest,
  IWatchResponse,
} from 'etcd3';
import type { CancelWatch, StreamId, Token, Watch } from '../../api/command.ts';
import { reasonSaid } from '../../api/refusal.ts';
import type { Delivery, Response, WatchEvent } from '../../api/response.ts';
import { revision } from '../../api/units.ts';
import type { Completion } from '../target.ts';
import type { WatchCommand } from './grpc-calls.ts';
import { cancel } from './grpc-keep-alive.ts';
import { field, revisionOf, watchEvent } from './grpc-messages.ts';
import { readable, UNREADABLE } from './unreadable.ts';

export interface WatchStreamSink {
  answered(token: Token, completion: Completion): void;
  delivered(delivery: Delivery): void;
}

type Stream = IDuplexStream<IWatchRequest, IWatchResponse>;

/**
 * Responses name their watch, but not their request: the server answers the requests of a stream in
 * their order, those that create, those that cancel the same watch, and those about progress each
 * among themselves. Some it never answers.
 */
export class WatchStream {
  readonly #id: StreamId;
  readonly #sink: WatchStreamSink;
  readonly #stream: Promise<Stream>;
  readonly #creating: Token[] = [];
  #canceling: CancelWatch[] = [];
  readonly #progress: Token[] = [];
  /** Events of a response that was cut in pieces, until the last one comes. */
  readonly #pieces = new Map<string, WatchEvent[]>();
  #ended: string | undefined;

  constructor(etcd: Etcd3, id: StreamId, sink: WatchStreamSink) {
    this.#id = id;
    this.#sink = sink;
    this.#stream = etcd.watchClient.watch();
    this.#stream.then(
      (stream) => this.#listen(stream),
      (error: unknown) => this.#end(String(error)),
    );
  }

  /** Whether it takes no more requests. */
  get ended(): boolean {
    return this.#ended !== undefined;
  }

  send(command: WatchCommand): void {
    if (command.kind === 'watch') this.#creating.push(command.token);
    else if (command.kind === 'cancelWatch') this.#canceling.push(command);
    else this.#progress.push(command.token);
    // The stream opens asynchronously, once; requests keep their order behind it.
    void this.#stream.then(
      (stream) => {
        if (this.#ended === undefined) stream.write(messageOf(command));
      },
      () => {},
    );
  }

  /**
   * The server rests: what it has not answered of requests to cancel and for progress it will not
   * answer any more. The next answer is that to a later one.
   */
  forgetUnanswered(): void {
    this.#progress.length = 0;
    this.#canceling = [];
  }

  /** Ends it; what creates a watch and is unanswered completes as unknown. */
  close(why: string): void {
    this.#end(why);
    void this.#stream.then(cancel, () => {});
  }

  #listen(stream: Stream): void {
    stream.on('data', (response) => this.#response(response));
    stream.on('error', (error) => this.#end(error.message));
    stream.on('end', () => this.#end('the server ended the watch stream'));
  }

  #response(response: IWatchResponse): void {
    if (this.#ended !== undefined) return;
    if (response.created) this.#created(response);
    else if (response.canceled) this.#canceled(response);
    else if (response.events.length > 0) this.#events(response);
    else if (response.watch_id === '-1') this.#answer(this.#progress.shift(), progressOf(response));
  }

  #created(response: IWatchResponse): void {
    const token = this.#creating.shift();
    if (!response.canceled) {
      const watch = BigInt(response.watch_id);
      this.#answer(token, { kind: 'watchCreated', revision: revisionOf(response.header), watch });
      return;
    }
    const reason = reasonSaid(response.cancel_reason);
    if (reason !== undefined) this.#answer(token, { kind: 'refused', reason });
    else if (token !== undefined) {
      this.#sink.answered(token, { kind: 'unknown', why: response.cancel_reason });
    }
  }

  #canceled(response: IWatchResponse): void {
    const watch = BigInt(response.watch_id);
    const compactRevision = revision(Number(response.compact_revision));
    const asked = this.#canceling.find((each) => each.watch === watch);
    if (compactRevision === 0 && asked !== undefined) {
      this.#canceling = this.#canceling.filter((each) => each !== asked);
      const at = revisionOf(response.header);
      this.#answer(asked.token, { kind: 'watchCanceled', revision: at, watch });
      return;
    }
    const at = revisionOf(response.header);
    this.#sink.delivered({ stream: this.#id, watch, revision: at, events: [], compactRevision });
  }

  #events(response: IWatchResponse): void {
    const { watch_id: id, header, fragment } = response;
    const read = readable(() => response.events.map(watchEvent));
    if (read === undefined) {
      this.#end(UNREADABLE);
      return;
    }
    const events = [...(this.#pieces.get(id) ?? []), ...read];
    if (fragment) {
      this.#pieces.set(id, events);
      return;
    }
    this.#pieces.delete(id);
    const [watch, compactRevision] = [BigInt(id), revision(0)];
    const at = revisionOf(header);
    this.#sink.delivered({ stream: this.#id, watch, revision: at, events, compactRevision });
  }

  #answer(token: Token | undefined, response: Response): void {
    if (token !== undefined) this.#sink.answered(token, { kind: 'answered', response });
  }

  #end(why: string): void {
    if (this.#ended !== undefined) return;
    this.#ended = why;
    for (const token of this.#creating.splice(0)) {
      this.#sink.answered(token, { kind: 'unknown', why });
    }
  }
}

const progressOf = ({ header }: IWatchResponse): Response => ({
  kind: 'progress',
  revision: revisionOf(header),
});

const messageOf = (command: WatchCommand): IWatchRequest => {
  switch (command.kind) {
    case 'watch':
      return { create_request: createRequest(command) };
    case 'cancelWatch':
      return { cancel_request: { watch_id: String(command.watch) } };
    case 'watchProgress':
      return { progress_request: {} };
  }
};

const createRequest = (command: Watch): IWatchCreateRequest => ({
  ...field('key', command.key),
  ...field('range_end', command.rangeEnd),
  start_revision: String(command.startRevision),
  watch_id: String(command.watch),
  prev_kv: command.prevKv,
  progress_notify: command.progressNotify,
  fragment: command.fragment,
  filters: filtersOf(command),
});

const filtersOf = ({ noPut, noDelete }: Watch): ('Noput' | 'Nodelete')[] => [
  ...(noPut ? (['Noput'] as const) : []),
  ...(noDelete ? (['Nodelete'] as const) : []),
];
