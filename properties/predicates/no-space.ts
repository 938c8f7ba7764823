/** Properties of the NOSPACE alarm. */
import type { Request } from '../chronicle.ts';
import { wentInTime } from '../chronicle.ts';
import type { Property } from '../property.ts';
import { allOps } from './txn-words.ts';

export const noGrantsNorPuts: Property = {
  title: 'GRANT-09: while the NOSPACE alarm is raised, what grants or puts is refused',
  sometimes: [
    'a grant',
    'a put',
    'a transaction that puts',
    'one that does not',
    'another request',
  ],
  *cases({ requests }) {
    for (const request of requests) {
      const { command, entry, noSpace, response, writes } = request;
      const said = reasonOf(request);
      if (!noSpace) {
        const observed = `${said !== 'no-space'}`;
        yield { name: 'without the alarm', entry, expected: 'true', observed };
        continue;
      }
      if (command.kind === 'grant' || command.kind === 'put') {
        const isSound = command.kind === 'grant' || !EDGE.has(said);
        const observed = `${response?.kind}, ${writes.length} writes`;
        if (!isSound) yield { name: 'a put', entry, expected: 'refused, 0 writes', observed };
        else yield { name: `a ${command.kind}`, entry, expected: 'no-space', observed: said };
      } else if (command.kind === 'txn') {
        const puts = [...command.success, ...command.failure].some(({ kind }) => kind === 'put');
        if (puts) {
          const observed = `${response?.kind}`;
          yield { name: 'a transaction that puts', entry, expected: 'refused', observed };
        } else if (allOps(command).every(({ kind }) => kind !== 'put')) {
          const observed = `${said !== 'no-space'}`;
          yield { name: 'one that does not', entry, expected: 'true', observed };
        }
      } else {
        const observed = `${said !== 'no-space'}`;
        yield { name: 'another request', entry, expected: 'true', observed };
      }
    }
  },
};

export const revokesGoOn: Property = {
  title: 'REVOKE-08: the NOSPACE alarm does not stop a revoke',
  sometimes: ['a revoke'],
  *cases({ requests }) {
    for (const { command, entry, life, noSpace, response } of requests) {
      if (command.kind !== 'revoke' || life === null || !noSpace) continue;
      yield { name: 'a revoke', entry, expected: 'revoked', observed: `${response?.kind}` };
    }
  },
};

export const expiryGoesOn: Property = {
  title: 'EXP-12: the NOSPACE alarm does not stop expiry',
  sometimes: ['a lease that expired'],
  *cases(history) {
    for (const { at, entry, noSpace, revoked } of history.turns) {
      if (!noSpace) continue;
      for (const life of revoked) {
        const renewed = life.renewals.findLast((renewal) => renewal.entry < entry) ?? life.from;
        const deadline = renewed.at + life.granted * 1000;
        const observed = `${wentInTime(history, deadline, at)}`;
        yield { name: 'a lease that expired', entry, expected: 'true', observed };
      }
    }
    // What was due while the alarm was raised is not left to the end.
    const left = history.lives.filter(
      ({ from, gone, granted, renewals }) =>
        gone === null &&
        (renewals.at(-1) ?? from).at + granted * 1000 + 1000 < history.end &&
        history.lives.length < 400 &&
        history.jumps.length === 0,
    );
    const raised = history.requests.some(({ noSpace }) => noSpace);
    const entry = history.history.entries.length - 1;
    if (raised) yield { name: 'the end', entry, expected: '0', observed: `${left.length}` };
  },
};

export const alarmTold: Property = {
  title: 'KV-21: an alarm request names the alarm that is raised, or that it raised or cleared',
  sometimes: ['list', 'raise', 'clear', 'an alarm that is raised', 'none'],
  *cases({ requests }) {
    for (const { command, entry, noSpace, response } of requests) {
      if (command.kind !== 'alarm') continue;
      const expected = `${noSpace || command.action === 'raise'}`;
      const observed = response?.kind === 'alarms' ? `${response.noSpace}` : `${response?.kind}`;
      yield { name: command.action, entry, expected, observed };
      const name = noSpace ? 'an alarm that is raised' : 'none';
      yield { name, entry, expected, observed };
    }
  },
};

const EDGE: ReadonlySet<string> = new Set(['key-empty', 'value-provided', 'lease-provided']);

const reasonOf = ({ response }: Request): string =>
  response?.kind === 'refused' ? response.reason : 'none';
