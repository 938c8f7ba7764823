/** etcdserverpb.KV. */
import type { Backend } from './backend.ts';
import { KV } from './gen/rpc_pb.ts';
import { deleteRangeOf, putOf, rangeOf, wrongSort } from './kv-requests.ts';
import { deletedMessage, putMessage, rangeMessage, txnMessage } from './kv-responses.ts';
import { type Method, unary } from './methods.ts';
import { refusal, statusOf, TOO_LARGE } from './refusals.ts';
import { txnOf } from './txn-requests.ts';

export const kvService = (backend: Backend): readonly Method[] => [
  unary(KV.method.range, (request, replies) => {
    const wrong = wrongSort(request);
    if (wrong !== undefined) {
      replies.end(refusal(wrong, backend));
      return;
    }
    const token = backend.expect((response) => {
      if (response.kind === 'rangeResult') {
        replies.send(rangeMessage(response, backend.header(response.revision)));
      } else replies.end(statusOf(response, backend));
    });
    backend.submit({ ...rangeOf(request), token });
  }),
  unary(KV.method.put, (request, replies, bytes) => {
    if (backend.isTooLarge(bytes)) {
      replies.end(TOO_LARGE);
      return;
    }
    const token = backend.expect((response) => {
      if (response.kind === 'putDone') {
        replies.send(putMessage(response, backend.header(response.revision)));
      } else replies.end(statusOf(response, backend));
    });
    backend.submit({ ...putOf(request), token });
  }),
  unary(KV.method.deleteRange, (request, replies, bytes) => {
    if (backend.isTooLarge(bytes)) {
      replies.end(TOO_LARGE);
      return;
    }
    const token = backend.expect((response) => {
      if (response.kind === 'deleted') {
        replies.send(deletedMessage(response, backend.header(response.revision)));
      } else replies.end(statusOf(response, backend));
    });
    backend.submit({ ...deleteRangeOf(request), token });
  }),
  unary(KV.method.txn, (request, replies, bytes) => {
    if (backend.isTooLarge(bytes)) {
      replies.end(TOO_LARGE);
      return;
    }
    const txn = txnOf(request);
    if (typeof txn === 'string') {
      replies.end(refusal(txn, backend));
      return;
    }
    const token = backend.expect((response) => {
      if (response.kind === 'txnResult') {
        replies.send(txnMessage(response, backend.header(response.revision)));
      } else replies.end(statusOf(response, backend));
    });
    backend.submit({ ...txn, token });
  }),
  unary(KV.method.compact, ({ revision, physical }, replies) => {
    const token = backend.expect((response) => {
      if (response.kind === 'compacted') {
        const header = backend.header(response.revision);
        replies.send({ $typeName: 'etcdserverpb.CompactionResponse', header });
      } else replies.end(statusOf(response, backend));
    });
    backend.submit({ kind: 'compact', token, revision, physical });
  }),
];
