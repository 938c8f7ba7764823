/** HTTP/1.1 to a server's client port, as far as the JSON gateway needs it. */
import { request as plain } from 'node:http';
import { request as secure } from 'node:https';
import { GatewayClosed, type HttpExchange, TargetError, type Users } from '../target.ts';
import { type Credentials, type Security, tlsOptions } from './security.ts';

/** How long the server may take, in milliseconds: as long as it waits for a leader, and a bit. */
const PATIENCE_MS = 10_000;
/** Bytes of a body; more than that are no answer to a lease request. */
const MOST_BYTES = 4 * 1024 * 1024;

/**
 * A connection of its own for each request. A user's token is asked for at the first. Rejects with
 * a `TargetError`, with a `GatewayClosed` when it is not let in.
 */
export const httpTo = (url: string, security: Security = {}): HttpExchange => {
  let token: Promise<string> | undefined;
  return async (asked) => {
    if (security.user !== undefined) token ??= tokenOf(url, security, security.user);
    const authorization = token === undefined ? {} : { authorization: await token };
    const answer = await exchange(url, security, authorization, asked);
    if (answer.status === 400 && NAMED.test(answer.body)) throw new GatewayClosed(OF_NO_NAME);
    return answer;
  };
};

/** Those of a server that we started: it has none. */
export const ownUsers = (url: string): Users => ({
  administrator: null,
  as: (user) => httpTo(url, user === null ? {} : { user }),
});

/** Those of a server to which we came as one of them. */
export const givenUsers = (url: string, security: Security): Users | undefined => {
  const { user: administrator, ...anybody } = security;
  if (administrator === undefined) return undefined;
  const as: Users['as'] = (user) => httpTo(url, { ...anybody, ...(user && { user }) });
  return { administrator, as };
};

/** What etcd says to whoever shows a certificate with a name, when it wants certificates. */
const NAMED = /^CommonName of client/;
const OF_NO_NAME = 'the gateway takes no certificate that has a CommonName';

type Asked = Parameters<HttpExchange>[0];

const exchange = (
  url: string,
  security: Security,
  authorization: Readonly<Record<string, string>>,
  { method, path, body, lines = Infinity, begun }: Asked,
): ReturnType<HttpExchange> =>
  new Promise((resolve, reject) => {
    const failed = (why: string): void => {
      sent.destroy();
      reject(new TargetError(`${url}${path} does not answer (${why})`));
    };
    const headers = { 'content-type': 'application/json', ...authorization };
    const base = { method, headers, agent: false, timeout: PATIENCE_MS } as const;
    const options = { ...base, ...tlsOptions(security) };
    const request = url.startsWith('https:') ? secure : plain;
    const sent = request(`${url}${path}`, options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        const isFirst = !text.includes('\n');
        text += chunk;
        if (isFirst && text.includes('\n')) begun?.();
        if (text.length > MOST_BYTES) failed('its body has no end');
        if (text.split('\n').length <= lines) return;
        resolve({ status: response.statusCode ?? 0, body: text });
        sent.destroy();
      });
      response.on('error', (error) => failed(error.message));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
    });
    sent.on('timeout', () => failed(`silent for ${PATIENCE_MS / 1000} s`));
    sent.on('error', (error) => failed(error.message));
    sent.end(body);
  });

const tokenOf = async (url: string, security: Security, user: Credentials): Promise<string> => {
  const path = '/v3/auth/authenticate';
  const asked = { method: 'POST', path, body: JSON.stringify(user) } as const;
  const { body } = await exchange(url, security, {}, asked);
  const token = /"token": ?"([^"]+)"/.exec(body)?.[1];
  if (token !== undefined) return token;
  throw new GatewayClosed(NAMED.test(body) ? OF_NO_NAME : 'the gateway does not let the user in');
};
