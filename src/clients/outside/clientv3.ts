/**
 * Go's clientv3 as programs use it, with its sessions, locks and elections: through a small program
 * on it, each client a process of its own.
 */
import type { Adapter, Client, Surroundings } from '../adapter.ts';
import { LineClient } from './line-client.ts';

export const clientv3Adapter = (file: string, version: string): Adapter => ({
  name: 'clientv3',
  version,
  abilities: ['lease', 'put', 'lock', 'election'],
  isOutside: true,
  start: (surroundings) => start(file, surroundings),
});

const start = async (file: string, surroundings: Surroundings): Promise<Client> => {
  const { programs, report, url } = surroundings;
  if (programs === undefined) throw new Error('clientv3 runs where programs can');
  let lastWords = '';
  const client = new LineClient({
    ...surroundings,
    report,
    tell: (line) => running.tell(line),
    end: () => running.signal('SIGKILL'),
  });
  const running = programs.start({
    file,
    args: () => [],
    env: { NO_PROXY: '*' },
    url,
    onLine: (line) => client.hear(line),
    subjectOf: (line) => client.subjectOf(line),
    onErrorLine: (line) => {
      lastWords = line;
    },
    onEnd: (code) =>
      client.ended(`ended with ${endOf(code)}${lastWords === '' ? '' : ': '}${lastWords}`),
  });
  await client.ready;
  return client;
};

const endOf = (code: number | null): string => (code === null ? 'a signal' : `code ${code}`);
