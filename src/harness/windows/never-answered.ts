/** A request that was never answered, in the words of schedules as far as they know it. */
import type { Command } from '../../api/command.ts';
import { RAW_NAMES } from '../describe.ts';
import { printBytes } from '../words.ts';

export const neverAnswered = (command: Command): string =>
  `«${wordRequest(command)}» was never answered`;

/** What it was about, without every option. */
const wordRequest = (command: Command): string => {
  const verb = VERBS[command.kind];
  if (command.kind === 'grant') return `${verb} ttl=${command.ttl}`;
  if ('key' in command) return `${verb} ${printBytes(command.key)}`;
  const isOfLease = ['revoke', 'keepAlive', 'timeToLive'].includes(command.kind);
  return isOfLease && 'id' in command ? `${verb} ${RAW_NAMES.nameOf(command.id)}` : verb;
};

const VERBS: Readonly<Record<Command['kind'], string>> = {
  grant: 'grant',
  revoke: 'revoke',
  keepAlive: 'keep-alive',
  timeToLive: 'ttl',
  leases: 'leases',
  put: 'put',
  range: 'get',
  deleteRange: 'del',
  txn: 'txn',
  compact: 'compact',
  alarm: 'alarm',
  watch: 'watch',
  cancelWatch: 'cancel',
  watchProgress: 'progress',
};
