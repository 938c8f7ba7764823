/** Runs one story with a command on the real clock, and judges it. */
import { CONTRACTS } from '../../../src/clients/contracts/contracts.ts';
import { commandClient } from '../../../src/clients/live/command.ts';
import { LagMeter } from '../../../src/clients/live/lag.ts';
import { type LiveTrial, tryLiveStory } from '../../../src/clients/live/live-campaign.ts';
import { parseStory } from '../../../src/clients/parse-story.ts';

export const runCommand = async (
  command: readonly string[],
  ...lines: string[]
): Promise<LiveTrial> => {
  const { adapter, complaint } = await commandClient(command);
  if (adapter === null) throw new Error(complaint);
  const story = parseStory(['leasehold clients 1', ...lines].join('\n'));
  const meter = new LagMeter();
  return tryLiveStory(story, { command, adapter, contracts: CONTRACTS, meter });
};
