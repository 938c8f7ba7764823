/* oxlint-disable typescript/prefer-readonly, typescript/require-array-sort-compare -- not TypeScript */
/** The same semantics on mutable maps, as far as bench/model.mjs needs them: the yardstick for a pure step. */
export class MutableModel {
  #revision = 1;
  /** Deadlines are kept on the lease alone: nobody asks for an order here. */
  #leases = new Map();
  #kvs = new Map();

  step(command, now) {
    switch (command.kind) {
      case 'grant': {
        if (this.#leases.has(command.id)) return { kind: 'refused', reason: 'lease-exists' };
        const granted = Number(command.ttl < 2n ? 2n : command.ttl);
        const lease = { id: command.id, granted, deadline: now + granted * 1000, keys: new Set() };
        this.#leases.set(command.id, lease);
        return { kind: 'granted', revision: this.#revision, id: command.id, ttl: granted };
      }
      case 'revoke': {
        const lease = this.#leases.get(command.id);
        if (lease === undefined) return { kind: 'refused', reason: 'lease-not-found' };
        if (lease.keys.size > 0) this.#revision += 1;
        for (const key of [...lease.keys].sort()) this.#kvs.delete(key);
        this.#leases.delete(command.id);
        return { kind: 'revoked', revision: this.#revision };
      }
      case 'keepAlive': {
        const lease = this.#leases.get(command.id);
        if (lease !== undefined) lease.deadline = now + lease.granted * 1000;
        const ttl = lease === undefined ? 0 : lease.granted;
        return { kind: 'keptAlive', revision: this.#revision, id: command.id, ttl };
      }
      case 'put': {
        const lease = this.#leases.get(command.lease);
        if (lease === undefined) return { kind: 'refused', reason: 'lease-not-found' };
        const old = this.#kvs.get(command.key);
        this.#revision += 1;
        if (old !== undefined) this.#leases.get(old.lease)?.keys.delete(command.key);
        lease.keys.add(command.key);
        const kv = {
          key: command.key,
          value: command.value,
          createRevision: old === undefined ? this.#revision : old.createRevision,
          modRevision: this.#revision,
          version: old === undefined ? 1 : old.version + 1,
          lease: command.lease,
        };
        this.#kvs.set(command.key, kv);
        return { kind: 'putDone', revision: this.#revision, prevKv: null, events: [{ kv, old }] };
      }
      case 'deleteRange': {
        const old = this.#kvs.get(command.key);
        if (old === undefined) return { kind: 'deleted', revision: this.#revision, deleted: 0 };
        this.#revision += 1;
        this.#kvs.delete(command.key);
        this.#leases.get(old.lease)?.keys.delete(command.key);
        return { kind: 'deleted', revision: this.#revision, deleted: 1, events: [{ old }] };
      }
      case 'timeToLive': {
        const lease = this.#leases.get(command.id);
        if (lease === undefined) return { kind: 'remainingTtl', ttl: -1, grantedTtl: 0, keys: [] };
        const ttl = Math.trunc((lease.deadline - now) / 1000);
        const { granted } = lease;
        return {
          kind: 'remainingTtl',
          revision: this.#revision,
          ttl,
          grantedTtl: granted,
          keys: [],
        };
      }
    }
  }
}
