/** The index of the log, as a status tells it. */
import { afterEach, expect, test } from 'vitest';
import { serve, stopServing } from './served.ts';

afterEach(stopServing);

test('the raft index never falls, whatever becomes of the process', async () => {
  const { address, etcd } = await serve();
  const post = async (path: string, body: object): Promise<Record<string, unknown>> => {
    const init = { method: 'POST', body: JSON.stringify(body) };
    const response = await fetch(`http://${address}/v3/${path}`, init);
    return (await response.json()) as Record<string, unknown>;
  };
  const put = (): Promise<unknown> => post('kv/put', { key: 'aw==' });
  const index = async (): Promise<unknown> => {
    const { raftIndex, raftAppliedIndex, raftTerm } = await post('maintenance/status', {});
    expect(raftAppliedIndex).toBe(raftIndex);
    return [Number(raftIndex), Number(raftTerm)];
  };
  expect(await index()).toEqual([4, 2]);
  for (let count = 0; count < 5; count += 1) await put();
  expect(await index()).toEqual([9, 2]);
  // As seen on a real etcd 3.4.23, 3.5.30 and 3.7.3: two entries more with each restart.
  etcd.process.stop();
  etcd.process.start();
  expect(await index()).toEqual([11, 3]);
  await put();
  expect(await index()).toEqual([12, 3]);
  etcd.leader.lose();
  etcd.leader.regain();
  expect(await index()).toEqual([13, 4]);
});
