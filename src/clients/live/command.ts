/** What a command is that somebody gives as a client: found out by starting it once. */
import { basename } from 'node:path';
import type { Ability, Adapter } from '../adapter.ts';
import { LagMeter } from './lag.ts';
import { type LiveOptions, runLiveStory } from './live-world.ts';

/** As a client under test. `complaint`: why it is none. */
export type CommandClient =
  | { readonly adapter: Omit<Adapter, 'start'>; readonly complaint: null }
  | { readonly adapter: null; readonly complaint: string };

export const commandClient = async (
  command: readonly string[],
  options: Pick<LiveOptions, 'patience'> = {},
): Promise<CommandClient> => {
  let found: readonly Ability[] = [];
  const exceptions: Record<string, string> = {};
  const adapter = (abilities: readonly Ability[]) => ({
    name: command.map((word) => basename(word)).join(' '),
    version: 'as given',
    abilities,
    // It needs a clock that can be set.
    notJudgedBy: ['FUZZ-30'],
    exceptions,
  });
  const { broken } = await runLiveStory(
    { steps: [], lasts: 1 },
    {
      ...options,
      command,
      adapter: adapter([]),
      meter: new LagMeter(),
      onReady: (abilities) => {
        found = abilities;
      },
      onException: (contract, why) => {
        exceptions[contract] = why;
      },
    },
  );
  if (broken === null || found.length > 0) return { adapter: adapter(found), complaint: null };
  return {
    adapter: null,
    complaint: inWords(broken.replace(/^it does not start: (Error: )?/, '')),
  };
};

/** What the system says of a program that cannot be started. */
const inWords = (complaint: string): string => {
  const [, code] = /^spawn .* (E[A-Z]+)$/.exec(complaint) ?? [];
  if (code === 'ENOENT') return 'there is no such program';
  return code === 'EACCES' ? 'it may not be executed' : complaint;
};
