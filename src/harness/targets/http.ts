/** HTTP/1.1 to a server's client port, as far as the JSON gateway needs it. */
import { request } from 'node:http';
import { type HttpExchange, TargetError } from '../target.ts';

/** How long the server may take, in milliseconds: as long as it waits for a leader, and a bit. */
const PATIENCE_MS = 10_000;
/** Bytes of a body; more than that are no answer to a lease request. */
const MOST_BYTES = 4 * 1024 * 1024;

/** A connection of its own for each request. Rejects with a `TargetError`. */
export const httpTo =
  (url: string): HttpExchange =>
  ({ method, path, body, lines = Infinity }) =>
    new Promise((resolve, reject) => {
      const failed = (why: string): void => {
        sent.destroy();
        reject(new TargetError(`${url}${path} does not answer (${why})`));
      };
      const headers = { 'content-type': 'application/json' };
      const options = { method, headers, agent: false, timeout: PATIENCE_MS };
      const sent = request(`${url}${path}`, options, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
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
