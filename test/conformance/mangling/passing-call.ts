/** One gRPC call on its way through the proxy: its messages are read, changed and written again. */
import { type ClientHttp2Session, type ClientHttp2Stream, constants } from 'node:http2';
import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { type DescMessage, fromBinary, type MessageShape, toBinary } from '@bufbuild/protobuf';
import { FrameReader, frameOf } from '../../../src/wire/frames.ts';
import type { ManglingOfCalls, ProxyFault, Status } from './fault.ts';

/** Passes a call on to `server`; one that `fault` is not about byte for byte. */
export const passCall = (
  client: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  server: ClientHttp2Session,
  fault: ProxyFault | null,
): void => {
  const path = headers[':path'];
  const call = server.request(onward(headers));
  const about = fault?.calls?.find(
    ({ method }) => path === `/${method.parent.typeName}/${method.name}`,
  );
  client.on('error', () => {});
  call.on('error', () => {});
  client.once('close', () => call.close(constants.NGHTTP2_CANCEL));
  client.on('end', () => call.end());
  const end = about === undefined ? passBytes(client, call) : passMessages(client, call, about);
  let last: IncomingHttpHeaders = {};
  let isOpen = false;
  call.on('response', (response) => {
    // An error comes with the first headers alone.
    if (response['grpc-status'] !== undefined) last = response;
    else if (!client.destroyed) {
      isOpen = true;
      client.respond(onward(response), { waitForTrailers: true });
    }
  });
  call.on('trailers', (trailers: IncomingHttpHeaders) => {
    last = trailers;
  });
  call.on('end', () => {
    if (client.destroyed) return;
    const trailers = end(last);
    client.once('wantTrailers', () => client.sendTrailers(trailers));
    if (!isOpen && !client.headersSent) {
      const head = { ':status': 200, 'content-type': 'application/grpc' };
      client.respond(head, { waitForTrailers: true });
    }
    client.end();
  });
};

/** Given how the server ended the call, how the proxy does. */
type End = (last: IncomingHttpHeaders) => OutgoingHttpHeaders;

const passBytes = (client: ServerHttp2Stream, call: ClientHttp2Stream): End => {
  client.on('data', (chunk: Buffer) => call.write(chunk));
  call.on('data', (chunk: Buffer) => client.write(chunk));
  return grpcOf;
};

const passMessages = (
  client: ServerHttp2Stream,
  call: ClientHttp2Stream,
  { method, begin }: ManglingOfCalls,
): End => {
  const { input, output } = method;
  const mangling = begin();
  const write = (reply: MessageShape<DescMessage>): void =>
    void client.write(frameOf(toBinary(output, reply)));
  let request = fromBinary(input, new Uint8Array());
  eachMessage(client, (bytes) => {
    request = fromBinary(input, bytes);
    if (mangling.asked?.(request) !== false) call.write(frameOf(toBinary(input, request)));
  });
  eachMessage(call, (bytes) => {
    const reply = fromBinary(output, bytes);
    for (const each of mangling.replied?.(reply, request) ?? [reply]) write(each);
  });
  return (last) => {
    const code = Number(last['grpc-status'] ?? UNKNOWN);
    const said = last['grpc-message'];
    const message = decodeURIComponent(typeof said === 'string' ? said : '');
    if (code === 0 || mangling.refused === undefined) return grpcOf(last);
    const instead = mangling.refused({ code, message }, request);
    if (isStatus(instead)) {
      const text = encodeURIComponent(instead.message).replaceAll('%20', ' ');
      return { 'grpc-status': String(instead.code), 'grpc-message': text };
    }
    if (!client.headersSent) {
      const head = { ':status': 200, 'content-type': 'application/grpc' };
      client.respond(head, { waitForTrailers: true });
    }
    write(instead);
    return { 'grpc-status': '0' };
  };
};

const UNKNOWN = 2;

const isStatus = (instead: object): instead is Status => 'code' in instead;

const eachMessage = (
  stream: ServerHttp2Stream | ClientHttp2Stream,
  take: (bytes: Buffer) => void,
): void => {
  const frames = new FrameReader(MOST_BYTES);
  stream.on('data', (chunk: Buffer) => {
    frames.push(chunk);
    for (let next = frames.next(); next !== undefined; next = frames.next()) {
      if (!('message' in next)) throw new Error(`no frame of gRPC: ${next.kind} ${next.value}`);
      take(next.message);
    }
  });
};

const MOST_BYTES = 64 * 1024 * 1024;

/** What belongs to the message, and not to the connection. */
const onward = (headers: IncomingHttpHeaders): OutgoingHttpHeaders =>
  Object.fromEntries(
    Object.entries(headers).filter(([name]) => name !== ':authority' && name !== 'host'),
  );

const grpcOf = (last: IncomingHttpHeaders): OutgoingHttpHeaders =>
  Object.fromEntries(Object.entries(last).filter(([name]) => name.startsWith('grpc-')));
