/** Sessions that follow each other on one etcd on a virtual clock. */
import type { ServerConfig } from '../../api/config.ts';
import { type Session, type Sink, TargetError } from '../target.ts';
import type { VirtualEtcd } from './virtual-etcd.ts';
import { troubleOf, VirtualLine } from './virtual-line.ts';
import { VirtualSession } from './virtual-session.ts';
import { VirtualTurns } from './virtual-turns.ts';

export interface VirtualSessions {
  open(sink: Sink): Promise<Session>;
}

/** Begins the watch that all sessions share; `one` that opens ends the server when it closes. */
export async function virtualSessions(
  server: VirtualEtcd,
  { etcd }: ServerConfig,
  count: 'one' | 'many' = 'many',
): Promise<VirtualSessions> {
  const line = new VirtualLine(server, new VirtualTurns(server, etcd), count);
  await line.watch();
  return {
    open: async (sink) => {
      if (line.broken !== null) throw new TargetError(line.broken);
      await line.turns.toNextTurn().catch((error: unknown) => {
        throw new TargetError(troubleOf(error));
      });
      const session = new VirtualSession(line, sink);
      line.current = session;
      return session;
    },
  };
}
