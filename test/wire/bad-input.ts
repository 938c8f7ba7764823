/**
 * Whatever a port may be sent that no client of etcd sends. One function is one kind of it. All of
 * it is bytes by hand over connections of their own: Node's own client of HTTP/2 aborts its process
 * now and then when it breaks off a stream to which it has just written.
 */
import { connect, type Socket } from 'node:net';
import type { Random } from '../../src/seed.ts';
import { badRequest } from './bad-json.ts';
import { absurd, broken, METHODS, randomBytes } from './bad-messages.ts';
import { framed } from './raw-client.ts';
import { dataOf, frameBytes, headersOf, PREFACE, resetOf, SETTINGS } from './raw-frames.ts';

/** What a bad client has at hand. */
export interface Attack {
  readonly random: Random;
  readonly port: number;
}

type Kind = (attack: Attack) => Promise<void>;

/** Sends bytes, in two pieces, over a connection that ends in one of the ways there are. */
const send = ({ random, port }: Attack, bytes: Buffer): Promise<void> =>
  new Promise((resolve) => {
    const socket: Socket = connect({ port, host: '127.0.0.1' });
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    socket.resume();
    socket.on('connect', () => {
      const cut = random.below(bytes.length + 1);
      socket.write(bytes.subarray(0, cut));
      setImmediate(() => {
        socket.write(bytes.subarray(cut));
        const way = random.below(3);
        if (way === 0) socket.resetAndDestroy();
        else {
          if (way === 1) socket.end();
          setTimeout(() => socket.destroy(), 5);
        }
      });
    });
  });

/** Begins a session as it should be, then sends frames. */
const speak = (attack: Attack, ...frames: readonly Buffer[]): Promise<void> =>
  send(attack, Buffer.concat([PREFACE, SETTINGS, ...frames]));

const anyFrame = (random: Random): Buffer => {
  const payload = randomBytes(random, random.pick([0, 4, 8, 5, 100]));
  return frameBytes({
    type: random.below(12),
    flags: random.below(256),
    stream: random.pick([0, 1, 3, 5, 2, 2 ** 31 - 1]),
    payload,
    length: random.chance(4, 5) ? payload.length : random.below(2 ** 24),
  });
};

/** A call that is wrong on a connection that is not; it may be ended, broken off, or neither. */
const call = (
  attack: Attack,
  path: string,
  bytes: Buffer,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> => {
  const { random } = attack;
  const way = random.below(4);
  const pieces: Buffer[] = [headersOf(path, 1, headers)];
  for (let at = 0; at < bytes.length; at += 16_384) {
    const piece = bytes.subarray(at, at + 16_384);
    pieces.push(dataOf(piece, 1, way < 2 && at + 16_384 >= bytes.length));
  }
  if (way === 2) pieces.push(resetOf(1, random.below(14)));
  return speak(attack, ...pieces);
};

const PING = frameBytes({ type: 6, payload: Buffer.alloc(8) });

export const KINDS: Readonly<Record<string, Kind>> = {
  noise: (attack) => send(attack, randomBytes(attack.random, 1 + attack.random.below(2000))),
  'noise after the preface': (attack) =>
    send(attack, Buffer.concat([PREFACE, randomBytes(attack.random, attack.random.below(500))])),
  'any frames': (attack) => {
    const count = 1 + attack.random.below(20);
    return speak(attack, ...Array.from({ length: count }, () => anyFrame(attack.random)));
  },
  'a call cut off': (attack) => send(attack, CALL.subarray(0, attack.random.below(CALL.length))),
  'HTTP/1 noise': (attack) => {
    const { random } = attack;
    const line = random.pick(['GET / HTTP/1.1\r\n', 'PRX ', 'POST /v3/x HTTP/9.9\r\n\r\n', 'P']);
    return send(attack, Buffer.concat([Buffer.from(line), randomBytes(random, random.below(300))]));
  },
  'requests over HTTP/1': (attack) => {
    const count = 1 + attack.random.below(3);
    const requests = Array.from({ length: count }, () => badRequest(attack.random));
    return send(attack, Buffer.concat(requests));
  },
  'frames of pings and settings': (attack) => {
    return speak(
      attack,
      ...Array.from({ length: 500 }, () => attack.random.pick([PING, SETTINGS])),
    );
  },
  'absurd values': (attack) => {
    const { path, input } = attack.random.pick(METHODS);
    return call(attack, path, framed(absurd(attack.random, input)));
  },
  'broken messages': (attack) => {
    const { path, input } = attack.random.pick(METHODS);
    return call(attack, path, framed(broken(attack.random, input)));
  },
  'broken frames': (attack) => {
    const { path } = attack.random.pick(METHODS);
    return call(attack, path, randomBytes(attack.random, attack.random.below(40)));
  },
  'huge frames': (attack) => {
    const { random } = attack;
    const frame = framed(Buffer.alloc(random.pick([0, 1000, 100_000])));
    frame.writeUInt32BE(random.pick([2_097_152, 2_097_153, 2 ** 31, 2 ** 32 - 1]), 1);
    return call(attack, random.pick(METHODS).path, frame);
  },
  'odd headers': (attack) => {
    const { random } = attack;
    const path = random.pick(['/', '/x', '//', '/a/b/c', `/${'x'.repeat(3000)}`, METHODS[0]?.path]);
    return call(attack, path ?? '/', framed(Buffer.alloc(0)), {
      'content-type': random.pick(['application/grpc', 'application/grpc+x', 'text/html', '']),
      'grpc-timeout': random.pick(['1n', '0S', '99999999H', '', 'x', '-1S', '123456789S', '5m']),
      'grpc-encoding': random.pick(['identity', 'gzip', 'br', '']),
      'x-odd': 'y'.repeat(random.below(4000)),
    });
  },
  'not gzip': (attack) => {
    const bytes = framed(randomBytes(attack.random, 30), 1);
    return call(attack, attack.random.pick(METHODS).path, bytes, { 'grpc-encoding': 'gzip' });
  },
  'opened and broken off': (attack) => {
    const numbers = Array.from({ length: 50 }, (_none, index) => 2 * index + 1);
    const frames = numbers.flatMap((number) => [
      headersOf(attack.random.pick(METHODS).path, number),
      resetOf(number, 8),
    ]);
    return speak(attack, ...frames);
  },
};

/** A whole call, good as it is. */
export const CALL = Buffer.concat([
  PREFACE,
  SETTINGS,
  headersOf('/etcdserverpb.Lease/LeaseLeases', 1),
  dataOf(framed(Buffer.alloc(0)), 1, true),
]);

/** Sends `count` bad inputs, so many at a time. */
export const attackWith = async (
  random: Random,
  port: number,
  count: number,
  atOnce: number,
): Promise<ReadonlyMap<string, number>> => {
  const sent = new Map<string, number>();
  const names = Object.keys(KINDS);
  let left = count;
  const attacker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const name = random.pick(names);
      sent.set(name, (sent.get(name) ?? 0) + 1);
      await KINDS[name]?.({ random, port });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, attacker));
  return sent;
};
