/**
 * The canonical form of what clients saw: operations and watch events, in order, with their
 * instants. Two runs are the same when their traces are. What a target did by itself is not in it.
 */
import { createHash } from 'node:crypto';
import type { Command } from '../api/command.ts';
import type { KeyValue, Response, WatchEvent } from '../api/response.ts';
import type { Entry } from './history.ts';

/** The trace of one run, in canonical text. */
export function trace(entries: readonly Entry[]): string {
  let text = '';
  for (const entry of entries) {
    if (entry.kind === 'call') {
      text += `C${entry.at} ${entry.client} ${traceCommand(entry.command)}\n`;
    } else if (entry.kind === 'return') {
      const { completion } = entry;
      const said = completion.kind === 'answered' ? traceResponse(completion.response) : '?';
      text += `R${entry.at} ${entry.token} ${said}\n`;
    } else if (entry.kind === 'watch') {
      text += `W${entry.at} ${entry.revision} ${entry.events.map(traceEvent).join(' ')}\n`;
    }
  }
  return text;
}

/**
 * Combines the traces of runs into one SHA-256: the exclusive or of the digests of the single runs,
 * each with its number. So it does not depend on the order in which runs end, and the hashes of
 * shards combine to that of the whole.
 */
export class TraceHash {
  readonly #sum: Buffer = Buffer.alloc(32);

  add(run: number, text: string): void {
    this.combine(createHash('sha256').update(`run ${run}\n`).update(text).digest());
  }

  combine(digest: Uint8Array): void {
    for (let index = 0; index < 32; index += 1) {
      this.#sum[index] = (this.#sum[index] as number) ^ (digest[index] as number);
    }
  }

  get bytes(): Uint8Array {
    return this.#sum;
  }

  get hex(): string {
    return this.#sum.toString('hex');
  }
}

const traceCommand = (command: Command): string => {
  switch (command.kind) {
    case 'grant':
      return `grant ${command.id} ${command.ttl}`;
    case 'revoke':
      return `revoke ${command.id}`;
    case 'keepAlive':
      return `keepAlive ${command.id} ${command.stream}`;
    case 'timeToLive':
      return `timeToLive ${command.id} ${command.keys}`;
    case 'leases':
      return 'leases';
    case 'put': {
      const flags = `${command.ignoreLease} ${command.ignoreValue} ${command.prevKv}`;
      return `put ${text(command.key)} ${text(command.value)} ${command.lease} ${flags}`;
    }
    case 'range':
      return `range ${text(command.key)} ${text(command.rangeEnd)}`;
    case 'deleteRange':
      return `delete ${text(command.key)} ${text(command.rangeEnd)} ${command.prevKv}`;
  }
};

const traceResponse = (response: Response): string => {
  switch (response.kind) {
    case 'granted':
      return `${response.revision} ${response.id} ${response.ttl}`;
    case 'revoked':
      return `${response.revision}`;
    case 'keptAlive':
      return `${response.revision} ${response.id} ${response.ttl}`;
    case 'remainingTtl': {
      // TTL-04: the order of keys is nobody's choice, so it is taken out.
      const keys = response.keys.length < 2 ? response.keys : [...response.keys].sort();
      return `${response.revision} ${response.ttl} ${response.grantedTtl} ${keys.map(text).join()}`;
    }
    case 'leaseList':
      return `${response.revision} ${response.ids.join()}`;
    case 'putDone':
      return `${response.revision} ${traceKv(response.prevKv)}`;
    case 'rangeResult':
      return `${response.revision} ${response.kvs.map(traceKv).join()}`;
    case 'deleted':
      return `${response.revision} ${response.deleted} ${response.prevKvs.map(traceKv).join()}`;
    case 'refused':
      return `refused ${response.reason}`;
  }
};

const traceEvent = ({ kind, kv, prevKv }: WatchEvent): string =>
  `${kind} ${traceKv(kv)} ${traceKv(prevKv)}`;

const traceKv = (kv: KeyValue | null): string => {
  if (kv === null) return '-';
  const { createRevision, modRevision, version, lease } = kv;
  return `${text(kv.key)}=${text(kv.value)}/${createRevision}/${modRevision}/${version}/${lease}`;
};

/**
 * Keys and values are mostly plain; the others are quoted, so that no two of them read the same.
 */
const text = (bytes: string): string => (PLAIN.test(bytes) ? bytes : JSON.stringify(bytes));

const PLAIN = /^[A-Za-z0-9]+$/;
