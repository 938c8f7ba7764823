/** Calls over the JSON gateway pass the same gate as those of gRPC. */
import { afterEach, expect, test } from 'vitest';
import type { CallGate, GatedCall } from '../../src/wire/call-gate.ts';
import { serve, stopServing } from './served.ts';

afterEach(stopServing);

const through = async (gate: Partial<CallGate>, path = 'lease/grant', body = '{"TTL":9}') => {
  const seen: string[] = [];
  const { address } = await serve({
    gate: {
      opened: (call) => {
        seen.push(`opened ${call.path}`);
        return gate.opened?.(call);
      },
      request: (call, message, pass) => {
        seen.push(message === null ? 'no more' : 'request');
        if (gate.request === undefined) pass();
        else gate.request(call, message, pass);
      },
      reply: (call, what, pass) => {
        seen.push('code' in what ? `status ${String(what.code)}` : 'reply');
        if (gate.reply === undefined) pass();
        else gate.reply(call, what, pass);
      },
      closed: () => seen.push('closed'),
    },
  });
  const answer = await fetch(`http://${address}/v3/${path}`, { method: 'POST', body }).then(
    async (response) => ({ status: response.status, text: await response.text() }),
    (error: Error) => error.message,
  );
  return { answer, seen };
};

test('it sees each message, and lets it pass', async () => {
  const grant = await through({});
  expect(grant.answer).toMatchObject({ status: 200, text: expect.stringContaining('"TTL":"9"') });
  expect(grant.seen).toEqual([
    'opened /etcdserverpb.Lease/LeaseGrant',
    'request',
    'reply',
    'closed',
  ]);
  const stream = await through({}, 'lease/keepalive', '{"ID":5}');
  expect(stream.answer).toMatchObject({ status: 200, text: expect.stringContaining('"ID":"5"') });
  expect(stream.seen).toContain('no more');
  expect(stream.seen.at(-1)).toBe('closed');
});

test('it refuses a call before it is looked at', async () => {
  const { answer, seen } = await through({ opened: () => ({ code: 14, message: 'busy' }) });
  expect(answer).toMatchObject({ status: 503, text: expect.stringContaining('busy') });
  expect(seen).not.toContain('reply');
});

test('it ends a call, or breaks its connection off', async () => {
  const ends = (call: GatedCall): void => call.finish({ code: 8, message: 'enough' });
  const ended = await through({ request: ends });
  expect(ended.answer).toMatchObject({ status: 429, text: expect.stringContaining('enough') });
  const reset = await through({ request: (call) => call.reset(8) });
  expect(reset.answer).toBe('fetch failed');
  expect(reset.seen.at(-1)).toBe('closed');
});

test('a reply that it lets pass twice arrives once', async () => {
  const twice = await through({
    reply: (_call, _what, pass) => {
      pass();
      pass();
    },
  });
  expect(twice.answer).toMatchObject({ status: 200 });
});
