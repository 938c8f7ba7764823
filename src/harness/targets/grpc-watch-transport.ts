/** A Watch stream of the library for gRPC. */
import type {
  Etcd3,
  IDuplexStream,
  IWatchCreateRequest,
  IWatchRequest,
  IWatchResponse,
} from 'etcd3';
import type { Watch } from '../../api/command.ts';
import { revision } from '../../api/units.ts';
import type { WatchCommand } from './grpc-calls.ts';
import { cancel } from './grpc-keep-alive.ts';
import { field, revisionOf, watchEvent } from './grpc-messages.ts';
import { readable, UNREADABLE } from './unreadable.ts';
import type { OpenWatch, WatchListener, WatchReply } from './watch-transport.ts';

type Stream = IDuplexStream<IWatchRequest, IWatchResponse>;

/** The stream opens asynchronously, once. */
export const watchOver =
  (etcd: Etcd3): OpenWatch =>
  (listener) => {
    const opening = etcd.watchClient.watch();
    const state = { over: false };
    const ended = (why: string): void => {
      state.over = true;
      listener.ended(why);
    };
    opening.then(
      (stream) => listen(stream, { ...listener, ended }),
      (error: unknown) => ended(String(error)),
    );
    return {
      write: (command) => {
        void opening.then(
          (stream) => {
            if (!state.over) stream.write(messageOf(command));
          },
          () => {},
        );
      },
      cancel: () => {
        state.over = true;
        void opening.then(cancel, () => {});
      },
    };
  };

const listen = (stream: Stream, { replied, ended }: WatchListener): void => {
  stream.on('data', (response) => {
    const reply = readable(() => replyOf(response));
    if (reply === undefined) ended(UNREADABLE);
    else replied(reply);
  });
  stream.on('error', (error) => ended(error.message));
  stream.on('end', () => ended('the server ended the watch stream'));
};

const replyOf = (response: IWatchResponse): WatchReply => ({
  revision: revisionOf(response.header),
  watch: BigInt(response.watch_id),
  created: response.created,
  canceled: response.canceled,
  compactRevision: revision(Number(response.compact_revision)),
  cancelReason: response.cancel_reason,
  fragment: response.fragment,
  events: response.events.map(watchEvent),
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
