/**
 * Users of a server, made for one case and taken back after it. Where the server has none, a root
 * is made first, and authentication enabled until the end of the case.
 */
import { GatewayClosed, type Users } from '../harness/target.ts';
import { filled, type GatewayPlay } from './gateway.ts';

/** Throws `GatewayClosed` where none can be made. */
export const amongUsers = async <T>(
  users: Users,
  play: GatewayPlay,
  act: (play: GatewayPlay) => Promise<T>,
): Promise<T> => {
  const name = `lh-${play.share}`;
  const bob = { name: `${name}-bob`, password: PASSWORD };
  const eve = { name: `${name}-eve`, password: PASSWORD };
  const root = users.administrator ?? { name: 'root', password: PASSWORD };
  // A change to users may end the tokens that were given before it: each logs in anew.
  const ask: Ask = (who, path, body) =>
    users.as(who)({ method: 'POST', path: `/v3/auth/${path}`, body: JSON.stringify(body) });
  const make = async (who: typeof root | null, path: string, body: object): Promise<void> => {
    const { status, body: said } = await ask(who, path, body);
    if (status !== 200) throw new GatewayClosed(`no user can be made: ${said.slice(0, SHOWN)}`);
  };
  try {
    if (users.administrator === null) await enable(make, root);
    for (const user of [bob, eve]) await make(root, 'user/add', user);
    await make(root, 'role/add', { name });
    const key = filled('{key a}', play.share);
    await make(root, 'role/grant', { name, perm: { permType: 'READWRITE', key } });
    await make(root, 'user/grant', { user: bob.name, role: name });
    const as = { bob: users.as(bob), eve: users.as(eve), nobody: users.as(null) };
    return await act({ ...play, http: users.as(root), as });
  } finally {
    const gone = (who: typeof root | null, path: string, body: object): Promise<unknown> =>
      // What was never made cannot be taken back, and what does not answer has been told of.
      ask(who, path, body).catch(() => {});
    await gone(root, 'user/delete', { name: bob.name });
    await gone(root, 'user/delete', { name: eve.name });
    await gone(root, 'role/delete', { role: name });
    if (users.administrator === null) {
      await gone(root, 'disable', {});
      await gone(null, 'user/delete', { name: root.name });
      await gone(null, 'role/delete', { role: root.name });
    }
  }
};

type User = NonNullable<Users['administrator']>;
type Ask = (who: User | null, path: string, body: object) => ReturnType<ReturnType<Users['as']>>;

/** The first user is one called root, with a role of that name: etcd has it so. */
const enable = async (
  make: (who: null, path: string, body: object) => Promise<void>,
  root: User,
): Promise<void> => {
  await make(null, 'user/add', root);
  await make(null, 'role/add', { name: root.name });
  await make(null, 'user/grant', { user: root.name, role: root.name });
  await make(null, 'enable', {});
};

/** They live for a second, and may touch one key that is ours. */
const PASSWORD = 'for one case';

const SHOWN = 120;
