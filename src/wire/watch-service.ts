/** etcdserverpb.Watch. */
import type { Backend } from './backend.ts';
import { Watch } from './gen/rpc_pb.ts';
import { type Method, streaming } from './methods.ts';
import { WatchStream } from './watch-stream.ts';

/** `maxBytes`: beyond it, a response is cut when the watch asked for that. */
export const watchService = (backend: Backend, maxBytes: number): readonly Method[] => [
  streaming(Watch.method.watch, (replies) => new WatchStream(backend, replies, maxBytes)),
];
