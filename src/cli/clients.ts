/** Finds the client that a command names: one that comes along, or a module of the user's. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { errorMessage } from '../error-message.ts';
import { ABILITIES, type Adapter } from '../clients/adapter.ts';
import { CLIENT_NAMES, knownClient } from '../clients/known.ts';
import { isKnownVersion } from '../wire/index.ts';
import { type Arguments, UsageError } from './arguments.ts';

export interface FoundClient {
  readonly adapter: Adapter;
  /** How its module exports it; null: it comes along. */
  readonly exported: 'adapter' | 'default' | null;
}

/** Throws `UsageError` when there is none of that name, or it is no adapter. */
export const findClient = async (name: string, version?: string): Promise<FoundClient> => {
  const known = await knownClient(name, version);
  if (known !== undefined) return { adapter: known, exported: null };
  if (!/\.(m?js|m?ts)$/.test(name)) {
    throw new UsageError(
      `there is no client ${JSON.stringify(name)}: ${CLIENT_NAMES.join(', ')}, ` +
        'or a module such as ./my-client.mjs',
    );
  }
  const path = resolve(name);
  if (!existsSync(path)) throw new UsageError(`cannot read ${name}: no such file or directory`);
  const loaded = await load(name, path);
  const exported = loaded['adapter'] === undefined ? 'default' : 'adapter';
  const adapter = loaded[exported];
  const complaint = complaintAbout(adapter);
  if (complaint !== null) throw new UsageError(`${name}: ${complaint}`);
  return { adapter: adapter as Adapter, exported };
};

/** The version of etcd that a command, or else a file, names. Throws `UsageError`: none such. */
export const etcdVersionOf = (args: Arguments, filed?: string | null): { version?: string } => {
  const version = args.text('etcd') ?? filed ?? undefined;
  if (version === undefined) return {};
  if (isKnownVersion(version)) return { version };
  throw new UsageError(`no such etcd version: ${version}`);
};

const load = async (name: string, path: string): Promise<Readonly<Record<string, unknown>>> => {
  try {
    return (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    const [line] = errorMessage(error).split('\n');
    throw new UsageError(`${name} cannot be loaded: ${line ?? ''}`);
  }
};

const complaintAbout = (value: unknown): string | null => {
  if (typeof value !== 'object' || value === null) return 'it exports no `adapter`';
  const { name, version, abilities, start } = value as Readonly<Record<string, unknown>>;
  if (typeof name !== 'string' || name === '') return 'its adapter has no name';
  if (typeof version !== 'string') return 'its adapter has no version';
  if (typeof start !== 'function') return 'its adapter has no function start';
  const isKnown = (ability: unknown): boolean =>
    (ABILITIES as readonly unknown[]).includes(ability);
  if (!Array.isArray(abilities) || !abilities.includes('lease') || !abilities.every(isKnown)) {
    const list = ABILITIES.join(', ');
    return `the abilities of its adapter are a list of ${list}; lease has to be among them`;
  }
  return null;
};
