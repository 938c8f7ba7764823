/**
 * The clock of a server over HTTP, for tests in any language: under `/leasehold/v1/clock` it is
 * read, advanced, run at a rate, made to stand still and waited for, and its leader is taken away
 * and given back, its process ended and started again. Answers are JSON, errors too.
 *
 * | request | does |
 * |---|---|
 * | `GET /leasehold/v1/clock` | tells the time, and when something is due next |
 * | `POST /leasehold/v1/clock/advance` | `by` or `to`: milliseconds, or such as `11s` |
 * | `POST /leasehold/v1/clock/rate` | `rate`: virtual milliseconds for each real one |
 * | `POST /leasehold/v1/clock/stand-still` | |
 * | `POST /leasehold/v1/clock/quiet` | answers when nothing is under way any more |
 * | `GET /leasehold/v1/leader` | tells whether there is a leader |
 * | `POST /leasehold/v1/leader/lose` | there is none, as when the other members are gone |
 * | `POST /leasehold/v1/leader/regain` | it leads anew |
 * | `GET /leasehold/v1/process` | tells whether the server is up |
 * | `POST /leasehold/v1/process/stop` | it ends as when the power fails; these requests go on |
 * | `POST /leasehold/v1/process/start` | another one begins on the same data, and leads |
 * | `GET /leasehold/v1/apply` | tells whether what is committed is applied at once |
 * | `POST /leasehold/v1/apply/stall` | it is not: an entry of the log takes long |
 * | `POST /leasehold/v1/apply/catch-up` | all is applied |
 *
 * Arguments come in the query or in a JSON object.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApplySwitch } from './apply-switch.ts';
import type { LeaderSwitch, ProcessSwitch } from './etcd.ts';
import { type ClockFace, ClockRefusal, type SteeredClock } from '../pace/steered-clock.ts';

export interface ClockControlOptions {
  readonly clock: SteeredClock;
  readonly leader: LeaderSwitch;
  readonly process: ProcessSwitch;
  readonly apply: ApplySwitch;
  /** Off: whoever asks is told so. */
  readonly isOn: boolean;
  /** Has to be sent as `Authorization: Bearer`; without one anybody is let in. */
  readonly token?: string;
}

/** False: the request is for somebody else. */
export type ClockControl = (request: IncomingMessage, response: ServerResponse) => boolean;

export const clockControl =
  (options: ClockControlOptions): ClockControl =>
  (request, response) => {
    // Not before it is known to be ours: what others ask for need not be a URL at all.
    if (!/^\/leasehold([/?]|$)/.test(request.url ?? '')) return false;
    const url = new URL(request.url ?? '', 'http://leasehold');
    void answer(options, request, url).then(
      (face) => send(response, 200, face),
      (error: unknown) => {
        if (!(error instanceof Refused)) throw error;
        send(response, error.status, { error: error.message }, error.headers);
      },
    );
    return true;
  };

class Refused extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

const answer = async (
  options: ClockControlOptions,
  request: IncomingMessage,
  url: URL,
): Promise<object> => {
  expectAllowed(options, request);
  const action = ACTIONS.get(url.pathname);
  if (action === undefined) throw new Refused(404, `there is no ${url.pathname}`);
  if (request.method !== action.method) {
    throw new Refused(405, `${url.pathname} takes ${action.method}`, { allow: action.method });
  }
  const given = { ...Object.fromEntries(url.searchParams), ...(await bodyOf(request)) };
  const stray = Object.keys(given).find((name) => !action.takes.includes(name));
  if (stray !== undefined) throw new Refused(400, `${url.pathname} takes no ${stray}`);
  try {
    return await action.run(options, given);
  } catch (error) {
    if (!(error instanceof ClockRefusal)) throw error;
    throw new Refused(STATUSES[error.reason], error.message);
  }
};

const STATUSES = { real: 409, number: 400, busy: 503 } as const;

const expectAllowed = ({ isOn, token }: ClockControlOptions, request: IncomingMessage): void => {
  if (!isOn) throw new Refused(403, 'the control of the clock is switched off');
  if (token !== undefined) {
    const [, sent = ''] = /^Bearer +(.+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (isSame(sent, token)) return;
    const message = 'send the token that the server was given, as Authorization: Bearer TOKEN';
    throw new Refused(401, message, { 'www-authenticate': 'Bearer' });
  }
  // Without a token, a page in a browser on this machine must not get at the clock.
  if (request.headers.origin !== undefined) {
    throw new Refused(403, 'not from a web page, unless the server is given a token');
  }
};

/** In a time that tells nothing of where they differ. */
const isSame = (left: string, right: string): boolean => {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
};

type Controlled = Pick<ClockControlOptions, 'clock' | 'leader' | 'process' | 'apply'>;

type Given = Readonly<Record<string, unknown>>;

interface Action {
  readonly method: 'GET' | 'POST';
  readonly takes: readonly string[];
  readonly run: (controlled: Controlled, given: Given) => object | Promise<object>;
}

/** Something that can be looked at, and turned on and off. */
const switchOf = (
  name: string,
  faceOf: (controlled: Controlled) => object,
  acts: Readonly<Record<string, (controlled: Controlled) => unknown>>,
): [path: string, action: Action][] => [
  [`/leasehold/v1/${name}`, { method: 'GET', takes: [], run: faceOf }],
  ...Object.entries(acts).map(([act, run]): [string, Action] => [
    `/leasehold/v1/${name}/${act}`,
    {
      method: 'POST',
      takes: [],
      run: (controlled) => {
        run(controlled);
        return faceOf(controlled);
      },
    },
  ]),
];

const ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['/leasehold/v1/clock', { method: 'GET', takes: [], run: ({ clock }): ClockFace => clock.face }],
  [
    '/leasehold/v1/clock/advance',
    {
      method: 'POST',
      takes: ['by', 'to'],
      run: ({ clock }, { by, to }) => {
        if ((by === undefined) === (to === undefined)) {
          throw new Refused(400, 'either «by» or «to» is needed, such as by=11s');
        }
        return by === undefined
          ? clock.advanceTo(timeOf('to', to))
          : clock.advance(timeOf('by', by));
      },
    },
  ],
  [
    '/leasehold/v1/clock/rate',
    {
      method: 'POST',
      takes: ['rate'],
      run: ({ clock }, { rate }) => {
        const number = typeof rate === 'string' && rate !== '' ? Number(rate) : rate;
        if (typeof number !== 'number') throw new Refused(400, '«rate», a number, is needed');
        return clock.setRate(number);
      },
    },
  ],
  [
    '/leasehold/v1/clock/stand-still',
    { method: 'POST', takes: [], run: ({ clock }) => clock.standStill() },
  ],
  ['/leasehold/v1/clock/quiet', { method: 'POST', takes: [], run: ({ clock }) => clock.quiet() }],
  ...switchOf('leader', ({ leader }) => ({ leader: leader.isThere }), {
    lose: ({ leader }) => leader.lose(),
    regain: ({ leader }) => leader.regain(),
  }),
  ...switchOf('process', ({ process }) => ({ up: process.isUp }), {
    stop: ({ process }) => process.stop(),
    start: ({ process }) => process.start(),
  }),
  ...switchOf('apply', ({ apply }) => ({ slow: apply.isSlow }), {
    stall: ({ apply }) => apply.stall(),
    'catch-up': ({ apply }) => apply.catchUp(),
  }),
]);

const UNITS: Readonly<Record<string, number>> = { '': 1, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds. */
const timeOf = (name: string, value: unknown): number => {
  if (typeof value === 'number') return value;
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|)$/.exec(String(value)) ?? [];
  if (number !== undefined && typeof value === 'string') {
    return Number(number) * (UNITS[unit ?? ''] as number);
  }
  throw new Refused(400, `${name}: milliseconds are needed, or a time such as 11s, 500ms or 2m`);
};

const MAX_BODY_BYTES = 4096;

const bodyOf = async (request: IncomingMessage): Promise<Given> => {
  const text = await textOf(request);
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Given;
  } catch {
    // Said below.
  }
  throw new Refused(400, 'the body has to be a JSON object, such as {"by": 11000}');
};

const textOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) break;
    }
  } catch {
    throw new Refused(400, 'the body is broken off');
  }
  if (bytes <= MAX_BODY_BYTES) return Buffer.concat(chunks).toString();
  throw new Refused(413, `a body has ${MAX_BODY_BYTES} bytes at most`, { connection: 'close' });
};

const send = (
  response: ServerResponse,
  status: number,
  value: object,
  headers: Readonly<Record<string, string>> = {},
): void => {
  const type = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  response.writeHead(status, { ...type, ...headers });
  response.end(`${JSON.stringify(value)}\n`);
};
