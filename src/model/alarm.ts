/** The NOSPACE alarm, which a client may raise and clear as the server does (GRANT-09). */
import type { Alarm } from '../api/command.ts';
import type { Alarms } from '../api/response.ts';
import { type Instant, revision } from '../api/units.ts';
import { answered, type Step } from './outcome.ts';
import type { RuleId } from './rules.ts';
import { changed } from './changes.ts';
import type { State } from './state.ts';
import { PROFILES } from './versions.ts';

export function alarm(state: State, command: Alarm, now: Instant): Step {
  const { action, token } = command;
  // KV-21: one that is raised again is named as well, one that is cleared only if it was raised.
  const noSpace = action === 'raise' || state.noSpace;
  const hasHeader = PROFILES[state.settings.server.etcd].alarmHeader === 'there';
  const response: Alarms = {
    kind: 'alarms',
    revision: hasHeader ? state.revision : revision(0),
    noSpace,
  };
  const raised = action === 'list' ? state.noSpace : action === 'raise';
  const next = raised === state.noSpace ? state : changed(state, { now, noSpace: raised });
  return answered(next, token, response, ALARM);
}

const ALARM: readonly RuleId[] = ['KV-21'];
