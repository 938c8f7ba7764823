/**
 * A real etcd on a virtual clock as a target: schedules run at exact instants, one after another.
 */
import { open } from 'node:fs/promises';
import type { ServerConfig } from '../../api/config.ts';
import { WarpFailed, WarpUnsupported } from '../../timewarp/index.ts';
import { type Session, type Sink, type Target, TargetError } from '../target.ts';
import { minorOf } from './etcd-releases.ts';
import { httpTo, ownUsers } from './http.ts';
import { VirtualEtcd } from './virtual-etcd.ts';
import { virtualSessions } from './virtual-sessions.ts';

export interface VirtualTargetOptions {
  /** The path of an etcd, and the version that it is, as `resolveEtcd` finds them. */
  readonly binary: string;
  readonly version: string;
  /** Its timing; the minor version comes from `version`. */
  readonly config: ServerConfig;
}

/**
 * Starts an etcd. Throws `TargetError` when it does not come up, and where the machine cannot put
 * it on a virtual clock.
 */
export const etcdVirtualTarget = async (options: VirtualTargetOptions): Promise<Target> => {
  const minor = minorOf(options.version);
  if (minor === undefined) throw new TargetError(`etcd ${options.version}: 3.4 to 3.7 are known`);
  await refuseScript(options.binary);
  const config = { ...options.config, etcd: minor };
  const server = await VirtualEtcd.start({ ...options, config }).catch(explained);
  const sessions = await virtualSessions(server, config).catch(async (error: unknown) => {
    await server.close();
    throw error;
  });
  return {
    name: 'etcd-virtual',
    version: options.version,
    clock: 'virtual',
    config,
    minimumTtl: null,
    exclusive: true,
    abilities: ['restart'],
    restartsApart: true,
    timeIsDear: true,
    // What 3.4 makes of both is not for random schedules.
    alarmsForbidRestarts: minor === '3.4',
    http: httpTo(server.url),
    users: ownUsers(server.url),
    open: ({ needs }, sink) =>
      needs?.has('restart') === true
        ? openAlone({ ...options, config }, sink)
        : sessions.open(sink),
    close: () => server.close(),
  };
};

/** A script becomes another program in the end, and loses the clock with it. */
const refuseScript = async (binary: string): Promise<void> => {
  const file = await open(binary).catch((cause: unknown) => {
    throw new TargetError(`${binary} cannot be read`, { cause });
  });
  try {
    const { buffer } = await file.read(Buffer.alloc(ELF.length), 0, ELF.length, 0);
    if (buffer.equals(ELF)) return;
  } finally {
    await file.close();
  }
  const otherwise = 'give the program itself, or use --target etcd';
  throw new TargetError(
    `${binary} is a script: a virtual clock stays with one program; ${otherwise}`,
  );
};

/** What a program begins with. */
const ELF = Buffer.from('\x7fELF', 'latin1');

/** A session with a server of its own: a restart may leave it with other flags. */
const openAlone = async (options: VirtualTargetOptions, sink: Sink): Promise<Session> => {
  const server = await VirtualEtcd.start(options).catch(explained);
  try {
    const sessions = await virtualSessions(server, options.config, 'one');
    return await sessions.open(sink);
  } catch (error) {
    await server.close();
    throw error;
  }
};

/** What the machine cannot do is no bug of ours: one line that says what can be done instead. */
const explained = (error: unknown): never => {
  if (!(error instanceof WarpUnsupported || error instanceof WarpFailed)) throw error;
  throw new TargetError(`${error.message}; --target etcd checks on the real clock`);
};
