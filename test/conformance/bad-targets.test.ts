/** Targets that hang, die, answer nonsense or lie: the suite ends in time and says what it met. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { create } from '@bufbuild/protobuf';
import { EventSchema } from '../../src/wire/gen/kv_pb.ts';
import { KV, Lease, Maintenance, Watch } from '../../src/wire/gen/rpc_pb.ts';
import { type ServedEtcd, serveEtcd } from '../../src/wire/serve-etcd.ts';
import { type Ended, leasehold, start } from '../cli/leasehold.ts';
import { until } from '../harness/targets/etcd-under-test.ts';
import { mangle, type ManglingOfCalls } from './mangling/fault.ts';
import { manglingProxy } from './mangling/proxy.ts';
import { type Relay, relayTo } from './relay.ts';

let server: ServedEtcd;
beforeAll(async () => {
  server = await serveEtcd({ clock: 'real' });
});
afterAll(() => server.close());

interface Card {
  readonly cut?: string;
  readonly semantics: string;
  readonly chosen: string;
  readonly likeness: readonly string[];
  readonly rules: readonly { readonly id: string; readonly verdict: string }[];
}

const cardOf = ({ out, err }: Ended): Card => {
  expect(err).not.toMatch(/a bug of leasehold/);
  return JSON.parse(out) as Card;
};

const differing = ({ rules }: Card): readonly string[] =>
  rules.filter(({ verdict }) => verdict === 'differs').map(({ id }) => id);

describe('a server that breaks in mid-suite', () => {
  const suite = async (breaks: (relay: Relay) => void | Promise<void>) => {
    const relay = await relayTo(server.url);
    const files = ['--html', 'card.html', '--junit', 'card.xml', '--markdown', 'card.md'];
    const started = start(['conform', '--target', relay.url, '--json', ...files]);
    // Far beyond what it is asked first of all.
    await until(() => relay.passed() > 60_000, 30_000);
    await breaks(relay);
    const began = performance.now();
    const ended = await started.ended;
    await relay.die();
    expect(performance.now() - began).toBeLessThan(45_000);
    // What was seen is saved.
    for (const name of ['card.html', 'card.xml', 'card.md']) {
      expect(readFileSync(join(started.directory, name), 'utf8')).toContain('KA-01');
    }
    const card = cardOf(ended);
    expect({ code: ended.code, differs: differing(card) }).toEqual({ code: 3, differs: [] });
    expect(new Set(card.rules.map(({ verdict }) => verdict))).toContain('inconclusive');
    return card.cut;
  };

  test('one that accepts and never answers again', async () => {
    expect(await suite((relay) => relay.hang())).toMatch(/^the target said nothing for 15 s/);
  });

  test('one that dies', async () => {
    expect(await suite((relay) => relay.die())).toMatch(/^the target went away: /);
  });
});

describe('a server that answers nonsense', () => {
  const run = async (calls: readonly ManglingOfCalls[], ...more: readonly string[]) => {
    const proxy = await manglingProxy(server.url);
    proxy.plant({ id: 'nonsense', note: '', rules: ['WIRE-01'], calls });
    try {
      return await leasehold(['conform', '--target', proxy.url, '--json', ...more]);
    } finally {
      await proxy.close();
    }
  };

  const huge = 2n ** 62n;
  const nonsense: readonly (readonly [string, readonly ManglingOfCalls[]])[] = [
    [
      'keep-alives without a header, of centuries',
      [
        mangle(Lease.method.leaseKeepAlive, () => ({
          replied: (reply) => {
            delete reply.header;
            reply.TTL = huge;
          },
        })),
      ],
    ],
    [
      'events without a key',
      [
        mangle(Watch.method.watch, () => ({
          replied: (reply) => void (reply.events = reply.events.map(() => create(EventSchema))),
        })),
      ],
    ],
    [
      'puts without a header',
      [mangle(KV.method.put, () => ({ replied: (reply) => void delete reply.header }))],
    ],
    [
      'times to live of centuries, for minus as many',
      [
        mangle(Lease.method.leaseTimeToLive, () => ({
          replied: (reply) => {
            reply.grantedTTL = -huge;
            reply.TTL = huge;
          },
        })),
      ],
    ],
  ];

  test.each(nonsense)('%s', async (_what, calls) => {
    const ended = await run(calls, '--rule', 'K*-0?');
    expect([1, 2, 3]).toContain(ended.code);
    const card = cardOf(ended);
    expect(differing(card).length > 0 || card.cut !== undefined, JSON.stringify(card.rules)).toBe(
      true,
    );
  });

  test('from the first call on: it is no etcd', async () => {
    const status = mangle(Maintenance.method.status, () => ({
      refused: (said) => said,
      replied: () => [],
    }));
    const leases = mangle(Lease.method.leaseTimeToLive, () => ({ replied: () => [] }));
    const { code, out, err } = await run([status, leases]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/is not an etcd/);
  });
});

describe('a server that lies about its version', () => {
  const versionSaid = (version: string): readonly ManglingOfCalls[] => [
    mangle(Maintenance.method.status, () => ({
      replied: (reply) => void (reply.version = version),
    })),
  ];

  test('is judged as what it says it is, and told what it is like', async () => {
    const proxy = await manglingProxy(server.url);
    proxy.plant({ id: 'lie', note: '', rules: ['WIRE-05'], calls: versionSaid('3.4.99') });
    const args = ['conform', '--target', proxy.url, '--rule', 'WIRE-0*', '--json'];
    const ended = await leasehold(args);
    await proxy.close();
    const card = cardOf(ended);
    expect({ code: ended.code, semantics: card.semantics }).toEqual({ code: 1, semantics: '3.4' });
    expect(card.chosen).toBe('what it says it is');
    expect(differing(card)).toContain('WIRE-06');
    expect(card.likeness).toEqual(['3.5', '3.6', '3.7']);
  });
});
