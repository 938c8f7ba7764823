/** gRPC over HTTP/2: finds the method that a stream asks for, and starts the call. */
import {
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { Call, type CallContext } from './call.ts';
import { timeoutOf } from './grpc-timeout.ts';
import type { Method } from './methods.ts';
import { CODE, escapeMessage, type Status } from './status.ts';

export interface GrpcServerOptions {
  readonly methods: readonly Method[];
  readonly context: CallContext;
  readonly maxConcurrentStreams: number;
}

export class GrpcServer {
  /** Listens on nothing: it is handed connections, as 'connection' events. */
  readonly http2: Http2Server;
  readonly #methods: ReadonlyMap<string, Method>;
  readonly #services: ReadonlySet<string>;
  readonly #context: CallContext;
  readonly #sessions = new Set<ServerHttp2Session>();

  constructor({ methods, context, maxConcurrentStreams }: GrpcServerOptions) {
    this.#methods = new Map(methods.map((method) => [method.path, method]));
    this.#services = new Set(methods.map(({ path }) => serviceOf(path)));
    this.#context = context;
    // 64 KiB, the protocol's own window, would make a large put wait for updates.
    const settings = { maxConcurrentStreams, initialWindowSize: 1 << 20 };
    this.http2 = createServer({ settings, maxSessionMemory: SESSION_MEGABYTES });
    this.http2.on('session', (session) => this.#keep(session));
    // Never a 'request' listener beside this one: it would send trailers of its own.
    this.http2.on('stream', (stream, headers) => this.#open(stream, headers));
    // A peer that does not speak the protocol; its session is destroyed.
    this.http2.on('sessionError', () => {});
  }

  /** GOAWAY to every client, what was answered goes out, the connections end. */
  async close(): Promise<void> {
    const sessions = [...this.#sessions];
    for (const session of sessions) if (!session.destroyed) session.goaway();
    for (let turn = 0; turn < DRAIN_TURNS; turn += 1) await new Promise(setImmediate);
    for (const session of sessions) session.destroy();
  }

  #keep(session: ServerHttp2Session): void {
    this.#sessions.add(session);
    session.on('error', () => {});
    session.on('close', () => this.#sessions.delete(session));
  }

  #open(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    stream.on('error', () => {});
    this.#context.onActivity();
    const type = headers['content-type'] ?? '';
    if (!/^application\/grpc($|[+;])/.test(type)) {
      const message = `invalid gRPC request content-type ${JSON.stringify(type)}`;
      refuse(stream, { code: CODE.invalidArgument, message }, 415);
      return;
    }
    const path = headers[':path'] ?? '';
    const method = this.#methods.get(path);
    if (method === undefined) {
      refuse(stream, { code: CODE.unimplemented, message: this.#unknown(path) }, 200);
      return;
    }
    const timeout = headers['grpc-timeout'] as string | undefined;
    const milliseconds = timeout === undefined ? undefined : timeoutOf(timeout);
    if (milliseconds === null) {
      const message = `malformed grpc-timeout: ${timeout}`;
      refuse(stream, { code: CODE.internal, message }, 400);
      return;
    }
    const call = new Call(stream, headers, method, this.#context);
    if (milliseconds !== undefined) call.limit(milliseconds);
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

/** Ends a stream with one HEADERS frame. */
const refuse = (stream: ServerHttp2Stream, { code, message }: Status, httpStatus: number): void => {
  stream.respond(
    {
      ':status': httpStatus,
      'content-type': 'application/grpc',
      'grpc-status': String(code),
      'grpc-message': escapeMessage(message),
    },
    { endStream: true },
  );
  stream.resume();
};
