/** The network between clients and their server: an endpoint for each, and what goes wrong. */
import type { Duplex } from 'node:stream';
import type { MemoryConnection, MemoryEndpoint, MemoryNetwork } from '../pace/index.ts';
import type { Etcd } from '../wire/index.ts';
import type { Recorder } from './recorder.ts';

/** Why nobody can connect, or nothing gets through. */
export interface Outage {
  /** Null: for all. */
  readonly client: number | null;
  readonly reception: 'accepted' | 'refused' | 'unanswered';
  /** What the server sends does not arrive. */
  readonly isDeaf: boolean;
}

interface Line {
  readonly client: number;
  readonly number: number;
  readonly connection: MemoryConnection;
}

export class ClientNetwork {
  readonly endpoints: readonly MemoryEndpoint[];
  readonly #etcd: Etcd;
  readonly #recorder: Recorder;
  readonly #lines = new Map<Duplex, Line>();
  readonly #outages = new Set<Outage>();
  #connections = 0;

  constructor(memory: MemoryNetwork, etcd: Etcd, recorder: Recorder, clients: number) {
    this.#etcd = etcd;
    this.#recorder = recorder;
    this.endpoints = Array.from({ length: clients }, (_, client) =>
      memory.listen(
        (socket, connection) => this.#accept(client, socket, connection),
        () => recorder.add({ kind: 'refused', client }),
      ),
    );
  }

  get open(): number {
    return this.#lines.size;
  }

  clientOf(socket: Duplex): number {
    return this.#lines.get(socket)?.client ?? -1;
  }

  disconnect(client: number | null): void {
    for (const line of this.#of(client)) line.connection.reset();
  }

  /** GOAWAY */
  sayGoodbye(client: number | null): void {
    for (const { connection } of this.#of(client)) this.#etcd.sayGoodbye(connection.server);
  }

  begin(outage: Outage): void {
    this.#outages.add(outage);
    this.#apply();
  }

  end(outage: Outage): void {
    this.#outages.delete(outage);
    this.#apply();
  }

  #of(client: number | null): Line[] {
    return [...this.#lines.values()].filter((line) => client === null || line.client === client);
  }

  #apply(): void {
    for (const [client, endpoint] of this.endpoints.entries()) {
      const receptions = new Set(this.#outagesOf(client).map(({ reception }) => reception));
      const worst = (['refused', 'unanswered'] as const).find((one) => receptions.has(one));
      endpoint.receive(worst ?? 'accepted');
    }
    for (const line of this.#lines.values()) this.#stall(line);
  }

  #outagesOf(client: number): Outage[] {
    return [...this.#outages].filter((one) => one.client === null || one.client === client);
  }

  #stall({ client, connection }: Line): void {
    const isDeaf = this.#outagesOf(client).some((outage) => outage.isDeaf);
    if (isDeaf) connection.stall(connection.client);
    else connection.resume(connection.client);
  }

  #accept(client: number, socket: Duplex, connection: MemoryConnection): void {
    this.#connections += 1;
    const line = { client, number: this.#connections, connection };
    this.#lines.set(socket, line);
    this.#recorder.add({ kind: 'connected', client, connection: line.number });
    socket.once('close', () => {
      this.#lines.delete(socket);
      this.#recorder.add({ kind: 'disconnected', client, connection: line.number });
    });
    if (this.#outages.size > 0) this.#stall(line);
    this.#etcd.inject(socket);
  }
}
