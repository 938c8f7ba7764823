/**
 * What etcdctl printed when it talked to a real etcd of its version, held against what it prints
 * now. Leases have names, which stand for ids; time stands still here, so that a lease of a minute
 * has all of it left.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { testEtcd } from '../../harness/targets/etcd-under-test.ts';
import { serve, stopServing } from '../served.ts';
import { type Child, start } from './child.ts';

interface Printed {
  readonly args: string;
  /** Null: it is binary, and was not kept. */
  readonly out: string | null;
  readonly err: string;
  /** 124: it went on until it was ended. */
  readonly code: number;
}

interface Recording {
  readonly clusterId: string;
  readonly memberId: string;
  readonly commands: readonly Printed[];
  /** Of a server whose one lease has the id −5. */
  readonly negative: readonly Printed[];
}

const recordingOf = (version: string): Recording =>
  JSON.parse(
    readFileSync(new URL(`../transcripts/etcdctl-${version}.json`, import.meta.url), 'utf8'),
  ) as Recording;

/** The ids that the leases of a recording have here, in hexadecimal. */
class Leases {
  readonly #ids = new Map<string, string>();

  inArgs(args: string): string {
    return args.replaceAll(/<lease (\d+)>/g, (_all, name: string) => this.#ids.get(name) ?? '?');
  }

  /** Learns the id of a lease that is named here for the first time. */
  learn(recorded: string, printed: string): void {
    const [, form, name] = /<(lease|number) (\d+)>/.exec(recorded) ?? [];
    if (name === undefined || this.#ids.has(name)) return;
    const id = form === 'lease' ? /[\da-f]{16}/ : /(?<="ID" ?: ?)\d+/;
    const [found = '0'] = id.exec(printed) ?? [];
    const hex = form === 'lease' ? found : BigInt(found).toString(16).padStart(16, '0');
    this.#ids.set(name, hex);
  }

  named(printed: string): string {
    let text = printed;
    for (const [name, hex] of this.#ids) {
      text = text
        .replaceAll(hex, `<lease ${name}>`)
        .replaceAll(String(BigInt(`0x${hex}`)), `<number ${name}>`);
    }
    return text.replaceAll(/(?<="(?:ID|id)" ?: ?)\d{15,}/g, '<another>');
  }
}

/** In the order of names where etcd has none, and with all of the time that has passed since. */
const orderless = (text: string): string =>
  text
    .replaceAll(/(?<=remaining\(|"ttl":|"TTL" : )5\d(?!\d)/g, '60')
    .replaceAll(/(?<=attached keys\(\[)[^\]]*/g, (keys) => keys.split(' ').sort().join(' '))
    .replaceAll(/(?<="leases":\[)[^\]]*/g, (leases) => leases.split(',').sort().join(','))
    .replaceAll(/("(ID|Key)" : \S+\n)+/g, (lines) => lines.split('\n').sort().join('\n'));

/** Of a line of a log, what does not depend on when and where. */
const errors = (text: string): string =>
  text.replaceAll(/^\{.*\}$/gm, (line) => {
    const { level, msg, error } = JSON.parse(line) as Record<string, string>;
    return JSON.stringify({ level, msg, error }).replaceAll(/127\.0\.0\.1:\d+/g, 'HOST');
  });

afterEach(stopServing);

describe.each(['3.4.23', '3.5.30'])('etcdctl %s', { timeout: 60_000 }, (version) => {
  const { clusterId, commands, memberId, negative } = recordingOf(version);

  const serving = async () => {
    const { path } = await testEtcd(version);
    const ids = { clusterId: BigInt(clusterId), memberId: BigInt(memberId) };
    const served = await serve({ version, ...ids });
    const env = { ETCDCTL_API: '3', ETCDCTL_ENDPOINTS: served.address };
    const begin = (args: string): Child =>
      start(join(dirname(path), 'etcdctl'), args.split(' '), { env });
    return { ...served, begin };
  };

  test('the commands of leases', async () => {
    const { begin, etcd } = await serving();
    const leases = new Leases();
    for (const { args, code, err, out } of commands) {
      if (args.startsWith('--command-timeout')) await etcd.close();
      const filled = leases.inArgs(args);
      const child = begin(filled);
      if (code === 124) await endAfter(child, out ?? '');
      else if (out?.includes(RENEWED) === true) {
        await child.printed(RENEWED, 3);
        const id = BigInt(`0x${filled.split(' ').at(-1)}`);
        etcd.simulator.submit({ kind: 'revoke', token: -1, id });
      }
      const ended = await child.ended;
      if (out === null) expect.soft(ended.out, args).not.toBe('');
      else if (code === 124) expect.soft(leases.named(ended.out), args).toBe(firstLine(out));
      else {
        leases.learn(out, ended.out);
        expect.soft(orderless(leases.named(ended.out)), args).toBe(orderless(out));
      }
      if (code !== 124) {
        expect.soft({ code: ended.code, err: errors(ended.err) }, args).toEqual({ code, err });
      }
    }
  });

  test('a lease whose id is negative', async () => {
    const { begin, etcd } = await serving();
    etcd.simulator.submit({ kind: 'grant', token: -1, id: -5n, ttl: 60n });
    for (const { args, code, err, out } of negative) {
      const ended = await begin(args).ended;
      const printed = { ...ended, out: orderless(ended.out), err: errors(ended.err) };
      expect.soft(printed, args).toEqual({ code, err, out: orderless(out ?? '') });
    }
  });
});

/** After a lease of three seconds was renewed three times, it was revoked. */
const RENEWED = 'keepalived with TTL(3)\n';

const firstLine = (text: string): string => text.slice(0, text.indexOf('\n') + 1);

/** Where two renewals of a minute were recorded, one will do; where nothing was, a second. */
const endAfter = async (child: Child, out: string): Promise<void> => {
  if (out === '') await new Promise((resolve) => setTimeout(resolve, 1000));
  else await child.printed('\n');
  child.stop();
};
