/** A proxy of HTTP/2 on loopback, which answers pings itself, and can keep what it was sent. */
import { once } from 'node:events';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { type AddressInfo, connect as connectSocket, type Socket } from 'node:net';

export class Http2Proxy {
  /** What has passed; it is at rest while that does not grow. */
  moved = 0;
  /** The method of each message that came from a client. */
  readonly asked: string[] = [];
  readonly #server: Http2Server;
  readonly #sessions = new Map<ServerHttp2Session, ClientHttp2Session>();
  readonly #streams = new Set<ServerHttp2Stream>();
  /** Those that are open, and served no more. */
  readonly #abandoned = new Set<ServerHttp2Stream>();
  /** Those of which the requests are passed on alone. */
  readonly #muted = new Set<ServerHttp2Stream>();
  #held: (() => void)[] | null = null;
  #isHeld: (path: string) => boolean = () => true;
  #isDoubled: (path: string) => boolean = () => false;
  #isDropping = false;

  constructor(upstream: string) {
    this.#server = createServer();
    this.#server.on('connection', (socket: Socket) => socket.setNoDelay(true));
    this.#server.on('session', (session) => {
      this.moved += 1;
      const createConnection = ({ hostname, port }: URL): Socket =>
        connectSocket({ host: hostname, port: Number(port), noDelay: true });
      const client = connect(upstream, { createConnection }, () => (this.moved += 1));
      client.on('error', () => {});
      session.on('error', () => {});
      session.once('close', () => client.destroy());
      this.#sessions.set(session, client);
    });
    this.#server.on('stream', (stream, headers) => this.#serve(stream, headers));
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this.url;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Replies wait from now on, to that method alone if one is named. */
  holdReplies(method?: string): void {
    this.#held = [];
    this.#isHeld = (path) => method === undefined || path === method;
  }

  /** Requests of that method are sent twice from now on. */
  doubleRequests(method: string): void {
    this.#isDoubled = (path) => path === method;
  }

  /** Those that waited go on their way. */
  releaseReplies(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const pass of held) pass();
  }

  /** Requests are lost from now on. */
  dropRequests(): void {
    this.#isDropping = true;
  }

  /** The streams that are open stay so, and are served no more. */
  abandon(): void {
    for (const stream of this.#streams) this.#abandoned.add(stream);
  }

  /** The streams that are open stay so, and no reply comes on them any more. */
  mute(): void {
    for (const stream of this.#streams) this.#muted.add(stream);
  }

  /** The connections that are open end; those after them are served. */
  disconnect(): void {
    for (const session of this.#sessions.keys()) session.destroy();
    this.#sessions.clear();
  }

  close(): void {
    this.#server.close();
    for (const [session, client] of this.#sessions) {
      session.destroy();
      client.destroy();
    }
  }

  #serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    const session = stream.session as ServerHttp2Session;
    const call = (this.#sessions.get(session) as ClientHttp2Session).request(headers);
    const path = headers[':path'] ?? '';
    this.#streams.add(stream);
    this.moved += 1;
    stream.once('close', () => {
      this.#streams.delete(stream);
      call.close(constants.NGHTTP2_CANCEL);
    });
    stream.on('error', () => {});
    call.on('error', () => {});
    stream.on('data', (data: Buffer) => {
      this.moved += 1;
      this.asked.push(path);
      if (this.#isDropping || this.#abandoned.has(stream)) return;
      call.write(data);
      if (this.#isDoubled(path)) call.write(data);
    });
    stream.on('end', () => {
      if (!this.#isDropping && !this.#abandoned.has(stream)) call.end();
    });
    this.#passReplies(call, stream, path);
  }

  #isUnheard(stream: ServerHttp2Stream): boolean {
    return stream.destroyed || this.#abandoned.has(stream) || this.#muted.has(stream);
  }

  #passReplies(call: ClientHttp2Stream, stream: ServerHttp2Stream, path: string): void {
    const reply = (pass: () => void): void => {
      this.moved += 1;
      const guarded = (): void => {
        if (!this.#isUnheard(stream)) pass();
      };
      if (this.#held === null || !this.#isHeld(path)) guarded();
      else this.#held.push(guarded);
    };
    let trailers: IncomingHttpHeaders = {};
    call.on('response', (headers, flags) => {
      const endStream = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
      reply(() => stream.respond(headers, { endStream, waitForTrailers: !endStream }));
    });
    call.on('data', (data: Buffer) => reply(() => stream.write(data)));
    call.on('trailers', (last) => {
      trailers = last;
    });
    call.on('end', () => reply(() => stream.end()));
    stream.once('wantTrailers', () => stream.sendTrailers(trailers));
  }
}
