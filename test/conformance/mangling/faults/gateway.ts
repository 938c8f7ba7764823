/** What a proxy can do to the JSON gateway. */
import type { ProxyFault } from '../fault.ts';

const LEASES = /^\/v3\/(kv\/)?lease\//;

export const GATEWAY: readonly ProxyFault[] = [
  {
    id: 'gateway-numbers',
    note: 'The gateway writes int64s as JSON numbers.',
    rules: ['WIRE-04', 'WIRE-03', 'WIRE-02'],
    gateway: { path: LEASES, line: (line) => line.replaceAll(/:"(-?\d+)"/g, ':$1') },
  },
  {
    id: 'gateway-rounds-ids',
    note: 'The gateway rounds int64s to what a double holds.',
    rules: ['WIRE-04', 'WIRE-03', 'WIRE-02'],
    gateway: {
      path: LEASES,
      line: (line) =>
        line.replaceAll(/"(-?\d{17,})"/g, (_, id: string) => `"${BigInt(Number(id))}"`),
    },
  },
  {
    id: 'gateway-camel-case',
    note: 'The gateway writes the granted TTL in camel case.',
    rules: ['WIRE-04'],
    gateway: { path: LEASES, line: (line) => line.replaceAll('"grantedTTL"', '"grantedTtl"') },
  },
  {
    id: 'gateway-errors-as-200',
    note: 'The gateway answers errors with status 200.',
    rules: ['WIRE-06'],
    gateway: { path: LEASES, status: (status) => (status === 404 ? 200 : status) },
  },
  {
    id: 'gateway-errors-in-words',
    note: 'The gateway leaves the gRPC code of an error away.',
    rules: ['WIRE-06'],
    gateway: { path: LEASES, line: (line) => line.replace(/"code": ?\d+,? ?/, '') },
  },
  {
    id: 'gateway-without-result',
    note: 'The gateway puts the answer of a keep-alive at the top of the line.',
    rules: ['WIRE-04', 'WIRE-07', 'WIRE-02'],
    gateway: {
      path: /^\/v3\/lease\/keepalive/,
      line: (line) => line.replace(/^\{"result":(.*)\}$/, '$1'),
    },
  },
];
