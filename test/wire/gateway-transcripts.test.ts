/** What real etcds answered to a series of requests over HTTP/1, held against what we answer. */
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { afterAll, describe, expect, test } from 'vitest';
import { serve, stopServing } from './served.ts';

interface Recorded {
  readonly title: string;
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly answer: string;
}

const recordingsOf = (version: string): readonly Recorded[] => {
  const file = new URL(`./transcripts/gateway-${version}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as Recorded[];
};

const ask = (
  address: string,
  { method, path, body }: Recorded,
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
  test.each(recordingsOf(version))('$title', async (recorded) => {
    const ours = await ask(address, recorded);
    expect({ ...ours, answer: comparable(ours.answer) }).toEqual({
      status: recorded.status,
      headers: recorded.headers,
      answer: comparable(recorded.answer),
    });
  });
});
