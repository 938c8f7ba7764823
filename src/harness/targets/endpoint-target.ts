/** A server that somebody else runs, and that speaks etcd's API. */
import { asBytes, prefixEnd } from '../../api/bytes.ts';
import { PLAIN_VIEW } from '../../api/command.ts';
import { DEFAULT_CONFIG, type ServerConfig } from '../../api/config.ts';
import type { Seconds } from '../../api/units.ts';
import { type HttpExchange, type Target, TargetError } from '../target.ts';
import { expectHttp2, messageOf, notEtcd, PROBE_MS } from './endpoint-probe.ts';
import { minorOf } from './etcd-releases.ts';
import { closeAll, sharedServer } from './etcd-target.ts';
import { callUnary } from './grpc-calls.ts';
import { GrpcSession, type SharedServer } from './grpc-session.ts';
import { givenUsers, httpTo } from './http.ts';
import { type Security, tlsOptions } from './security.ts';

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
export const endpointTarget = async (
  urls: string,
  security: Security = {},
): Promise<EndpointTarget> => {
  const members = urls.split(',').map(memberUrl);
  await Promise.all(members.map((url) => expectHttp2(url, security)));
  const options = { urls: members, config: DEFAULT_CONFIG, cleansUp: true, security };
  const server = sharedServer(options);
  // Its version a server says to everybody.
  const anybody = tlsOptions(security);
  const close = () => closeAll(server);
  try {
    const versions = await Promise.all(
      members.map((url, at) => versionOf(server, at, url, httpTo(url, anybody))),
    );
    const version = versions[0] as string;
    const minimumTtl = await learnMinimumTtl(server, members[0] as string);
    await expectPermission(server, members[0] as string);
    const users = givenUsers(members[0] as string, security);
    return {
      name: urls,
      version,
      clock: 'real',
      config: { ...DEFAULT_CONFIG, etcd: minorOf(version) ?? DEFAULT_CONFIG.etcd },
      minimumTtl,
      exclusive: false,
      http: httpTo(members[0] as string, security),
      ...(users && { users }),
      open: ({ index }, sink) => GrpcSession.open(server, index, sink),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};

const memberUrl = (text: string): string => {
  // Not by the URL's own `port`: that is empty for 80, and nobody means 80 who forgets the port of
  // an etcd.
  const address = /^(https?:\/\/[^/?#@]+:\d+)\/?$/.exec(text)?.[1];
  if (address !== undefined && URL.canParse(text)) return address;
  const otherwise = 'write the client URL of an etcd with its port, as in http://127.0.0.1:2379';
  throw new TargetError(`«${text}» is not an endpoint: ${otherwise}`);
};

/** What Maintenance/Status says; `unknown` when the server has leases and no such call. */
const versionOf = async (
  server: SharedServer,
  member: number,
  url: string,
  http: HttpExchange,
): Promise<string> => {
  const etcd = server.connections.of(member, 0);
  try {
    return (await etcd.maintenance.status({ deadline: Date.now() + PROBE_MS })).version;
  } catch (error) {
    const why = messageOf(error);
    const said = refusal(why);
    // Who is no administrator may be refused the status, and may yet use keys and leases.
    if (said !== null && !isDenied(why)) throw new TargetError(`${url} ${said}`);
    const lease = { kind: 'timeToLive', token: 0, id: 0n, keys: false } as const;
    const { kind } = await callUnary(etcd, lease, PROBE_MS);
    if (kind === 'answered')
      return (
        (await http({ method: 'GET', path: '/version', body: '' }).then(
          versionSaid,
          () => undefined,
        )) ?? 'unknown'
      );
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
  const said = refusal(why);
  if (said !== null) throw new TargetError(`${url} ${said}`);
  throw new TargetError(`${url} does not grant leases (${why}): use a server that does`);
};

/** A server with users says at once whether this one may do what all cases do. */
const expectPermission = async (server: SharedServer, url: string): Promise<void> => {
  const etcd = server.connections.of(0, 0);
  const key = asBytes(`lh/${server.share.toString(16)}/`);
  const own = { token: 0, key, rangeEnd: prefixEnd(key) } as const;
  const read = { kind: 'range', ...own, revision: 0, view: PLAIN_VIEW } as const;
  const remove = { kind: 'deleteRange', ...own, prevKv: false } as const;
  for (const command of [read, remove] as const) {
    const completion = await callUnary(etcd, command, server.deadlineMs);
    const said = completion.kind === 'unknown' ? refusal(completion.why) : null;
    if (said !== null) throw new TargetError(`${url} ${said}`);
  }
};

/** What a server with users says to those that it does not know; null: nothing of that. */
const refusal = (why: string): string | null => {
  if (/authentication failed/.test(why)) return 'does not know this user and password: --user';
  if (/user name is empty|invalid auth token/.test(why)) {
    return 'wants a user and a password: --user NAME:PASSWORD';
  }
  if (/authentication is not enabled/.test(why)) return 'has no users: go without --user';
  if (isDenied(why)) {
    return 'does not let this user read and write keys that begin with lh/: grant it that';
  }
  return null;
};

const isDenied = (why: string): boolean => /permission denied/i.test(why);

/** What `/version` says of the server, to everybody. */
const versionSaid = ({ body }: { readonly body: string }): string | undefined =>
  /"etcdserver": ?"(\d+\.\d+\.\d+[^"]*)"/.exec(body)?.[1];
