/** The requests that are answered at once, each with its function. */
import type { Command } from '../api/command.ts';
import type { Response } from '../api/response.ts';
import { compact, deleteRange, put, range } from './kv-requests.ts';
import { grant, leases, revoke, timeToLive } from './lease-requests.ts';
import type { Server } from './server.ts';
import { txn } from './txn.ts';

/** Those that streams carry are not among them: some of them wait, or are never answered. */
export type Request = Exclude<
  Command,
  { readonly kind: 'keepAlive' | 'watch' | 'cancelWatch' | 'watchProgress' }
>;

export const answerTo = (server: Server, request: Request): Response => {
  switch (request.kind) {
    case 'grant':
      return grant(server, request);
    case 'revoke':
      return revoke(server, request);
    case 'timeToLive':
      return timeToLive(server, request);
    case 'leases':
      return leases(server);
    case 'put':
      return put(server, request);
    case 'range':
      return range(server, request);
    case 'deleteRange':
      return deleteRange(server, request);
    case 'txn':
      return txn(server, request);
    case 'compact':
      return compact(server, request);
    case 'alarm':
      server.ids.take();
      return server.space.alarm(request, server.etcd, server.store.revision);
  }
};
