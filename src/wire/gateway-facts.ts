/** What the port tells about the server over HTTP: `/health`, `/version`, `/metrics`. */
import type { ServerResponse } from 'node:http';
import type { Backend } from './backend.ts';
import { sendJson, sendText } from './gateway-answers.ts';

type Fact = (backend: Backend, response: ServerResponse, query: URLSearchParams) => void;

/** Those that the Prometheus client of Go says. */
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

const health: Fact = ({ leader, options, simulator }, response, query) => {
  const isFull = simulator.status.noSpace && !query.getAll('exclude').includes('NOSPACE');
  const isLed = leader.isThere || query.get('serializable') === 'true';
  const isIll = isFull || !isLed;
  const isOld = options.config.etcd === '3.4';
  const why = isFull ? 'ALARM NOSPACE' : isLed ? '' : 'RAFT NO LEADER';
  const reason = isOld ? {} : { reason: why };
  const text = JSON.stringify({ health: String(!isIll), ...reason });
  sendText(response, isIll ? 503 : 200, isIll ? `${text}\n` : text);
};

const version: Fact = ({ isNew, options }, response) => {
  const minor = `${options.config.etcd}.0`;
  const storage = isNew ? { storage: minor } : {};
  const versions = { etcdserver: options.version, etcdcluster: minor, ...storage };
  sendJson(response, JSON.stringify(versions));
};

interface Metric {
  readonly name: string;
  readonly kind: 'counter' | 'gauge';
  readonly help: string;
  readonly value: number;
}

const metricsOf = ({ counts, simulator }: Backend): readonly Metric[] => {
  const { keys, leases, revision, watchStreams, watches } = simulator.status;
  const counter = (name: string, help: string, value: number): Metric => ({
    name,
    help,
    value,
    kind: 'counter',
  });
  const gauge = (name: string, help: string, value: number): Metric => ({
    name,
    help,
    value,
    kind: 'gauge',
  });
  const debugging = 'etcd_debugging';
  return [
    counter(`${debugging}_lease_granted_total`, 'Leases that were granted.', counts.granted),
    counter(`${debugging}_lease_renewed_total`, 'Keep-alives of leases.', counts.renewed),
    counter(`${debugging}_lease_revoked_total`, 'Leases that are gone.', counts.revoked),
    counter(`${debugging}_server_lease_expired_total`, 'Leases that expired.', counts.expired),
    gauge(`${debugging}_mvcc_current_revision`, 'The revision of the store.', revision),
    gauge(`${debugging}_mvcc_keys_total`, 'Keys that are there.', keys),
    gauge(`${debugging}_mvcc_watch_stream_total`, 'Watch streams.', watchStreams),
    gauge(`${debugging}_mvcc_watcher_total`, 'Watches.', watches),
    gauge('leasehold_leases', 'Leases that are there.', leases),
  ];
};

const metrics: Fact = (backend, response) => {
  const text = metricsOf(backend)
    .map(({ name, kind, help, value }) =>
      [`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`, `${name} ${value}`, ''].join('\n'),
    )
    .join('');
  response.writeHead(200, { 'Content-Type': METRICS_TYPE }).end(text);
};

export const FACTS: ReadonlyMap<string, Fact> = new Map([
  ['/health', health],
  ['/version', version],
  ['/metrics', metrics],
]);
