/** etcdserverpb.KV. */
import type { Backend } from './backend.ts';
import { KV } from './gen/rpc_pb.ts';
import { deleteRangeOf, putOf, rangeOf } from './kv-requests.ts';
import { deletedMessage, putMessage, rangeMessage } from './kv-responses.ts';
import { type Method, unary } from './methods.ts';
import { statusOf } from './refusals.ts';

export const kvService = (backend: Backend): readonly Method[] => [
  unary(KV.method.range, (request, replies) => {
    const token = backend.expect((response) => {
      if (response.kind === 'rangeResult') {
        replies.send(rangeMessage(response, backend.header(response.revision)));
      } else replies.end(statusOf(response));
    });
    backend.submit({ ...rangeOf(request), token });
  }),
  unary(KV.method.put, (request, replies) => {
    const token = backend.expect((response) => {
      if (response.kind === 'putDone') {
        replies.send(putMessage(response, backend.header(response.revision)));
      } else replies.end(statusOf(response));
    });
    backend.submit({ ...putOf(request), token });
  }),
  unary(KV.method.deleteRange, (request, replies) => {
    const token = backend.expect((response) => {
      if (response.kind === 'deleted') {
        replies.send(deletedMessage(response, backend.header(response.revision)));
      } else replies.end(statusOf(response));
    });
    backend.submit({ ...deleteRangeOf(request), token });
  }),
];
