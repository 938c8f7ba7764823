/**
 * The text form of a schedule: what tests, examples, reports and files share.
 *
 *     leasehold schedule 1
 *     config etcd=3.5 heartbeat=100ms election=1s
 *     at 0                c1  grant A ttl=5           → A ttl=5
 *     at A.deadline-1ms   c1  ttl A                   → 0 of 5
 *     at +1s                  jump 10s
 */
import type { ServerConfig } from '../api/config.ts';
import type { Milliseconds } from '../api/units.ts';
import { printDuration } from './duration.ts';
import { printApply, printFlags, printRestart } from './server-life.ts';
import type { Action, LeaseRef, Schedule, ScheduleStep, When } from './schedule.ts';
import { printId, printStream } from './words.ts';
import { printOp, watchWords } from './txn-text.ts';

export const SCHEDULE_HEADER = 'leasehold schedule 1';

/** A schedule as text; `parseSchedule` reads it back. */
export const printSchedule = (schedule: Schedule): string =>
  [SCHEDULE_HEADER, printConfig(schedule.config), ...printSteps(schedule.steps), ''].join('\n');

/** The lines of the steps alone, in columns. */
export const printSteps = (steps: readonly ScheduleStep[]): string[] => {
  const rows = steps.map((step) => ({
    at: `at ${printWhen(step.at)}`,
    client: step.client === 0 ? '' : `c${step.client}`,
    action: printAction(step.action),
    expect: step.expect,
  }));
  const width = (column: 'at' | 'client' | 'action'): number =>
    Math.min(48, Math.max(0, ...rows.map((row) => row[column].length)));
  const [at, client, action] = [width('at'), width('client'), width('action')];
  return rows.map((row) => {
    const line = `${row.at.padEnd(at)}  ${row.client.padEnd(client)}  ${row.action}`;
    return row.expect === null ? line : `${line.padEnd(at + client + action + 4)}  → ${row.expect}`;
  });
};

export const printConfig = ({ etcd, ...flags }: ServerConfig): string =>
  [`config etcd=${etcd}`, ...printFlags(flags)].join(' ');

export const printWhen = (when: When): string => {
  switch (when.from) {
    case 'start':
      return printDuration(when.offset);
    case 'previous':
      return `+${printDuration(when.offset)}`;
    case 'deadline':
    case 'turn':
      return `${when.lease}.${when.from}${printOffset(when.offset)}`;
  }
};

export const printAction = (action: Action): string => {
  switch (action.kind) {
    case 'grant':
      return [`grant ${group(action)} ttl=${action.ttl}`, ...printId(action.id)].join(' ');
    case 'revoke':
      return `revoke ${group(action)}`;
    case 'keepAlive':
      return ['keep-alive', group(action), ...printStream(action.stream)].join(' ');
    case 'timeToLive':
      return `ttl ${group(action)}${action.keys ? ' keys' : ''}`;
    case 'leases':
      return 'leases';
    case 'put':
    case 'range':
    case 'deleteRange':
    case 'txn':
      return printOp(action);
    case 'compact':
      return `compact ${action.revision}${action.physical ? ' physical' : ''}`;
    case 'alarm':
      return `alarm ${action.action}`;
    case 'watch':
      return ['watch', ...watchWords(action)].join(' ');
    case 'cancelWatch':
      return ['cancel', action.watch, ...printStream(action.stream)].join(' ');
    case 'watchProgress':
      return ['progress', ...printStream(action.stream)].join(' ');
    case 'wait':
      return 'wait';
    case 'jump':
      return `jump ${printDuration(action.by)}`;
    case 'restart':
      return printRestart(action);
    case 'leader':
      return `leader ${action.change}`;
    case 'apply':
      return printApply(action);
    case 'turn':
      return ['turn', ...action.leases].join(' ');
  }
};

const group = ({ lease, count }: { lease: LeaseRef; count: number }): string =>
  count === 1 ? lease : `${lease}*${count}`;

const printOffset = (offset: Milliseconds): string => {
  if (offset === 0) return '';
  const sign = offset < 0 ? '-' : '+';
  return sign + printDuration(Math.abs(offset) as Milliseconds);
};
