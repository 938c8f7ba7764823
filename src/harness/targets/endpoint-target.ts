/** A server that somebody else runs, and that speaks etcd's API. */
import { connect } from 'node:http2';
import { DEFAULT_CONFIG, type ServerConfig } from '../../api/config.ts';
import type { Seconds } from '../../api/units.ts';
import { type Target, TargetError } from '../target.ts';
import { minorOf } from './etcd-releases.ts';
import { closeAll, sharedServer } from './etcd-target.ts';
import { callUnary } from './grpc-calls.ts';
import { GrpcSession, type SharedServer } from './grpc-session.ts';
import { httpTo } from './http.ts';

export interface EndpointTarget extends Target {
  /**
   * The server's minor version (3.5 when it is another than the known ones) and etcd's default
   * timing: a server's flags cannot be read from outside. `minimumTtl` is what can be learnt of
   * them.
   */
  readonly config: ServerConfig;
  /** What a grant of 1 s was granted: the server's minimum TTL (CONST-02). */
  readonly minimumTtl: Seconds;
  close(): Promise<void>;
}

/**
 * The etcd at `urls`: client URLs of the members of one cluster, as in
 * `http://host:2379,http://other:2379`. Client `i` uses the URL `i` modulo their number.
 *
 * Throws `TargetError` when one of them does not answer, or is no etcd.
 */
export const endpointTarget = async (urls: string): Promise<EndpointTarget> => {
  const members = urls.split(',').map(memberUrl);
  await Promise.all(members.map(expectHttp2));
  const server = sharedServer({ urls: members, config: DEFAULT_CONFIG, cleansUp: true });
  const close = () => closeAll(server);
  try {
    const versions = await Promise.all(members.map((url, at) => versionOf(server, at, url)));
    const version = versions[0] as string;
    const minimumTtl = await learnMinimumTtl(server, members[0] as string);
    return {
      name: urls,
      version,
      clock: 'real',
      config: { ...DEFAULT_CONFIG, etcd: minorOf(version) ?? DEFAULT_CONFIG.etcd },
      minimumTtl,
      exclusive: false,
      http: httpTo(members[0] as string),
      open: ({ index }, sink) => GrpcSession.open(server, index, sink),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};

/** How long a server may take to show that it is an etcd. */
const PROBE_MS = 5_000;

const memberUrl = (text: string): string => {
  // Not by the URL's own `port`: that is empty for 80, and nobody means 80 who forgets the port of
  // an etcd.
  const address = /^http:\/\/([^/?#@]+:\d+)\/?$/.exec(text)?.[1];
  if (address !== undefined && URL.canParse(text)) return `http://${address}`;
  const otherwise = 'write the client URL of an etcd with its port, as in http://127.0.0.1:2379';
  throw new TargetError(`«${text}» is not an endpoint: ${otherwise}`);
};

/**
 * Asks for no more than HTTP/2's greeting, on a connection of its own: gRPC's library holds on to
 * a connection that it never gets to use.
 */
const expectHttp2 = (url: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const session = connect(url);
    const fail = (message: string) => {
      clearTimeout(timer);
      session.destroy();
      reject(new TargetError(message));
    };
    const timer = setTimeout(() => fail(notEtcd(url, `silent for ${PROBE_MS} ms`)), PROBE_MS);
    session.on('error', (error) => {
      const why = messageOf(error);
      // Node's own complaints are about what was said; the others are the system's, about the way
      // there.
      const isSaid = 'code' in error && String(error.code).startsWith('ERR_HTTP2');
      fail(isSaid ? notEtcd(url, why) : unanswered(url, why));
    });
    session.once('close', () => fail(notEtcd(url, 'it closed the connection')));
    session.once('remoteSettings', () => {
      clearTimeout(timer);
      resolve();
      session.destroy();
    });
  });

const unanswered = (url: string, why: string): string =>
  `${url} does not answer (${why}): start an etcd there, or name the client URL of one that runs`;

const notEtcd = (url: string, why: string): string =>
  `${url} is not an etcd (${why}): name the client URL of an etcd (not its peer or metrics URL)`;

/** What Maintenance/Status says; `unknown` when the server has leases and no such call. */
const versionOf = async (server: SharedServer, member: number, url: string): Promise<string> => {
  const etcd = server.connections.of(member, 0);
  try {
    return (await etcd.maintenance.status({ deadline: Date.now() + PROBE_MS })).version;
  } catch (error) {
    const lease = { kind: 'timeToLive', token: 0, id: 0n, keys: false } as const;
    const { kind } = await callUnary(etcd, lease, PROBE_MS);
    if (kind === 'answered') return 'unknown';
    throw new TargetError(notEtcd(url, messageOf(error)));
  }
};

const learnMinimumTtl = async (server: SharedServer, url: string): Promise<Seconds> => {
  const etcd = server.connections.of(0, 0);
  const grant = { kind: 'grant', token: 0, id: 0n, ttl: 1n } as const;
  const completion = await callUnary(etcd, grant, server.deadlineMs);
  if (completion.kind === 'answered' && completion.response.kind === 'granted') {
    const { id, ttl } = completion.response;
    await callUnary(etcd, { kind: 'revoke', token: 0, id }, server.deadlineMs);
    return ttl;
  }
  const why = completion.kind === 'unknown' ? completion.why : 'refused';
  throw new TargetError(`${url} does not grant leases (${why}): use a server that does`);
};

/**
 * The first line; a failed attempt at several addresses says what it was in the first of its
 * errors.
 */
const messageOf = (error: unknown): string => {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  return String(error instanceof Error ? error.message : error).split('\n')[0] as string;
};
