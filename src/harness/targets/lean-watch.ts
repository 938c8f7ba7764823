/** A Watch stream over a lean connection: what it delivers comes in order with other answers. */
import type { Watch } from '../../api/command.ts';
import { asBytes, type Bytes } from '../../api/bytes.ts';
import { revision } from '../../api/units.ts';
import type { WatchCommand } from './grpc-calls.ts';
import type { LeanConnection } from './lean-connection.ts';
import { revisionIn, watchEvent } from './lean-messages.ts';
import { encodeMessage, type Field, Message } from './protobuf.ts';
import type { OpenWatch, WatchReply } from './watch-transport.ts';

export const leanWatch =
  (connection: LeanConnection): OpenWatch =>
  ({ replied, ended }) => {
    const received = (bytes: Buffer): void => replied(replyOf(new Message(bytes)));
    const stream = connection.stream('/etcdserverpb.Watch/Watch', received, ended);
    return {
      write: (command) => stream.write(encodeMessage([messageOf(command)])),
      cancel: () => stream.cancel(),
    };
  };

const messageOf = (command: WatchCommand): Field => {
  switch (command.kind) {
    case 'watch':
      return [1, encodeMessage(createFields(command))];
    case 'cancelWatch':
      return [2, encodeMessage([[1, command.watch]])];
    case 'watchProgress':
      return [3, encodeMessage([])];
  }
};

const createFields = (command: Watch): readonly Field[] => [
  [1, command.key],
  [2, command.rangeEnd],
  [3, command.startRevision],
  [4, command.progressNotify],
  [5, filtersOf(command)],
  [6, command.prevKv],
  [7, command.watch],
  [8, command.fragment],
];

/** Numbers one after the other: NOPUT is 0, NODELETE is 1. */
const filtersOf = ({ noPut, noDelete }: Watch): Bytes =>
  asBytes(`${noPut ? '\0' : ''}${noDelete ? '\x01' : ''}`);

const replyOf = (response: Message): WatchReply => ({
  revision: revisionIn(response),
  watch: response.int64(2),
  created: response.int64(3) !== 0n,
  canceled: response.int64(4) !== 0n,
  compactRevision: revision(Number(response.int64(5))),
  cancelReason: response.bytes(6),
  fragment: response.int64(7) !== 0n,
  events: response.messages(11).map(watchEvent),
});
