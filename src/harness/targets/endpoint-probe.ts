/** Whether there is a server that speaks HTTP/2, before gRPC's library is let loose on it. */
import { connect } from 'node:http2';
import { isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { errorMessage } from '../../error-message.ts';
import { TargetError } from '../target.ts';
import { type Security, tlsOptions } from './security.ts';

/** How long a server may take to show that it is an etcd. */
export const PROBE_MS = 5_000;

/**
 * Asks for no more than HTTP/2's greeting, on a connection of its own: gRPC's library holds on to
 * a connection that it never gets to use. Throws `TargetError` that says what is wrong.
 */
export const expectHttp2 = async (url: string, security: Security): Promise<void> => {
  const why = await greeting(url, security);
  if (why === null) return;
  // A server that wants TLS says nothing that could be understood without it.
  if (why.isSaid && url.startsWith('http://') && (await speaksTls(url))) {
    const secure = url.replace(/^http:/, 'https:');
    throw new TargetError(`${url} wants TLS: name it as ${secure}, with --cacert FILE if need be`);
  }
  throw new TargetError(complaint(url, why));
};

export const notEtcd = (url: string, why: string): string =>
  `${url} is not an etcd (${why}): name the client URL of an etcd (not its peer or metrics URL)`;

/**
 * The first line; a failed attempt at several addresses says what it was in the first of its
 * errors.
 */
export const messageOf = (error: unknown): string => {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  return errorMessage(error).split('\n')[0] as string;
};

interface Failure {
  readonly message: string;
  readonly code: string;
  /** There was somebody, who said something else, or nothing. */
  readonly isSaid: boolean;
}

const greeting = (url: string, security: Security): Promise<Failure | null> =>
  new Promise((resolve) => {
    const { hostname } = new URL(url);
    // An address is no name to ask for.
    const servername = isIP(hostname.replaceAll(/[[\]]/g, '')) > 0 ? { servername: '' } : {};
    const session = connect(url, { ...tlsOptions(security), ...servername });
    const end = (failure: Failure | null) => {
      clearTimeout(timer);
      resolve(failure);
      session.destroy();
    };
    const said = (message: string) => end({ message, code: '', isSaid: true });
    // With TLS 1.3 the connection stands before a server has seen that we show no certificate; the
    // alert that it sends then is lost on the way through Node's HTTP/2.
    const doubt = url.startsWith('https://') && security.cert === undefined;
    const hint = doubt ? ', or it wants a certificate, --cert and --key' : '';
    const timer = setTimeout(() => said(`silent for ${PROBE_MS} ms${hint}`), PROBE_MS);
    session.on('error', (error) => {
      const code = 'code' in error ? String(error.code) : '';
      // Node's own complaints are about what was said; the others are the system's, about the way
      // there.
      const isSaid = code.startsWith('ERR_HTTP2') || code === 'ECONNRESET';
      end({ message: messageOf(error), code, isSaid });
    });
    session.once('close', () => said('it closed the connection'));
    session.once('remoteSettings', () => end(null));
  });

const complaint = (url: string, { message, code, isSaid }: Failure): string => {
  if (UNTRUSTED.test(code)) {
    return `${url} shows a certificate that is not trusted (${message}): name its CA by --cacert`;
  }
  if (code.startsWith('ERR_SSL') && /alert/i.test(`${code} ${message}`)) {
    const words = /alert[ a-z]*/i.exec(message)?.[0].trim() ?? code;
    return `${url} refuses our certificate, or that there is none (${words}): --cert and --key`;
  }
  if (code.startsWith('ERR_SSL')) {
    return `${url} does not speak TLS: name it as ${url.replace(/^https:/, 'http:')}`;
  }
  if (isSaid) return notEtcd(url, message);
  const otherwise = 'start an etcd there, or name the client URL of one that runs';
  return `${url} does not answer (${message}): ${otherwise}`;
};

const UNTRUSTED = /^(UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|CERT_|ERR_TLS_CERT)/;

/** Whether a server takes a greeting of TLS, whatever it shows then. */
const speaksTls = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    const host = hostname.replaceAll(/[[\]]/g, '');
    // Nothing is said to it: what it shows need not be believed.
    const socket = connectTls({ host, port: Number(port), rejectUnauthorized: false });
    const end = (speaks: boolean) => {
      resolve(speaks);
      socket.destroy();
    };
    socket.setTimeout(PROBE_MS, () => end(false));
    socket.on('error', () => end(false));
    socket.on('secureConnect', () => end(true));
  });
