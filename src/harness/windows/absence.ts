/** What an answer shows of leases that nobody sees go. */
import type { Command, LeaseId } from '../../api/command.ts';
import type { ResponseOp } from '../../api/response.ts';
import type { RuleId } from '../../model/index.ts';
import type { Call, Explanation, Inference } from './explanation.ts';
import { leasesOf, looksBack } from './judged.ts';

/** The leases, still there in the explanation, whose absence the answer to a call shows. */
export const shownAbsent = (
  { command, response }: Call,
  { deadlines }: Explanation,
): readonly LeaseId[] => {
  const one = (id: LeaseId): readonly LeaseId[] => (deadlines.has(id) ? [id] : []);
  const notFound = response.kind === 'refused' && response.reason === 'lease-not-found';
  switch (command.kind) {
    case 'grant':
      return response.kind === 'granted' ? one(command.id) : [];
    case 'revoke':
      return notFound ? one(command.id) : [];
    case 'put':
      return notFound ? one(command.lease) : [];
    case 'txn':
      return notFound ? leasesOf(command).flatMap(one) : [];
    case 'timeToLive':
      return response.kind === 'remainingTtl' && response.grantedTtl === 0 ? one(command.id) : [];
    case 'leases':
      return response.kind === 'leaseList'
        ? [...deadlines.keys()].filter((id) => !response.ids.includes(id))
        : [];
    case 'keepAlive':
      return response.kind === 'keptAlive' && response.ttl === 0 ? one(command.id) : [];
    case 'range':
    case 'deleteRange':
    case 'compact':
    case 'alarm':
    case 'watch':
    case 'cancelWatch':
    case 'watchProgress':
      return [];
  }
};

/** Why a lease is taken to have gone whose absence an answer shows. */
export const absence = ({ command }: Call, id: LeaseId): Inference => {
  const [rule, how] = ABSENCE[command.kind] ?? NOT_FOUND;
  return { rule, expected: `lease ${id} gone, as ${how}` };
};

/** The rules that answers break which show an overdue lease absent that is still there. */
const ABSENCE: Readonly<Partial<Record<Command['kind'], readonly [RuleId, string]>>> = {
  grant: ['GRANT-04', 'its id was granted again'],
  revoke: ['REVOKE-07', 'a revoke did not find it'],
  keepAlive: ['KA-04', 'a keep-alive was answered 0'],
  timeToLive: ['EXP-09', 'time-to-live did not know it'],
  leases: ['LIST-02', 'a list left it out'],
  put: ['EXP-10', 'a put did not find it'],
  txn: ['KV-07', 'a transaction did not find it'],
};

const NOT_FOUND = ['EXP-09', 'its keys were not found'] as const;

/** The leases whose presence the answer to a call shows; 0 stands for none. */
export const shownPresent = ({ command, response }: Call): readonly LeaseId[] => {
  // What was once there need not be there any more.
  if (looksBack(command)) return [];
  switch (response.kind) {
    case 'revoked':
      return 'id' in command ? [command.id] : [];
    case 'keptAlive':
      return response.ttl > 0 ? [response.id] : [];
    case 'remainingTtl':
      return response.grantedTtl > 0 ? [response.id] : [];
    case 'leaseList':
      return response.ids;
    case 'putDone':
      return 'lease' in command ? [command.lease, response.prevKv?.lease ?? 0n] : [];
    // A key that is there has not gone with its lease.
    case 'rangeResult':
    case 'deleted':
    case 'txnResult':
      return leasesShown(response);
    case 'refused':
      return 'id' in command && response.reason === 'lease-exists' ? [command.id] : [];
    case 'granted':
    case 'compacted':
    case 'alarms':
    case 'watchCreated':
    case 'watchCanceled':
    case 'progress':
      return [];
  }
};

const leasesShown = (response: ResponseOp): readonly LeaseId[] => {
  switch (response.kind) {
    case 'putDone':
      return response.prevKv === null ? [] : [response.prevKv.lease];
    case 'rangeResult':
      return response.kvs.map((kv) => kv.lease);
    case 'deleted':
      return response.prevKvs.map((kv) => kv.lease);
    case 'txnResult':
      return response.responses.flatMap(leasesShown);
  }
};
