/** gRPC over HTTP/2: finds the method that a stream asks for, and starts the call. */
import {
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Duplex } from 'node:stream';
import { Call, type CallContext, isGone, NOTHING_ELSE } from './call.ts';
import { invariant } from '../invariant.ts';
import { timeoutOf } from './grpc-timeout.ts';
import type { LeaderMonitor } from './leader-monitor.ts';
import type { Method } from './methods.ts';
import { SessionProbe } from './session-probe.ts';
import { CODE, escapeMessage, type Status } from './status.ts';

export interface GrpcServerOptions {
  readonly methods: readonly Method[];
  readonly context: CallContext;
  readonly maxConcurrentStreams: number;
  /** Real milliseconds of silence after which a client is asked whether it is there. */
  readonly probeInterval: number;
  /** Of requests, as `grpc-encoding` names them. */
  readonly encodings: readonly string[];
  /** For calls that want a leader (KA-13). */
  readonly leader: LeaderMonitor;
}

export class GrpcServer {
  /** Listens on nothing: it is handed connections. */
  readonly #http2: Http2Server;
  readonly #methods: ReadonlyMap<string, Method>;
  readonly #services: ReadonlySet<string>;
  readonly #encodings: ReadonlySet<string>;
  readonly #context: CallContext;
  readonly #leader: LeaderMonitor;
  readonly #probe: SessionProbe;
  readonly #connections = new WeakMap<ServerHttp2Session, Duplex>();
  /** The connection whose session is about to begin. */
  #accepting: Duplex | undefined;

  constructor(options: GrpcServerOptions) {
    const { methods, context, maxConcurrentStreams, encodings } = options;
    this.#probe = new SessionProbe(options.probeInterval);
    this.#encodings = new Set(encodings);
    this.#methods = new Map(methods.map((method) => [method.path, method]));
    this.#services = new Set(methods.map(({ path }) => serviceOf(path)));
    this.#context = context;
    this.#leader = options.leader;
    // 64 KiB, the protocol's own window, would make a large put wait for updates.
    const settings = { maxConcurrentStreams, initialWindowSize: 1 << 20 };
    this.#http2 = createServer({ settings, maxSessionMemory: SESSION_MEGABYTES });
    this.#http2.on('session', (session) => this.#keep(session));
    // Never a 'request' listener beside this one: it would send trailers of its own.
    this.#http2.on('stream', (stream, headers) => this.#open(stream, headers));
    // A peer that does not speak the protocol; its session is destroyed.
    this.#http2.on('sessionError', () => {});
  }

  accept(connection: Duplex): void {
    this.#accepting = connection;
    this.#http2.emit('connection', connection);
    this.#accepting = undefined;
  }

  sayGoodbye(connection: Duplex): void {
    for (const session of this.#probe.sessions) {
      // The connection ends with its last stream, as that of etcd's gRPC library does.
      if (this.#connections.get(session) === connection && !session.destroyed) session.close();
    }
  }

  /** All connections end at once, as when the process is killed. */
  cut(): void {
    for (const session of this.#probe.sessions) this.#connections.get(session)?.destroy();
  }

  /** GOAWAY to every client, what was answered goes out, the connections end. */
  async close(): Promise<void> {
    this.#probe.stop();
    const { sessions } = this.#probe;
    for (const session of sessions) if (!session.destroyed) session.goaway();
    for (let turn = 0; turn < DRAIN_TURNS; turn += 1) await new Promise(setImmediate);
    for (const session of sessions) session.destroy();
  }

  #keep(session: ServerHttp2Session): void {
    const connection = this.#accepting;
    invariant(connection !== undefined, 'a session begins when a connection is handed over');
    this.#connections.set(session, connection);
    this.#probe.add(session);
    session.on('error', () => {});
  }

  #open(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    stream.on('error', () => {});
    if (isGone(stream)) return;
    this.#context.onActivity();
    const refusal = this.#refusalOf(headers);
    if (refusal !== undefined) {
      refuse(stream, refusal);
      return;
    }
    const path = headers[':path'] ?? '';
    const known = this.#methods.get(path);
    if (known === undefined) {
      refuse(stream, { http: 200, code: CODE.unimplemented, message: this.#unknown(path) });
      return;
    }
    const method = headers['hasleader'] === 'true' ? this.#leader.guard(known) : known;
    const { session } = stream;
    const connection =
      session === undefined ? undefined : this.#connections.get(session as ServerHttp2Session);
    const call = new Call({ stream, headers, method, connection }, this.#context);
    call.begin();
    const timeout = headers['grpc-timeout'];
    if (timeout !== undefined) call.limit(timeoutOf(timeout as string) as number);
  }

  /** What is wrong with the headers, whatever the method. */
  #refusalOf(headers: IncomingHttpHeaders): HttpStatus | undefined {
    const type = headers['content-type'] ?? '';
    if (!/^application\/grpc($|[+;])/.test(type)) {
      const message = `invalid gRPC request content-type ${JSON.stringify(type)}`;
      return { http: 415, code: CODE.invalidArgument, message };
    }
    const timeout = headers['grpc-timeout'];
    const limit = timeout === undefined ? 0 : timeoutOf(timeout as string);
    if (typeof limit === 'string') {
      return { http: 400, code: CODE.internal, message: `malformed grpc-timeout: ${limit}` };
    }
    const verb = headers[':method'];
    if (verb !== 'POST') {
      const what = `Received a HEADERS frame with :method ${JSON.stringify(verb)}`;
      return { http: 405, code: CODE.internal, message: `${what} which should be POST` };
    }
    const encoding = (headers['grpc-encoding'] ?? 'identity') as string;
    if (!this.#encodings.has(encoding)) {
      const what = 'grpc: Decompressor is not installed for grpc-encoding';
      return {
        http: 200,
        code: CODE.unimplemented,
        message: `${what} ${JSON.stringify(encoding)}`,
      };
    }
    return undefined;
  }

  #unknown(path: string): string {
    if (!/^\/.*\//.test(path)) return `malformed method name: ${JSON.stringify(path)}`;
    const service = serviceOf(path);
    if (!this.#services.has(service)) return `unknown service ${service}`;
    return `unknown method ${path.slice(service.length + 2)} for service ${service}`;
  }
}

/** What one connection may make the HTTP/2 library hold. */
const SESSION_MEGABYTES = 256;

/** Turns of the event loop in which what has been written leaves. */
const DRAIN_TURNS = 3;

/** `/package.Service/Method` → `package.Service`. */
const serviceOf = (path: string): string => path.slice(1, path.lastIndexOf('/'));

interface HttpStatus extends Status {
  readonly http: number;
}

/** Ends a stream with one HEADERS frame. */
const refuse = (stream: ServerHttp2Stream, { http, code, message }: HttpStatus): void => {
  stream.respond(
    {
      ':status': http,
      'content-type': 'application/grpc',
      'grpc-status': String(code),
      'grpc-message': escapeMessage(message),
    },
    NOTHING_ELSE,
  );
  // What the client still sends is thrown away.
  stream.resume();
};
