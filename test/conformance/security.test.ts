/** The suite against a real etcd that wants certificates, and has users. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Etcd3, Range } from 'etcd3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resolveEtcd } from '../../src/harness/targets/etcd-binaries.ts';
import { freePorts } from '../../src/harness/targets/etcd-ports.ts';
import { leasehold } from '../cli/leasehold.ts';

const directory = mkdtempSync(join(tmpdir(), 'leasehold-security-'));
const file = (name: string): string => join(directory, name);
const read = (name: string): Buffer => readFileSync(file(name));
let endpoint: string;
let stop: () => Promise<void>;

const openssl = (line: string, ...more: string[]): void => {
  const options = { cwd: directory, stdio: 'ignore', timeout: 20_000 } as const;
  execFileSync('openssl', [...line.split(' '), ...more], options);
};

const EC = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes';

const certificates = (): void => {
  for (const ca of ['ca', 'other']) {
    openssl(`req -x509 ${EC} -keyout ${ca}.key -out ${ca}.pem -subj /CN=${ca} -days 2`);
  }
  writeFileSync(
    file('extensions'),
    'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n',
  );
  for (const name of ['server', 'client']) {
    openssl(`req ${EC} -keyout ${name}.key -out ${name}.csr -subj /CN=${name}`);
    const signed = `-CA ca.pem -CAkey ca.key -CAcreateserial -extfile extensions -days 2`;
    openssl(`x509 -req -in ${name}.csr ${signed} -out ${name}.pem`);
  }
};

beforeAll(async () => {
  certificates();
  const version = { version: '3.5.30' };
  const { path } = await resolveEtcd({ ...version, env: process.env, progress: () => {} });
  const [client, peer] = await freePorts(2);
  endpoint = `127.0.0.1:${client}`;
  const flags = {
    'data-dir': file('data'),
    'listen-client-urls': `https://${endpoint}`,
    'advertise-client-urls': `https://${endpoint}`,
    'listen-peer-urls': `http://127.0.0.1:${peer}`,
    'initial-advertise-peer-urls': `http://127.0.0.1:${peer}`,
    'initial-cluster': `default=http://127.0.0.1:${peer}`,
    'cert-file': file('server.pem'),
    'key-file': file('server.key'),
    'trusted-ca-file': file('ca.pem'),
    'client-cert-auth': 'true',
  };
  const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
  const etcd = spawn(path, args, { stdio: 'ignore' });
  stop = async () => {
    const ended = once(etcd, 'exit');
    etcd.kill('SIGKILL');
    await ended;
  };
  await withUsers();
}, 60_000);

afterAll(async () => {
  await stop();
  rmSync(directory, { recursive: true });
});

/** Bob may use the keys of the suite, Eve none. */
const withUsers = async (): Promise<void> => {
  const credentials = {
    rootCertificate: read('ca.pem'),
    privateKey: read('client.key'),
    certChain: read('client.pem'),
  };
  const etcd = new Etcd3({ hosts: `https://${endpoint}`, credentials });
  for (let left = 100; left > 0; left -= 1) {
    const isUp = await etcd.get('a').then(
      () => true,
      () => false,
    );
    if (isUp) break;
    await sleep(100);
  }
  for (const name of ['root', 'bob', 'eve']) await etcd.user(name).create(`of ${name}`);
  await etcd.role('root').create();
  await etcd.user('root').addRole('root');
  const role = await etcd.role('suite').create();
  await role.grant({ permission: 'Readwrite', range: Range.prefix('lh/') });
  await etcd.user('bob').addRole('suite');
  await etcd.auth.authEnable();
  etcd.close();
};

const conform = (options: readonly string[]) =>
  leasehold(['conform', '--rule', 'GRANT-0*', '--json', ...options], directory);

const TLS = ['--cacert', 'ca.pem', '--cert', 'client.pem', '--key', 'client.key'];

const refused: readonly (readonly [string, () => readonly string[], RegExp])[] = [
  ['a plain client', () => ['--endpoints', endpoint], /wants TLS: name it as https:/],
  [
    'a CA that did not sign',
    () => ['--endpoints', endpoint, '--cacert', 'other.pem'],
    /certificate that is not trusted.*--cacert/,
  ],
  [
    'no certificate of ours',
    () => ['--endpoints', endpoint, '--cacert', 'ca.pem'],
    /--cert and --key/,
  ],
  [
    "another's key",
    () => ['--endpoints', endpoint, '--cert', 'client.pem', '--key', 'other.key'],
    /TLS cannot use these files/,
  ],
  [
    'a wrong password',
    () => ['--endpoints', endpoint, ...TLS, '--user', 'bob:guess'],
    /does not know this user and password/,
  ],
  [
    'a user without permission',
    () => ['--endpoints', endpoint, ...TLS, '--user', 'eve:of eve'],
    /does not let this user read and write keys that begin with lh\//,
  ],
];

test.each(refused)('%s: one line, exit code 2', async (_what, options, says) => {
  const { code, out, err } = await conform(options());
  expect({ code, out, lines: err.trimEnd().split('\n').length }).toEqual({
    code: 2,
    out: '',
    lines: 1,
  });
  expect(err).toMatch(says);
});

interface Card {
  readonly cut?: string;
  readonly target: { readonly version: string };
  readonly rules: readonly {
    readonly id: string;
    readonly verdict: string;
    readonly why: string | null;
  }[];
}

test('with certificates, user and password, twice the endpoint: the rules agree', async () => {
  const both = ['--endpoints', `${endpoint},${endpoint}`, ...TLS, '--user', 'bob:of bob'];
  const { code, out, err } = await leasehold(
    ['conform', '--rule', '*-01', '--json', ...both],
    directory,
  );
  expect(err).not.toContain('Warning');
  expect(code, `${err}${out}`).toBe(0);
  const card = JSON.parse(out) as Card;
  expect(card).toMatchObject({ target: { version: '3.5.30' } });
  const of = (wanted: string): readonly string[] =>
    card.rules.filter(({ verdict }) => verdict === wanted).map(({ id }) => id);
  expect(of('differs')).toEqual([]);
  expect(of('agrees')).toEqual(expect.arrayContaining(['GRANT-01', 'KA-01', 'KV-01', 'WIRE-01']));
}, 60_000);

test('a gateway that lets nobody in who shows a certificate is not judged', async () => {
  const { out } = await leasehold(
    [
      'conform',
      '--rule',
      'WIRE-04',
      '--json',
      '--endpoints',
      endpoint,
      ...TLS,
      '--user',
      'bob:of bob',
    ],
    directory,
  );
  const { rules } = JSON.parse(out) as Card;
  expect(rules.find(({ id }) => id === 'WIRE-04')).toMatchObject({
    verdict: 'not-observable',
    why: 'the gateway takes no certificate that has a CommonName',
  });
}, 60_000);
