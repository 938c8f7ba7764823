/** Looks at what an adapter hands over: nobody may have checked its types. */
import type { Ability, Client, ClientEvent } from './adapter.ts';

/** What is wrong with a client; null: nothing. */
export const complaintAboutClient = (
  client: unknown,
  abilities: readonly Ability[],
): string | null => {
  if (typeof client !== 'object' || client === null) return 'start gave no client';
  const wanted: readonly (keyof Client)[] = [
    ...(['grant', 'revoke', 'release', 'close'] as const),
    ...abilities.flatMap((ability) => METHODS[ability]),
  ];
  const missing = wanted.find((name) => typeof (client as Client)[name] !== 'function');
  return missing === undefined ? null : `its client has no function ${missing}`;
};

const METHODS: Readonly<Record<Ability, readonly (keyof Client)[]>> = {
  lease: [],
  put: ['put'],
  lock: ['lock', 'unlock'],
  election: ['campaign', 'resign'],
};

/** What is wrong with something that is said to be an event. */
export const complaintAboutEvent = (event: unknown): string | null => {
  if (typeof event !== 'object' || event === null) return `it reports ${String(event)}, no event`;
  const { kind, ...fields } = event as Readonly<Record<string, unknown>>;
  const types = Object.hasOwn(FIELDS, String(kind)) ? FIELDS[kind as ClientEvent['kind']] : null;
  if (types === null) return `it reports an event of kind ${JSON.stringify(kind) ?? 'undefined'}`;
  const wrong = Object.entries(types).find(([name, type]) => !isOf(fields[name], type));
  return wrong === undefined
    ? null
    : `it reports ${String(kind)} with a ${wrong[0]} that is no ${wrong[1]}`;
};

type Type = 'string' | 'number' | 'bigint' | 'bigint or null';

const isOf = (value: unknown, type: Type): boolean =>
  type === 'bigint or null' ? value === null || typeof value === 'bigint' : typeof value === type;

const FIELDS: Readonly<Record<ClientEvent['kind'], Readonly<Record<string, Type>>>> = {
  granted: { lease: 'string', id: 'bigint', ttl: 'number' },
  renewed: { lease: 'string', ttl: 'number' },
  lost: { lease: 'string', why: 'string' },
  acquired: { name: 'string', key: 'string', revision: 'bigint or null', lease: 'bigint' },
  yielded: { name: 'string' },
};
