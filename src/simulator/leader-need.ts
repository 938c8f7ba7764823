/** What a request needs a leader for, if it does. */
import { NO_BYTES } from '../api/bytes.ts';
import type { Command } from '../api/command.ts';
import { edgeRefusal } from './kv-requests.ts';
import { isReadOnly } from './txn.ts';
import { shapeRefusal } from './txn-shape.ts';

/**
 * `proposal`: it goes through raft. `read`: it asks the leader how far to read. `look`: the leader
 * alone can answer. `stream`: so it is, and the stream waits with it.
 */
export type Need = 'none' | 'proposal' | 'read' | 'look' | 'stream';

export const needOf = (command: Command): Need => {
  switch (command.kind) {
    case 'grant':
    case 'revoke':
    case 'compact':
    case 'alarm':
      return 'proposal';
    case 'put':
    case 'deleteRange':
      // KV-05: what is wrong with it is said before anybody is asked.
      return edgeRefusal(command) === undefined ? 'proposal' : 'none';
    case 'range':
      return command.key === NO_BYTES || command.view.serializable ? 'none' : 'read';
    case 'txn': {
      if (shapeRefusal(command) !== undefined) return 'none';
      if (!isReadOnly(command)) return 'proposal';
      const ops = [...command.success, ...command.failure];
      return ops.every((op) => op.kind === 'range' && op.view.serializable) ? 'none' : 'read';
    }
    case 'timeToLive':
      return 'look';
    case 'keepAlive':
      return 'stream';
    // LIST-05
    case 'leases':
    case 'watch':
    case 'cancelWatch':
    case 'watchProgress':
      return 'none';
  }
};
