/** The options by which a client shows who it is, and what it trusts. */
import { createSecureContext } from 'node:tls';
import { errorMessage } from '../error-message.ts';
import type { Security } from '../harness/targets/security.ts';
import { type Arguments, UsageError } from './arguments.ts';
import { readText } from './files.ts';

/** The target that is asked for, by `--target` or, as etcdctl has it, by `--endpoints`. */
export const targetAsked = (args: Arguments): string => {
  const target = args.text('target');
  const endpoints = args.text('endpoints');
  if (endpoints === undefined) return target ?? 'simulator';
  if (target !== undefined) {
    throw new UsageError('--target and --endpoints: only one of them says where the server is');
  }
  const isSecure = ['cacert', 'cert'].some((name) => args.text(name) !== undefined);
  const scheme = isSecure ? 'https' : 'http';
  return endpoints
    .split(',')
    .map((each) => (/^https?:\/\//.test(each) ? each : `${scheme}://${each}`))
    .join(',');
};

/** Throws `UsageError` for what cannot be read, or does not go together, or with the target. */
export const readSecurity = (args: Arguments, target: string): Security => {
  const pem = readPem(args);
  const used = TLS_OPTIONS.find((name) => pem[name] !== undefined);
  const urls = target.split(',');
  if (used !== undefined && !urls.some((url) => url.startsWith('https://'))) {
    throw new UsageError(`--${used} goes with https:// endpoints, not with --target ${target}`);
  }
  if ((pem.cert === undefined) !== (pem.key === undefined)) {
    throw new UsageError('--cert and --key go together: a certificate and its private key');
  }
  const user = args.text('user');
  if (user === undefined) return secured(pem);
  if (!urls.every((url) => /^https?:\/\//.test(url))) {
    throw new UsageError(`--user goes with http:// and https:// endpoints, not with ${target}`);
  }
  return { ...secured(pem), user: credentials(user) };
};

/** The same options, for a command to repeat; a password is not shown. */
export const securityAgain = (args: Arguments): readonly string[] => {
  const files = TLS_OPTIONS.map((name) => [name, args.text(name)] as const);
  const shown = files.flatMap(([name, path]) => (path === undefined ? [] : [`--${name}`, path]));
  const user = args.text('user');
  return user === undefined ? shown : [...shown, '--user', `${user.split(':')[0]}:PASSWORD`];
};

const TLS_OPTIONS = ['cacert', 'cert', 'key'] as const;

type Pem = Readonly<Partial<Record<(typeof TLS_OPTIONS)[number], Buffer>>>;

const readPem = (args: Arguments): Pem => {
  const read: Partial<Record<(typeof TLS_OPTIONS)[number], Buffer>> = {};
  for (const name of TLS_OPTIONS) {
    const path = args.text(name);
    if (path === undefined) continue;
    const text = readText(path);
    const wanted = name === 'key' ? /-----BEGIN [A-Z ]*PRIVATE KEY-----/ : /-----BEGIN CERT/;
    if (!wanted.test(text)) {
      const what = name === 'key' ? 'private key' : 'certificate';
      throw new UsageError(`--${name} ${path}: no ${what} in PEM is in it`);
    }
    read[name] = Buffer.from(text);
  }
  return read;
};

const secured = ({ cacert, cert, key }: Pem): Security => {
  const security = { ...(cacert && { ca: cacert }), ...(cert && { cert }), ...(key && { key }) };
  try {
    createSecureContext(security);
  } catch (error) {
    const why = errorMessage(error);
    throw new UsageError(`--cacert, --cert, --key: TLS cannot use these files (${why})`);
  }
  return security;
};

/** `NAME:PASSWORD`, as etcdctl has it; not asked for, as a suite has nobody to ask. */
const credentials = (text: string): { readonly name: string; readonly password: string } => {
  const at = text.indexOf(':');
  if (at > 0) return { name: text.slice(0, at), password: text.slice(at + 1) };
  // What was given may be a password: it is not repeated.
  throw new UsageError('--user: NAME:PASSWORD is needed');
};
