/**
 * Finds connections that are dead. After some errors of the peer Node's HTTP/2 neither reads nor
 * closes its connection any more, and so never learns that the peer is gone; and a peer may vanish
 * without a word. What has been silent for an interval is pinged, and again after another one; what
 * has answered neither by the end of a third is destroyed. One ping would not do: when the process
 * itself was held up, its timers come before what has arrived meanwhile.
 *
 * The interval is real time: this is about sockets, not about anything that etcd promises.
 */
import type { ServerHttp2Session } from 'node:http2';

interface Watched {
  /** Of the socket, when it was last looked at; what is no socket does not count them. */
  bytesRead: number | undefined;
  /** Pings since it was last heard of. */
  unanswered: number;
}

const PINGS = 2;

export class SessionProbe {
  readonly #sessions = new Map<ServerHttp2Session, Watched>();
  readonly #timer: NodeJS.Timeout | undefined;

  /** `interval`: in milliseconds; 0: nobody is asked. */
  constructor(interval: number) {
    if (interval > 0) this.#timer = setInterval(() => this.#look(), interval).unref();
  }

  get sessions(): readonly ServerHttp2Session[] {
    return [...this.#sessions.keys()];
  }

  add(session: ServerHttp2Session): void {
    this.#sessions.set(session, { bytesRead: 0, unanswered: 0 });
    session.on('close', () => this.#sessions.delete(session));
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    for (const [session, watched] of this.#sessions) {
      // It is about to close, and has no socket any more.
      if (session.destroyed) continue;
      const { bytesRead } = session.socket;
      if (bytesRead !== watched.bytesRead) {
        watched.bytesRead = bytesRead;
        watched.unanswered = 0;
      } else if (watched.unanswered === PINGS || !ask(session, watched)) session.destroy();
    }
  }
}

/** Pings the peer. False: that is not possible any more. */
const ask = (session: ServerHttp2Session, watched: Watched): boolean => {
  watched.unanswered += 1;
  return session.ping((error) => {
    if (error === null) watched.unanswered = 0;
  });
};
