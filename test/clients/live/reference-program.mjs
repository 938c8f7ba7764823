// The reference client as a program that speaks in lines: any adapter could stand in its place.
import { createInterface } from 'node:readline';
import { referenceAdapter } from '../../../dist/clients/reference/adapter.js';

const say = (...words) => process.stdout.write(`${words.join(' ')}\n`);

const report = (event) => {
  switch (event.kind) {
    case 'granted':
      return say('granted', event.lease, event.id, event.ttl);
    case 'renewed':
      return say('renewed', event.lease, event.ttl);
    case 'lost':
      return say('lost', event.lease, event.why);
    case 'acquired':
      return say('acquired', event.name, event.lease, event.revision ?? '-', event.key);
    case 'yielded':
      return say('yielded', event.name);
  }
};

const url = process.env.LEASEHOLD_ENDPOINT;
const client = await referenceAdapter().start({ url, grpcOptions: {}, report });
say('ready lease put lock election');

const perform = {
  grant: (name, ttl) => client.grant(name, Number(ttl)),
  revoke: (name) => client.revoke(name),
  release: (name) => client.release(name),
  put: (name, key) => client.put(key, name),
  lock: (name, ttl) => client.lock(name, Number(ttl)),
  unlock: (name) => client.unlock(name),
  campaign: (name, ttl) => client.campaign(name, Number(ttl)),
  resign: (name) => client.resign(name),
  close: () => client.close(),
};

for await (const line of createInterface({ input: process.stdin })) {
  const [call, what, ...words] = line.split(' ');
  perform[what](...words).then(
    () => say('done', call),
    (error) => say('failed', call, error.message),
  );
}
