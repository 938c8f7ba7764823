/** The rules of users, on a server that has some: what is made for them is taken back. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../../src/api/config.ts';
import { type EtcdTarget, etcdTarget } from '../../src/harness/targets/etcd-target.ts';
import { leasehold } from '../cli/leasehold.ts';
import { testEtcd } from '../harness/targets/etcd-under-test.ts';

const ROOT = { name: 'root', password: 'of root' };
const BOB = { name: 'bob', password: 'of bob' };

let etcd: EtcdTarget;

const asked = async (user: typeof ROOT | null, path: string, body: object): Promise<string> => {
  const http = etcd.users?.as(user);
  const request = { method: 'POST', path: `/v3/auth/${path}`, body: JSON.stringify(body) } as const;
  const answer = await http?.(request);
  expect(answer, `${path} ${answer?.body}`).toMatchObject({ status: 200 });
  return answer?.body ?? '';
};

beforeAll(async () => {
  const { path, version } = await testEtcd();
  etcd = await etcdTarget({ binary: path, version, config: DEFAULT_CONFIG });
  for (const user of [ROOT, BOB]) await asked(null, 'user/add', user);
  for (const name of ['root', 'suite']) await asked(null, 'role/add', { name });
  const [key, end] = ['lh/', 'lh0'].map((text) => Buffer.from(text).toString('base64'));
  const perm = { permType: 'READWRITE', key, range_end: end };
  await asked(null, 'role/grant', { name: 'suite', perm });
  await asked(null, 'user/grant', { user: 'root', role: 'root' });
  await asked(null, 'user/grant', { user: 'bob', role: 'suite' });
  await asked(null, 'enable', {});
}, 60_000);

afterAll(() => etcd.close());

const verdicts = async ({ name, password }: typeof ROOT): Promise<readonly string[]> => {
  const user = ['--user', `${name}:${password}`];
  const target = ['--target', etcd.process.url];
  const { out } = await leasehold(['conform', ...target, ...user, '--rule', 'TTL-09', '--json']);
  const { rules } = JSON.parse(out) as {
    readonly rules: readonly { readonly id: string; readonly verdict: string; why?: string }[];
  };
  const rule = rules.find(({ id }) => id === 'TTL-09');
  return [rule?.verdict ?? '', rule?.why ?? ''];
};

test('an administrator makes users, and leaves none behind', async () => {
  expect(await verdicts(ROOT)).toEqual(['agrees', '']);
  const left = [await asked(ROOT, 'user/list', {}), await asked(ROOT, 'role/list', {})];
  expect(
    left.map((body) => /"(users|roles)": ?\[.*\]/.exec(body)?.[0].replaceAll(' ', '')),
  ).toEqual(['"users":["bob","root"]', '"roles":["root","suite"]']);
}, 30_000);

test('whoever is none cannot: the rule is not observable', async () => {
  const [verdict, why] = await verdicts(BOB);
  expect(verdict).toBe('not-observable');
  expect(why).toMatch(/^no user can be made: .*permission denied/);
}, 30_000);
