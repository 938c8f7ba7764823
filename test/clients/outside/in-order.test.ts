/** What a client of Go does at one instant goes on in one order, whichever it came in. */
import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { InOrder } from '../../../src/clients/outside/in-order.ts';
import { turn } from '../../../src/timewarp/waiting.ts';
import {
  LeaseGrantRequestSchema,
  LeaseKeepAliveRequestSchema,
} from '../../../src/wire/gen/rpc_pb.ts';
import type { CallGate, GatedCall, Message, Status } from '../../../src/wire/index.ts';

const callOf = (method: string): GatedCall => ({
  path: `/etcdserverpb.Lease/${method}`,
  isStreaming: method === 'LeaseKeepAlive',
  connection: undefined,
  isOver: false,
  finish: () => {},
  reset: () => {},
});

const renewal = (ID: bigint): Message => create(LeaseKeepAliveRequestSchema, { ID });
const grant = (TTL: bigint): Message => create(LeaseGrantRequestSchema, { TTL });

/** Writes down what goes on; `names`: what calls are called there. */
const written = (names: ReadonlyMap<GatedCall, string>, refusal?: Status) => {
  const lines: string[] = [];
  const gate: CallGate = {
    opened: (call) => {
      lines.push(`${names.get(call)} begins`);
      return refusal;
    },
    request: (call, message) => {
      const { ID, TTL } = (message ?? {}) as { ID?: bigint; TTL?: bigint };
      lines.push(`${names.get(call)} asks ${message === null ? 'no more' : (TTL ?? ID)}`);
    },
    reply: () => {},
    closed: (call) => lines.push(`${names.get(call)} ends`),
  };
  return { lines, order: new InOrder(gate) };
};

test('renewals go on by their leases, new calls by what they ask for, ends by age', async () => {
  const [stream, nine, three] = ['LeaseKeepAlive', 'LeaseGrant', 'LeaseGrant'].map(callOf) as [
    GatedCall,
    GatedCall,
    GatedCall,
  ];
  const names = new Map([
    [stream, 'stream'],
    [nine, 'nine'],
    [three, 'three'],
  ]);
  const { lines, order } = written(names);
  order.opened(stream);
  await turn();
  await turn();
  order.opened(nine);
  order.request(nine, grant(9n), () => {});
  order.opened(three);
  order.request(stream, renewal(7n), () => {});
  order.request(three, grant(3n), () => {});
  order.request(stream, null, () => {});
  order.request(stream, renewal(5n), () => {});
  expect(lines).toEqual(['stream begins']);
  await turn();
  await turn();
  order.closed(nine);
  order.closed(stream);
  await turn();
  await turn();
  expect(lines).toEqual([
    'stream begins',
    'stream asks 5',
    'stream asks 7',
    'stream asks no more',
    'three begins',
    'three asks 3',
    'nine begins',
    'nine asks 9',
    'stream ends',
    'nine ends',
  ]);
});

test('what is refused asks for nothing', async () => {
  const finished: Status[] = [];
  const call: GatedCall = {
    ...callOf('LeaseGrant'),
    finish: (status) => finished.push(status),
  };
  const refusal = { code: 8, message: 'too many requests' };
  const { lines, order } = written(new Map([[call, 'it']]), refusal);
  order.opened(call);
  order.request(call, grant(9n), () => {});
  await turn();
  await turn();
  expect({ finished, lines }).toEqual({ finished: [refusal], lines: ['it begins'] });
});
