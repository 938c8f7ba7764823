/** `leasehold serve`: an etcd for any client, until Ctrl-C. */
import { SHORTEST_PROGRESS_INTERVAL } from '../api/config.ts';
import { MAX_RATE } from '../pace/steered-clock.ts';
import { serveEtcd, type ServedEtcd, type ServeOptions } from '../wire/serve-etcd.ts';
import { type Arguments, shown, UsageError } from './arguments.ts';
import { EXIT } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

export async function runServe(args: Arguments, terminal: Terminal): Promise<number> {
  if (args.positionals.length > 0) {
    throw new UsageError(`serve takes options only, not ${args.positionals.join(' ')}`);
  }
  const token = args.text('token');
  if (token === '') throw new UsageError('--token: a token that is empty keeps nobody out');
  const listen = addressOf(args.text('listen') ?? DEFAULT_LISTEN);
  const clockControl = !args.flag('no-clock-control');
  const interrupted = new Promise<void>((resolve) => terminal.onInterrupt(resolve));
  const served = await serve({
    listen,
    clock: clockOf(args.text('clock') ?? 'real'),
    ...versionOf(args.text('etcd')),
    ...progressOf(args.duration(PROGRESS_INTERVAL)),
    clockControl,
    ...(token === undefined ? {} : { token }),
  });
  const text = args.flag('json') ? JSON.stringify(asJson(served)) : told(served, clockControl);
  terminal.out(`${text}\n`);
  await interrupted;
  await served.close();
  return EXIT.conformant;
}

const DEFAULT_LISTEN = '127.0.0.1:2379';

const serve = async (options: ServeOptions & Required<Pick<ServeOptions, 'listen'>>) => {
  try {
    return await serveEtcd(options);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const { host, port } = options.listen;
    if (code === 'EADDRINUSE') {
      const free = '--listen 127.0.0.1:0 takes a free one';
      throw new UsageError(`--listen ${host}:${port}: the port is in use; ${free}`);
    }
    if (code !== undefined) throw new UsageError(`--listen ${host}:${port}: ${code}`);
    throw error;
  }
};

const addressOf = (text: string): { readonly host: string; readonly port: number } => {
  const [, v6, name, digits] = /^(?:\[([\da-f:.]+)\]|([\w.-]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = v6 ?? name;
  const port = Number(digits);
  if (host !== undefined && port <= 65_535) return { host, port };
  throw new UsageError(`--listen ${shown(text)}: HOST:PORT is needed, such as 127.0.0.1:2379`);
};

const clockOf = (text: string): 'real' | { readonly rate: number } => {
  if (text === 'real') return 'real';
  if (text === 'virtual') return { rate: 0 };
  const rate = /^rate=\d+(\.\d+)?$/.test(text) ? Number(text.slice('rate='.length)) : 0;
  if (rate > 0 && rate <= MAX_RATE) return { rate };
  throw new UsageError(
    `--clock ${shown(text)}: real, virtual or rate=N is needed, with N up to ${MAX_RATE}`,
  );
};

const versionOf = (text: string | undefined): { readonly version?: string } => {
  if (text === undefined) return {};
  if (/^3\.[4-7](\.\d{1,3})?$/.test(text)) return { version: text };
  throw new UsageError(
    `--etcd ${shown(text)}: a version from 3.4 to 3.7 is needed, such as 3.5.30`,
  );
};

const PROGRESS_INTERVAL = 'watch-progress-notify-interval';

const progressOf = (interval: number | undefined): Pick<ServeOptions, 'config'> => {
  if (interval === undefined) return {};
  const least = SHORTEST_PROGRESS_INTERVAL;
  if (interval < least) {
    throw new UsageError(`--${PROGRESS_INTERVAL} ${interval}ms: ${least}ms at least is needed`);
  }
  return { config: { progressInterval: interval } };
};

const asJson = ({ url, version, clock, clockControl }: ServedEtcd) => ({
  schema: 'leasehold-serve/1',
  url,
  etcd: version,
  clock: clock.face,
  clockControl,
});

const told = ({ url, version, clock, clockControl }: ServedEtcd, isWanted: boolean): string => {
  const { mode, rate } = clock.face;
  const pace =
    mode === 'real' ? 'runs in real time' : rate === 0 ? 'stands still' : `runs at rate ${rate}`;
  const lines = [`etcd ${version} at ${url} (leasehold); its clock ${pace}`];
  if (mode === 'virtual') {
    const header = clockControl === 'token' ? " -H 'Authorization: Bearer TOKEN'" : '';
    const why = isWanted ? 'beyond loopback that needs a --token' : '--no-clock-control';
    lines.push(
      clockControl === 'off'
        ? `the clock cannot be moved over HTTP: ${why}`
        : `move it: curl -X POST${header} '${url}/leasehold/v1/clock/advance?by=10s'`,
    );
  }
  return [...lines, 'Ctrl-C ends it'].join('\n');
};
