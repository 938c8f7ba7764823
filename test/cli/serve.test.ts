/** `leasehold serve` as a user meets it: lines, exit codes, Ctrl-C. */
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { leasehold, type Started, start } from './leasehold.ts';

/** Waits for what it says when it listens. */
const said = async ({ child }: Started): Promise<string> =>
  String(((await once(child.stdout as NodeJS.EventEmitter, 'data')) as unknown[])[0]);

test('says where it is and how its clock is moved; Ctrl-C ends it', async () => {
  const serve = start(['serve', '--clock', 'virtual', '--listen', '127.0.0.1:0']);
  const text = await said(serve);
  expect(text).toMatch(/^etcd 3\.5\.30 at http:\/\/127\.0\.0\.1:\d+ .*its clock stands still$/m);
  const [, url] = /'(http:\S+)'/.exec(text) ?? [];
  const response = await fetch(String(url), { method: 'POST' });
  expect(await response.json()).toMatchObject({ now: 10_000 });
  serve.child.kill('SIGINT');
  expect(await serve.ended).toMatchObject({ code: 0, err: '' });
});

test('a terminal that is closed ends it', async () => {
  const serve = start(['serve', '--listen', '127.0.0.1:0']);
  await said(serve);
  serve.child.kill('SIGHUP');
  expect(await serve.ended).toMatchObject({ code: 0, err: '' });
});

test('--json is one object', async () => {
  const serve = start(['serve', '--json', '--etcd', '3.4.23', '--listen', '127.0.0.1:0']);
  const object: unknown = JSON.parse(await said(serve));
  expect(object).toMatchObject({
    schema: 'leasehold-serve/1',
    url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    etcd: '3.4.23',
    clock: { mode: 'real', rate: 1 },
    clockControl: 'open',
  });
  serve.child.kill('SIGTERM');
  expect(await serve.ended).toMatchObject({ code: 0 });
});

test.each([
  [['--no-clock-control'], 'the clock cannot be moved over HTTP: --no-clock-control'],
  [
    ['--listen', '0.0.0.0:0'],
    'the clock cannot be moved over HTTP: beyond loopback that needs a --token',
  ],
  [['--listen', '0.0.0.0:0', '--token', 'secret'], "move it: curl -X POST -H 'Authorization: "],
])('says who moves the clock, with %j', async (more, line) => {
  const serve = start(['serve', '--clock', 'virtual', '--listen', '127.0.0.1:0', ...more]);
  expect(await said(serve)).toContain(line);
  serve.child.kill('SIGINT');
  await serve.ended;
});

test('a busy port is one line that says what to do', async () => {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { code, out, err } = await leasehold(['serve', '--listen', `127.0.0.1:${port}`]);
  expect([code, out]).toEqual([2, '']);
  expect(err).toMatch(/^leasehold: --listen 127\.0\.0\.1:\d+: the port is in use; .*\n$/);
  server.close();
});

test('KV-29: how often progress is told; too often is one line', async () => {
  const option = '--watch-progress-notify-interval';
  const { code, out, err } = await leasehold(['serve', option, '99ms']);
  expect([code, out, err]).toEqual([
    2,
    '',
    `leasehold: ${option} 99ms: 100ms at least is needed\n`,
  ]);
  const listen = ['--clock', 'virtual', '--listen', '127.0.0.1:0', '--json'];
  const serve = start(['serve', ...listen, option, '5s']);
  const { url } = JSON.parse(await said(serve)) as { readonly url: string };
  const body = JSON.stringify({ create_request: { key: 'aw==', progress_notify: true } });
  const watching = await fetch(`${url}/v3/watch`, { method: 'POST', body });
  const lines = (watching.body as ReadableStream).pipeThrough(new TextDecoderStream()).getReader();
  expect((await lines.read()).value).toContain('"created":true');
  await fetch(`${url}/leasehold/v1/clock/advance?by=5s`, { method: 'POST' });
  expect((await lines.read()).value).toMatch(/^\{"result":\{"header":\{[^}]*\}\}\}\n$/);
  await lines.cancel();
  serve.child.kill('SIGINT');
  expect(await serve.ended).toMatchObject({ code: 0, err: '' });
});
