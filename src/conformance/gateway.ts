/** Plays a case in requests to the JSON gateway, and holds the answers against what must come. */
import { MINOR_VERSIONS, type MinorVersion } from '../api/config.ts';
import type { HttpExchange } from '../harness/target.ts';
import type { Either, Exchange, Expected, GatewayCase, Member, Members } from './case.ts';
import { wordRule } from './rules.ts';
import type { CaseResult, Talk } from './verdict.ts';

/** How a gateway words errors: the first generation, or the second (WIRE-06). */
type Generation = 'v1' | 'v2';

/**
 * Those that a version may have; a case settles on one at the first answer that tells. WIRE-05:
 * what gateway a 3.5 has depends on who built it.
 */
const GENERATIONS: Readonly<Record<MinorVersion, readonly Generation[]>> = {
  '3.4': ['v1'],
  '3.5': ['v2', 'v1'],
  '3.6': ['v2'],
  '3.7': ['v2'],
};

export interface GatewayPlay {
  readonly http: HttpExchange;
  /** For a case that needs users. */
  readonly as?: Readonly<Record<Member, HttpExchange>>;
  /** Whose semantics are asked for. */
  readonly etcd: MinorVersion;
  /** Tells this case's leases and keys from those of others: 20 bits. */
  readonly share: number;
  /** Why it has to end, asked before each request; null: it has not. */
  readonly stopped?: () => string | null;
}

/** Throws what `http` throws when the server does not answer. Leaves nothing on the server. */
export const playGateway = async (of: GatewayCase, play: GatewayPlay): Promise<CaseResult> => {
  try {
    return await exchangeAll(of, play);
  } finally {
    // What is there no more is refused, and what does not answer has been told of.
    await takeBack(of, play);
  }
};

const exchangeAll = async (of: GatewayCase, play: GatewayPlay): Promise<CaseResult> => {
  const talk: Talk[] = [];
  const base = { case: of, why: null, story: null, fits: [], talk } as const;
  const began = performance.now();
  // As whichever version: those that something did not fit have no generation left.
  let open = GENERATIONS;
  let revision = 0;
  for (const exchange of of.exchanges) {
    const why = play.stopped?.() ?? null;
    if (why !== null) return { ...base, verdict: 'inconclusive', why, shown: [], evidence: [] };
    const { method = 'POST', path } = exchange;
    const own = filled(exchange.body, play.share);
    const body = own.replaceAll('{revision}', String(revision));
    const lines = exchange.streams === true ? { lines: exchange.expect.lines?.length ?? 1 } : {};
    const http = (exchange.as && play.as?.[exchange.as]) ?? play.http;
    const begun = (): void => ask(exchange.meanwhile, play);
    const answer = await http({ method, path, body, etcd: play.etcd, ...lines, begun });
    const at = Math.round(performance.now() - began);
    const sent = wordRequest({ ...exchange, body });
    talk.push({ at, sent, came: `${answer.status} ${answer.body.trimEnd().slice(0, SHOWN)}` });
    const before = open[play.etcd];
    open = fitting(open, exchange, answer, play.share);
    if (open[play.etcd].length === 0) {
      // Its leases may have expired meanwhile, or the server may have given up.
      if (performance.now() - began > SLOW_MS || BUSY.has(answer.status)) {
        return { ...base, verdict: 'inconclusive', why: TOO_SLOW, shown: [], evidence: [] };
      }
      const [generation = 'v2'] = before;
      const [expect = exchange.expect] = wantedOf(exchange, play.etcd);
      const { came } = talk.at(-1) as Talk;
      const etcd = misfit(expect, generation, answer, play.share) ?? '';
      const evidence = [{ case: of.id, rule: wordRule(of.rules[0]), sent, came, etcd, at }];
      const fits = MINOR_VERSIONS.filter((version) => open[version].length > 0);
      return { ...base, verdict: 'differs', shown: [], evidence, fits };
    }
    if (path === PUT) revision = revisionIn(answer.body);
  }
  return { ...base, verdict: 'agrees', shown: of.rules, evidence: [] };
};

/** The generations of each version that an answer leaves. */
const fitting = (
  open: typeof GENERATIONS,
  exchange: Exchange,
  answer: HttpAnswer,
  share: number,
): typeof GENERATIONS => {
  const left = (etcd: MinorVersion): readonly Generation[] => {
    const wanted = wantedOf(exchange, etcd);
    return open[etcd].filter((generation) =>
      wanted.some((one) => misfit(one, generation, answer, share) === null),
    );
  };
  return { '3.4': left('3.4'), '3.5': left('3.5'), '3.6': left('3.6'), '3.7': left('3.7') };
};

/** Nobody waits for the answer: what comes of it shows in another. */
const ask = (meanwhile: Exchange['meanwhile'], { http, share, etcd }: GatewayPlay): void => {
  if (meanwhile === undefined) return;
  const { path } = meanwhile;
  http({ method: 'POST', path, body: filled(meanwhile.body, share), etcd }).catch(() => {});
};

/** What may come of it, as the version has it. */
const wantedOf = ({ expect, before }: Exchange, etcd: MinorVersion): readonly Expected[] => {
  if (before === undefined || etcd === '3.6' || etcd === '3.7') return [expect];
  return etcd === '3.4' ? [before] : [expect, before];
};

/** Its leases and keys, as far as they are there. */
const takeBack = async ({ exchanges }: GatewayCase, play: GatewayPlay): Promise<void> => {
  const bodies = exchanges.map(({ body }) => body).join(' ');
  const ask = (path: string, body: string): Promise<unknown> =>
    play.http({ method: 'POST', path, body: filled(body, play.share), etcd: play.etcd });
  const ids = [...new Set(bodies.match(/\{id \d+\}/g))];
  await Promise.allSettled(ids.map((id) => ask('/v3/lease/revoke', `{"ID":"${id}"}`)));
  const keys = [...new Set(bodies.match(/\{key \w+\}/g))];
  await Promise.allSettled(keys.map((key) => ask('/v3/kv/deleterange', `{"key":"${key}"}`)));
};

/** Half of the shortest life that a case gives a lease. */
const SLOW_MS = 15_000;
const TOO_SLOW = 'the machine was too slow';
/** UNAVAILABLE and DEADLINE_EXCEEDED, as etcd says when it cannot keep up. */
const BUSY: ReadonlySet<number> = new Set([503, 504]);

const PUT = '/v3/kv/put';

const revisionIn = (body: string): number => Number(/"revision": ?"(\d+)"/.exec(body)?.[1] ?? 0);

interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** What does not fit; null: nothing. */
const misfit = (
  { status, lines, error, text }: Expected,
  generation: Generation,
  answer: HttpAnswer,
  share: number,
): string | null => {
  const wanted = chosen(status, generation);
  if (answer.status !== wanted) return `status ${wanted}`;
  if (text !== undefined && answer.body !== chosen(text, generation)) {
    return `a body of ${JSON.stringify(chosen(text, generation))}`;
  }
  if (error !== undefined) {
    const envelope =
      generation === 'v1' ? { error: error.message, ...error } : { error: null, ...error };
    if (!holds(parsed(answer.body)[0], envelope, share)) return JSON.stringify(envelope);
  }
  if (lines === undefined) return null;
  const given = parsed(answer.body);
  if (given.length !== lines.length) return `${lines.length} JSON values, one a line`;
  const at = lines.findIndex((line, index) => !holds(given[index], line, share));
  return at < 0 ? null : filled(JSON.stringify(lines[at]), share);
};

const chosen = <T extends string | number>(either: Either<T>, generation: Generation): T =>
  typeof either === 'object' ? either[generation] : either;

/** The JSON values of a body: one, or one a line. */
const parsed = (body: string): readonly unknown[] => {
  const values = (text: string): unknown[] => {
    try {
      return [JSON.parse(text) as unknown];
    } catch {
      return [undefined];
    }
  };
  const lines = body.split('\n').filter((line) => line.trim() !== '');
  return lines.flatMap(values);
};

const holds = (given: unknown, wanted: Members, share: number): boolean =>
  typeof given === 'object' &&
  given !== null &&
  Object.entries(wanted).every(([name, value]) => {
    const member = (given as Readonly<Record<string, unknown>>)[name];
    if (value === null) return member === undefined;
    if (Array.isArray(value)) {
      const items = value as readonly Members[];
      return (
        Array.isArray(member) &&
        member.length === items.length &&
        items.every((item, index) => holds(member[index], item, share))
      );
    }
    if (typeof value === 'object') return holds(member, value as Members, share);
    return member === (typeof value === 'string' ? filled(value, share) : value);
  });

/** `{id N}` and `{key TEXT}` in the case's own share. */
export const filled = (text: string, share: number): string =>
  text
    .replaceAll(/\{id (\d+)\}/g, (_, id: string) =>
      String(BigInt(share) * 1000n + BigInt(id) + FIRST_ID),
    )
    .replaceAll(/\{key (\w+)\}/g, (_, key: string) =>
      Buffer.from(`lh/gateway/${share}/${key}`).toString('base64'),
    );

/** Beyond 2^53, so that a gateway that rounds int64s shows it. */
const FIRST_ID = 0x40_0000_0000_0000n + 1n;

/** As in `bob: POST /v3/kv/put {…}`. */
const wordRequest = (
  of: Pick<Exchange, 'method' | 'path' | 'body' | 'as' | 'meanwhile'>,
): string => {
  const { method = 'POST', path, body, as, meanwhile } = of;
  const who = as === undefined ? '' : `${as}: `;
  const besides = meanwhile === undefined ? '' : `, then ${wordRequest(meanwhile)}`;
  return `${who}${method} ${path} ${body}${besides}`;
};

/** Characters of an answer. */
const SHOWN = 300;
