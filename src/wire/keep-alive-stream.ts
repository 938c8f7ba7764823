/** One LeaseKeepAlive stream. The simulator answers its requests in order (KA-01). */
import type { Token } from '../api/command.ts';
import type { Backend } from './backend.ts';
import type { LeaseKeepAliveRequestSchema, LeaseKeepAliveResponseSchema } from './gen/rpc_pb.ts';
import type { Replies, StreamHandler } from './methods.ts';
import { statusOf } from './refusals.ts';
import { OK } from './status.ts';

export const keepAliveStream = (
  backend: Backend,
  replies: Replies<typeof LeaseKeepAliveResponseSchema>,
): StreamHandler<typeof LeaseKeepAliveRequestSchema> => {
  const stream = backend.openKeepAliveStream();
  const held = new Set<Token>();
  let isHalfClosed = false;
  return {
    message: ({ ID: id }) => {
      let isAnswered = false;
      const token = backend.expect((response) => {
        isAnswered = true;
        held.delete(token);
        if (response.kind !== 'keptAlive') {
          replies.end(statusOf(response, backend));
          return;
        }
        replies.send({
          $typeName: 'etcdserverpb.LeaseKeepAliveResponse',
          header: backend.header(response.revision),
          ID: response.id,
          TTL: BigInt(response.ttl),
        });
        // KA-07
        if (isHalfClosed && held.size === 0) replies.end(OK);
      });
      backend.submit({ kind: 'keepAlive', token, id, stream });
      // KA-04, KA-05
      if (!isAnswered) held.add(token);
    },
    halfClosed: () => {
      isHalfClosed = true;
      // KA-07
      if (held.size === 0) replies.end(OK);
    },
    gone: () => {
      // KA-08
      for (const token of held) backend.forget(token);
      held.clear();
      backend.closeKeepAliveStream(stream);
    },
  };
};
