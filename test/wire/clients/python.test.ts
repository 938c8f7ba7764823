/** Python's `etcd3`, a client that nobody here wrote. */
import { afterEach, expect, test } from 'vitest';
import { serve, stopServing } from '../served.ts';
import { start } from './child.ts';
import { PYTHON, pythonEnvironment } from './python-packages.ts';

const env = await pythonEnvironment();
const why = typeof env === 'string' ? ` (skipped: ${env})` : '';

afterEach(stopServing);

test.skipIf(typeof env === 'string')(`Python's etcd3 works unchanged${why}`, async () => {
  if (typeof env === 'string') return;
  const { address } = await serve();
  const port = address.split(':').at(-1) as string;
  const { code, out, err } = await start(PYTHON, ['test/interop/python/client.py', port], { env })
    .ended;
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out.trim().split('\n')).toEqual([
    "get: b'1'",
    "lease: (30, 30, [b'py/b'])",
    'refresh: [30]',
    "watch: ['PutEvent', 'DeleteEvent']",
    'txn: True',
    'lock: True',
    "prefix: [b'py/a', b'py/b', b'py/t']",
    'revoke: None',
    'replace: True',
    "status: ('3.5.30', 1)",
    'alarms: []',
    'unknown lease: etcdserver: requested lease not found',
  ]);
});
