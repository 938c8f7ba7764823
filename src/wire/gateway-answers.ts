/**
 * What the gateway answers over HTTP: statuses, envelopes of errors, headers (WIRE-04, WIRE-06).
 */
import type { ServerResponse } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Generation } from './gateway-scalars.ts';
import { CODE, type Status } from './status.ts';

/** On whatever the port answers over HTTP, as etcd has them; the control of the clock has none. */
const CORS = {
  'Access-Control-Allow-Headers': 'accept, content-type, authorization',
  'Access-Control-Allow-Methods': 'POST, GET, OPTIONS, PUT, DELETE',
  'Access-Control-Allow-Origin': '*',
};

const JSON_TYPE = { 'Content-Type': 'application/json' };
const FROM_GRPC = { 'Grpc-Metadata-Content-Type': 'application/grpc' };
const TRAILER = 'Grpc-Trailer-Content-Type';

/** WIRE-06: where the generations differ, the first comes first. */
const HTTP_STATUSES: ReadonlyMap<number, number | readonly [number, number]> = new Map<
  number,
  number | readonly [number, number]
>([
  [CODE.ok, 200],
  [CODE.cancelled, [408, 499]],
  [CODE.invalidArgument, 400],
  [CODE.deadlineExceeded, 504],
  [CODE.notFound, 404],
  [CODE.resourceExhausted, 429],
  [CODE.failedPrecondition, [412, 400]],
  [CODE.outOfRange, 400],
  [CODE.unimplemented, 501],
  [CODE.unavailable, 503],
]);

export const httpStatus = (code: number, generation: Generation): number => {
  const status = HTTP_STATUSES.get(code) ?? 500;
  return typeof status === 'number' ? status : status[generation === 'v1' ? 0 : 1];
};

/** Before anything is answered. */
export const prepare = (response: ServerResponse): void => {
  // What is sent does not depend on when.
  response.sendDate = false;
  for (const [name, value] of Object.entries(CORS)) response.setHeader(name, value);
};

export const sendMessage = (response: ServerResponse, json: string): void => {
  const length = { 'Content-Length': Buffer.byteLength(json) };
  response.writeHead(200, { ...JSON_TYPE, ...FROM_GRPC, ...length }).end(json);
};

/** `fromGrpc`: a method said it, not the gateway itself; it shows in the first generation. */
export const sendRefusal = (
  response: ServerResponse,
  status: Status,
  generation: Generation,
  fromGrpc: boolean,
): void => {
  const json = envelope(status, generation);
  response.statusCode = httpStatus(status.code, generation);
  response.setHeader('Content-Type', 'application/json');
  if (generation === 'v1' && fromGrpc) {
    response.setHeader('Trailer', TRAILER);
    response.write(json);
    response.addTrailers({ [TRAILER]: 'application/grpc' });
    response.end();
    return;
  }
  response.setHeader('Content-Length', Buffer.byteLength(json));
  response.end(json);
};

const envelope = ({ code, message }: Status, generation: Generation): string =>
  JSON.stringify(generation === 'v1' ? { error: message, message, code } : { code, message });

/** Unless that has been done. */
export const beginStream = (response: ServerResponse): void => {
  if (!response.headersSent) response.writeHead(200, { ...JSON_TYPE, ...FROM_GRPC });
};

/** The end of a stream that answered nothing. */
export const endEmptyStream = (response: ServerResponse, generation: Generation): void => {
  response.writeHead(200, generation === 'v1' ? JSON_TYPE : {});
  response.flushHeaders();
  response.end();
};

/** The end of a stream that a method refuses. */
export const failStream = (
  response: ServerResponse,
  { code, message }: Status,
  generation: Generation,
): void => {
  const http = httpStatus(code, generation);
  const error =
    generation === 'v1'
      ? { grpc_code: code, http_code: http, message, http_status: STATUS_CODES[http] }
      : { code, message };
  if (!response.headersSent) response.writeHead(http, JSON_TYPE);
  response.end(JSON.stringify({ error }));
};

export const sendText = (response: ServerResponse, status: number, text: string): void => {
  const type = { 'Content-Type': 'text/plain; charset=utf-8' };
  response.writeHead(status, {
    ...type,
    ...(status >= 400 ? { 'X-Content-Type-Options': 'nosniff' } : {}),
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
};

export const sendJson = (response: ServerResponse, json: string): void => {
  response.writeHead(200, { ...JSON_TYPE, 'Content-Length': Buffer.byteLength(json) }).end(json);
};
