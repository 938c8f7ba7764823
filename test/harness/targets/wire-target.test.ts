/** Behind its wire the simulator is the same: the traces of the same schedules are equal. */
import { expect, test } from 'vitest';
import { DEFAULT_CONFIG, MINOR_VERSIONS } from '../../../src/api/config.ts';
import { campaign } from '../../../src/harness/campaign.ts';
import { type Target, TargetError } from '../../../src/harness/target.ts';
import { simulatorTarget } from '../../../src/harness/targets/simulator-target.ts';
import { wireTarget } from '../../../src/harness/targets/wire-target.ts';

const RUNS = 12;

const traceHash = async (target: Target, etcd: (typeof MINOR_VERSIONS)[number]) => {
  const options = { seed: 1n, commands: 50, clients: 3 };
  const runs = Array.from({ length: RUNS }, (_, run) => run);
  try {
    const config = { ...DEFAULT_CONFIG, etcd };
    const { tally, failure } = await campaign(target, { ...options, config, runs });
    return [failure, tally.runs, tally.traceHash.hex];
  } finally {
    await target.close();
  }
};

test.each(MINOR_VERSIONS)(
  'the traces of %s are those of the simulator',
  async (version) => {
    // Nothing that the wire cannot do: it is for the same schedules.
    const { abilities = [] } = wireTarget();
    const simulator = { ...simulatorTarget(), abilities };
    const expected = await traceHash(simulator, version);
    expect(expected.slice(0, 2)).toEqual([null, RUNS]);
    expect(await traceHash(wireTarget(), version)).toEqual(expected);
  },
  120_000,
);

test('WIRE-06 its gateway is that of the version asked for', async () => {
  const target = wireTarget();
  const statusAs = async (etcd?: (typeof MINOR_VERSIONS)[number]) => {
    const request = { method: 'GET', path: '/v3/lease/leases', body: '' } as const;
    return (await target.http?.({ ...request, ...(etcd === undefined ? {} : { etcd }) }))?.status;
  };
  try {
    expect([await statusAs('3.4'), await statusAs('3.7'), await statusAs()]).toEqual([
      405, 501, 501,
    ]);
  } finally {
    await target.close();
  }
});

test('a schedule that is about to begin when it is closed has lost its target', async () => {
  const target = wireTarget();
  const options = { seed: 1n, config: DEFAULT_CONFIG, commands: 50, clients: 3, runs: [0] };
  const running = campaign(target, options);
  await Promise.all([expect(running).rejects.toBeInstanceOf(TargetError), target.close()]);
});
