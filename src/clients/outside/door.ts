/**
 * A door on loopback for one program, and the connections that come in at it: each goes on in
 * memory, where all faults of the network are. Nothing passes by itself: what the program sends is
 * put in its mail, and what is sent to it waits for `flush`.
 */
import net from 'node:net';
import { once } from 'node:events';
import { turn } from '../../timewarp/waiting.ts';
import type { Mail } from './mail.ts';

/** Of the event loop: the kernel has told of the end of a connection long before. */
const MOST_TURNS = 1_000;

export interface DoorOptions {
  /** Where the connections go: an address of a network in memory. */
  readonly host: string;
  readonly port: number;
  readonly mail: Pick<Mail, 'post'>;
  /** Something has come to wait for the program. */
  readonly onMail?: () => void;
}

export class Door {
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();
  #outbox: (() => void)[] = [];
  #connections = 0;

  private constructor(server: net.Server, options: DoorOptions) {
    this.#server = server;
    server.on('connection', (socket) => this.#accept(socket, options));
  }

  static async open(options: DoorOptions): Promise<Door> {
    const server = net.createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Door(server, options);
  }

  /** `http://127.0.0.1:port` */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as net.AddressInfo).port}`;
  }

  /** Something waits for the program. */
  get hasMail(): boolean {
    return this.#outbox.length > 0;
  }

  /** Hands over what waits for the program. */
  flush(): void {
    const due = this.#outbox;
    this.#outbox = [];
    for (const send of due) send();
  }

  /** The program is gone: resolves when all that it has sent was read. */
  async drain(): Promise<void> {
    for (let turns = 0; this.#sockets.size > 0 && turns < MOST_TURNS; turns += 1) await turn();
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #accept(socket: net.Socket, options: DoorOptions): void {
    const { mail } = options;
    this.#connections += 1;
    const channel = this.#connections;
    const post = (deliver: (memory: net.Socket) => void): void =>
      mail.post(channel, () => {
        memory ??= this.#connect(socket, options);
        deliver(memory);
      });
    let memory: net.Socket | undefined;
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    // What is wrong shows as its end.
    socket.on('error', () => {});
    let unsent: Buffer[] = [];
    socket.on('data', (chunk) => {
      unsent.push(chunk);
      // As one, however it was read.
      if (unsent.length > 1) return;
      post((on) => {
        on.write(Buffer.concat(unsent));
        unsent = [];
      });
    });
    socket.on('close', () => {
      this.#sockets.delete(socket);
      // Who has no answer yet stops asking.
      post((on) => (on.connecting ? on.destroy() : on.end()));
    });
    post(() => {});
  }

  #connect(socket: net.Socket, { host, port, onMail }: DoorOptions): net.Socket {
    const send = (deliver: () => void): void => {
      this.#outbox.push(deliver);
      onMail?.();
    };
    const memory = net.connect(port, host);
    memory.setNoDelay(true);
    // What the program sends at once waits until somebody has answered.
    memory.cork();
    memory.once('connect', () => memory.uncork());
    let hasFailed = false;
    memory.on('error', () => {
      hasFailed = true;
    });
    memory.on('data', (chunk) => send(() => socket.write(chunk)));
    memory.on('end', () => send(() => socket.end()));
    memory.on('close', () =>
      send(() => {
        if (hasFailed) socket.resetAndDestroy();
        else socket.destroySoon();
      }),
    );
    return memory;
  }
}
