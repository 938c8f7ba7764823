/**
 * What docs/FINDINGS.md calls confirmed of Go's clientv3: its findings with a real etcd, both on
 * one clock in hand, over TCP. A test that fails says that the client does better now.
 */
import { describe, expect, test } from 'vitest';
import { findClientv3 } from '../../../src/clients/outside/find-clientv3.ts';
import { whyNoClientv3 } from '../outside/clientv3-at-hand.ts';
import { Confirmed } from './confirmed.ts';
import { type Driven, type OneClock, onOneClock } from './one-clock.ts';

const findings = new Confirmed('clientv3');

const clientv3 = async (clock: OneClock, url: string): Promise<Driven> => {
  const program = await clock.drive((await findClientv3(process.env)).path, url);
  expect(program.lines).toEqual([expect.stringContaining(' ready ')]);
  return program;
};

/** What it was told of that lease, lock or office, and when: `13000 lost`. */
const heard = ({ lines }: Driven, name: string): string[] =>
  lines.flatMap((line) => {
    const [at = '', what = '', whose] = line.split(' ');
    return whose === name ? [`${at} ${what}`] : [];
  });

/** The lease by that name. */
const leaseOf = ({ lines }: Driven, name: string): string => {
  const found = lines.map((line) => / (?:granted|acquired) (\S+) (\d+) /.exec(line));
  return found.find((match) => match?.[1] === name)?.[2] ?? '';
};

const ttlOf = (clock: OneClock, program: Driven, name: string): Promise<number> =>
  clock.ttlOf(leaseOf(program, name));

const onFirstRenewals = (): void => {
  onOneClock(findings.title('short-lease-believed-five-seconds'), async (clock) => {
    const { proxy, url } = await clock.behindHttp2();
    const program = await clientv3(clock, url);
    await program.tell('1 grant A 2');
    await clock.advanceTo(100);
    proxy.dropRequests();
    await clock.advanceTo(2_100);
    expect(await ttlOf(clock, program, 'A')).toBe(-1);
    await clock.advanceTo(4_900);
    expect(heard(program, 'A')).toEqual(['0 granted']);
    await clock.advanceTo(6_000);
    expect(heard(program, 'A')).toEqual(['0 granted', '5000 lost']);
  });

  onOneClock(findings.title('long-lease-given-up-after-five-seconds'), async (clock) => {
    const { proxy, url } = await clock.behindTcp();
    const program = await clientv3(clock, url);
    await program.tell('1 grant A 30');
    await clock.advanceTo(100);
    proxy.silence();
    await clock.advanceTo(5_000);
    expect(heard(program, 'A')).toEqual(['0 granted', '5000 lost']);
    expect(await ttlOf(clock, program, 'A')).toBe(25);
  });
};

const onStreams = (): void => {
  onOneClock(findings.title('silent-stream'), async (clock) => {
    const { proxy, url } = await clock.behindHttp2();
    const program = await clientv3(clock, url);
    await program.tell('1 grant A 9');
    await clock.advanceTo(1_500);
    await program.tell('2 grant B 12');
    await clock.advanceTo(4_000);
    proxy.abandon();
    await clock.advanceTo(12_000);
    await program.tell('3 put A k');
    expect(program.lines.at(-1)).toBe('12000 done 3');
    const other = await clientv3(clock, url);
    await other.tell('1 grant C 60');
    await clock.advanceTo(12_600);
    expect(heard(other, 'C')).toEqual(['12000 granted', '12500 renewed']);
    expect(await ttlOf(clock, program, 'A')).toBe(-1);
    await clock.advanceTo(15_000);
    expect(await ttlOf(clock, program, 'B')).toBe(-1);
    expect(heard(program, 'A')).toEqual(['0 granted', '500 renewed', '3500 renewed', '13000 lost']);
    expect(heard(program, 'B')).toEqual(['1500 granted', '2000 renewed', '14000 lost']);
  });

  onOneClock(findings.title('granted-on-silent-stream'), async (clock) => {
    const { proxy, url } = await clock.behindHttp2();
    const program = await clientv3(clock, url);
    await program.tell('1 grant A 30');
    await clock.advanceTo(4_000);
    proxy.abandon();
    await clock.advanceTo(8_000);
    await program.tell('2 grant B 9');
    await clock.advanceTo(13_000);
    expect(heard(program, 'B')).toEqual(['8000 granted', '13000 lost']);
    expect(await ttlOf(clock, program, 'B')).toBe(4);
  });
};

const onHolds = (): void => {
  onOneClock(findings.title('two-leaders'), async (clock) => {
    const { proxy, url } = await clock.behindTcp();
    const first = await clientv3(clock, url);
    const second = await clientv3(clock, clock.etcd.url);
    await clock.advanceTo(400);
    await first.tell('1 campaign E 3');
    await clock.advanceTo(1_000);
    await second.tell('1 campaign E 9');
    await clock.advanceTo(4_000);
    expect([heard(first, 'E'), heard(second, 'E')]).toEqual([['400 acquired'], []]);
    proxy.silence();
    await clock.advanceTo(7_000);
    expect(await ttlOf(clock, first, 'E')).toBe(-1);
    await clock.advanceTo(9_000);
    expect(heard(second, 'E')).toEqual(['7000 acquired']);
    expect(heard(first, 'E')).toEqual(['400 acquired', '7400 yielded']);
  });
};

const why = whyNoClientv3 === null ? '' : ` (skipped: ${whyNoClientv3})`;

describe.skipIf(whyNoClientv3 !== null)(`clientv3 on a real etcd${why}`, () => {
  onFirstRenewals();
  onStreams();
  onHolds();
});

test('what is said to be confirmed is played here', () => {
  expect(findings.missing).toEqual([]);
});
