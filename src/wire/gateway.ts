/**
 * The JSON gateway: etcd's API over HTTP/1 (WIRE-02 … WIRE-08), and what its port tells besides. A
 * path stands for a gRPC method, and is answered by the same handler.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Backend } from './backend.ts';
import { httpStatus, prepare, sendRefusal, sendText } from './gateway-answers.ts';
import type { CallGate } from './call-gate.ts';
import { answerCall, type GatewayContext } from './gateway-call.ts';
import { FACTS } from './gateway-facts.ts';
import { gated } from './gateway-gate.ts';
import { routesOf } from './gateway-routes.ts';
import type { Method } from './methods.ts';
import { CODE, type Status } from './status.ts';

export interface GatewayOptions extends Omit<GatewayContext, 'generation'> {
  readonly backend: Backend;
  readonly methods: readonly Method[];
  readonly gate?: CallGate | undefined;
}

export const gateway = (options: GatewayOptions): RequestListener => {
  const { backend, gate, methods, maxReceiveBytes, onActivity } = options;
  const { etcd } = backend.options.config;
  const byPath = new Map(methods.map((method) => [method.path, method]));
  const routes = routesOf(etcd);
  const context: GatewayContext = {
    generation: etcd === '3.4' ? 'v1' : 'v2',
    maxReceiveBytes,
    onActivity,
  };
  const methodOf = (path: string, { headers }: IncomingMessage): Method | undefined => {
    const method = byPath.get(path);
    const wantsLeader = headers['grpc-metadata-hasleader'] === 'true';
    return method !== undefined && wantsLeader ? backend.leader.guard(method) : method;
  };
  return (request, response) => {
    onActivity();
    prepare(response);
    const target = targetOf(request.url ?? '/');
    if (request.method === 'OPTIONS') response.writeHead(200, { 'Content-Length': 0 }).end();
    else if (target === undefined) sendText(response, 400, '400 Bad Request');
    else if (target.path.startsWith('/v3/')) {
      const method = methodOf(routes.get(target.path) ?? '', request);
      const refusal = method === undefined ? NOT_FOUND : NOT_ALLOWED;
      if (method !== undefined && request.method === 'POST') {
        const behind = gate === undefined ? method : gated(method, gate, request.socket);
        answerCall(request, response, behind, context);
      } else refuse(request, response, refusal, context);
    } else tellFact(backend, request, response, target);
  };
};

interface Target {
  readonly path: string;
  readonly query: URLSearchParams;
}

/** Undefined: it is malformed. `/v3beta/` leads to the same as `/v3/`. */
const targetOf = (url: string): Target | undefined => {
  const withoutHost = url.replace(/^https?:\/\/[^/?]*/i, '');
  const [, path = '', query = ''] = /^([^?]*)\??(.*)$/s.exec(withoutHost) ?? [];
  try {
    return {
      path: decodeURIComponent(path).replace(/^\/v3beta\//, '/v3/'),
      query: new URLSearchParams(query),
    };
  } catch {
    return undefined;
  }
};

const NOT_FOUND: Status = { code: CODE.notFound, message: 'Not Found' };
const NOT_ALLOWED: Status = { code: CODE.unimplemented, message: 'Method Not Allowed' };

/** WIRE-06: the first generation says it in plain text. */
const refuse = (
  request: IncomingMessage,
  response: ServerResponse,
  status: Status,
  { generation }: GatewayContext,
): void => {
  request.resume();
  if (generation === 'v2') sendRefusal(response, status, generation, false);
  else {
    const http = status === NOT_ALLOWED ? 405 : httpStatus(status.code, generation);
    sendText(response, http, `${status.message}\n`);
  }
};

const tellFact = (
  backend: Backend,
  request: IncomingMessage,
  response: ServerResponse,
  { path, query }: Target,
): void => {
  request.resume();
  const fact = FACTS.get(path);
  if (fact === undefined) sendText(response, 404, '404 page not found\n');
  else if (request.method === 'GET') fact(backend, response, query);
  else {
    response.setHeader('Allow', 'GET');
    sendText(response, 405, 'Method Not Allowed\n');
  }
};
