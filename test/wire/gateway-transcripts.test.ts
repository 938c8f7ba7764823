/** What real etcds answered to a series of requests over HTTP/1, held against what we answer. */
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { afterAll, describe, expect, test } from 'vitest';
import { serve, type Served, stopServing } from './served.ts';

interface Recorded {
  readonly title: string;
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly answer: string;
}

/** What a server in some state answered. Headers were not always kept. */
interface RecordedState extends Omit<Recorded, 'headers'> {
  readonly state: 'the last second' | 'no lease' | 'no space' | 'no leader' | 'a watch';
  readonly headers?: Recorded['headers'];
  /** After which it answered; otherwise at once. */
  readonly seconds?: number;
}

const recordingsIn = (name: string): readonly unknown[] => {
  const file = new URL(`./transcripts/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as unknown[];
};

type Asked = Pick<Recorded, 'method' | 'path' | 'body'>;

const ask = (
  address: string,
  { method, path, body }: Asked,
): Promise<Pick<Recorded, 'status' | 'headers' | 'answer'>> =>
  new Promise((resolve, reject) => {
    const sent = request(`http://${address}${path}`, { method, agent: false }, (response) => {
      let answer = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        answer += chunk;
      });
      response.on('end', () => {
        const { connection, 'content-length': length, ...others } = response.headers;
        expect([connection, length]).toBeDefined();
        const headers = others as Record<string, string>;
        resolve({ status: response.statusCode ?? 0, headers, answer: answer.trim() });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });

/** As values; etcd draws ids, and lists leases by what expires first on a clock that goes on. */
const comparable = (answer: string): unknown => {
  const values = answer.split('\n').map((line) => {
    try {
      return JSON.parse(line) as unknown;
    } catch {
      return line;
    }
  });
  const text = JSON.stringify(values)
    .replaceAll(/"(cluster_id|member_id)":"\d+"/g, '"$1":"N"')
    .replaceAll(/"ID":"\d{15,}"/g, '"ID":"N"')
    // A moment has passed.
    .replaceAll('"TTL":"59"', '"TTL":"60"');
  return JSON.parse(text, (name, value: unknown) =>
    name === 'leases' && Array.isArray(value)
      ? value.map((lease) => JSON.stringify(lease)).sort()
      : value,
  );
};

afterAll(stopServing);

describe.each(['3.4.23', '3.5.30'])('WIRE-02 … WIRE-07 as etcd %s', async (version) => {
  const { address } = await serve({ version });
  test.each(recordingsIn(`gateway-${version}`) as readonly Recorded[])(
    '$title',
    async (recorded) => {
      const ours = await ask(address, recorded);
      expect({ ...ours, answer: comparable(ours.answer) }).toEqual({
        status: recorded.status,
        headers: recorded.headers,
        answer: comparable(recorded.answer),
      });
    },
  );
});

const post = (served: Served, path: string, fields: object) =>
  ask(served.address, { method: 'POST', path, body: JSON.stringify(fields) });

const STATES = {
  'the last second': async (served) => {
    await post(served, '/v3/lease/grant', { TTL: 2, ID: 1 });
    await served.advance(1500);
  },
  'no lease': async () => {},
  'no space': async (served) => {
    await post(served, '/v3/maintenance/alarm', { action: 'ACTIVATE', alarm: 'NOSPACE' });
  },
  'no leader': async (served) => {
    await post(served, '/v3/lease/grant', { TTL: 60, ID: 1 });
    served.etcd.leader.lose();
  },
  'a watch': async (served) => {
    await post(served, '/v3/lease/grant', { TTL: 60, ID: 99 });
    for (const key of ['eDE=', 'eDI=', 'eDM=']) await post(served, '/v3/kv/put', { key });
    for (const key of ['dzE=', 'dzI=']) {
      await post(served, '/v3/kv/put', { key, value: 'YmFy', lease: 99 });
    }
  },
} as const satisfies Record<RecordedState['state'], (served: Served) => Promise<void>>;

/** The first line of a watch, and what it is told of the revoke of a lease. */
const watched = async (served: Served, { path, body }: RecordedState): Promise<string> => {
  const { body: lines } = await fetch(`http://${served.address}${path}`, { method: 'POST', body });
  const reader = (lines as ReadableStream).pipeThrough(new TextDecoderStream()).getReader();
  const first = (await reader.read()).value as string;
  await post(served, '/v3/lease/revoke', { ID: 99 });
  const second = (await reader.read()).value as string;
  await reader.cancel();
  return (first + second).trim();
};

describe.each(['3.4.23', '3.5.30'])('in a state, as etcd %s', (version) => {
  test.each(recordingsIn(`gateway-states-${version}`) as readonly RecordedState[])(
    '$title',
    async (recorded) => {
      const served = await serve({ version });
      await STATES[recorded.state](served);
      const expected = comparable(recorded.answer);
      if (recorded.state === 'a watch') {
        expect(comparable(await watched(served, recorded))).toEqual(expected);
        return;
      }
      let isAnswered = false;
      const before = served.etcd.activity;
      const answered = ask(served.address, recorded).finally(() => (isAnswered = true));
      if (recorded.seconds !== undefined) {
        await expect.poll(() => served.etcd.activity).toBeGreaterThan(before);
        await served.advance(recorded.seconds * 1000 - 1);
        expect(isAnswered).toBe(false);
        await served.advance(1);
      }
      const { answer, headers, status } = await answered;
      expect([status, comparable(answer)]).toEqual([recorded.status, expected]);
      if (recorded.headers !== undefined) expect(headers).toEqual(recorded.headers);
    },
  );
});
