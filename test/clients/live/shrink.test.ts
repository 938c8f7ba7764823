/** Stories are made smaller on the real clock; here a table stands for the clients. */
import { describe, expect, test } from 'vitest';
import { contractNamed } from '../../../src/clients/known.ts';
import type { LiveTrial } from '../../../src/clients/live/live-campaign.ts';
import { shrinkLive } from '../../../src/clients/live/live-shrink.ts';
import { parseStory } from '../../../src/clients/parse-story.ts';
import { storyLines } from '../../../src/clients/story-text.ts';
import type { ClientStory } from '../../../src/clients/story.ts';
import type { BreachOf } from '../../../src/clients/trial.ts';

const [contract] = [contractNamed('FUZZ-01')];
if (contract === undefined) throw new Error('there is FUZZ-01');

const STORY = parseStory(`leasehold clients 1
  lasts 20s
  at 0   c1  grant A ttl=9
  at 0   c1  grant B ttl=9
  at 1s  wall clock +1m
  at 4s  lose 100 keep-alive requests of c1
  at 5s  disconnect c1`);

const breachOf = (excess: number): BreachOf => ({
  contract,
  entry: 0,
  what: 'it was believed alive',
  shape: 'expired, lose',
  excess,
});

/** It is shown where a request is lost after a grant; `sizeOf`: how much, how often it is tried. */
const shrinkBy = async (
  sizeOf: (story: ClientStory, nth: number) => number | null,
  stopAfter = Infinity,
) => {
  const tries = new Map<string, number>();
  let isStopped = false;
  const play = async (story: ClientStory): Promise<LiveTrial> => {
    const text = storyLines(story.steps).join('\n');
    const nth = tries.get(text) ?? 0;
    tries.set(text, nth + 1);
    const size = sizeOf(story, nth);
    const breaches = size === null ? [] : [breachOf(size)];
    return { story, trace: [], breaches, broken: null, slack: 0, isBusy: false };
  };
  const shrunk = await shrinkLive(
    { story: STORY, breach: breachOf(3000) },
    {
      play,
      sideBySide: 4,
      stopped: () => isStopped,
      progress: (attempts) => {
        isStopped = attempts > stopAfter;
      },
    },
  );
  return { ...shrunk, lines: storyLines(shrunk.story.steps) };
};

const isShown = ({ steps }: ClientStory): boolean =>
  steps.some(({ act }) => act.kind === 'grant') && steps.some(({ act }) => act.kind === 'lose');

describe('a story on the real clock', () => {
  test('is made as small as it can be', async () => {
    const { isComplete, lines } = await shrinkBy((story) => (isShown(story) ? 2000 : null));
    expect(isComplete).toBe(true);
    expect(lines).toEqual([
      'at 0      c1  grant B ttl=3',
      'at 100ms  lose 1 keep-alive request of c1',
    ]);
  });

  test('is not made one that shows it but once', async () => {
    const once = (story: ClientStory, nth: number) => (isShown(story) && nth === 0 ? 2000 : null);
    const { lines } = await shrinkBy(once);
    expect(lines).toEqual(storyLines(STORY.steps));
  });

  test('is not made one in which hardly anything is wrong', async () => {
    const small = (story: ClientStory) => {
      if (!isShown(story)) return null;
      return story.steps.length < 4 ? 900 : 1000;
    };
    const { lines } = await shrinkBy(small);
    expect(lines).toHaveLength(4);
  });

  test('is as small as it was when somebody stops it', async () => {
    const { isComplete, lines } = await shrinkBy((story) => (isShown(story) ? 2000 : null), 6);
    expect({ isComplete, steps: lines.length }).toEqual({ isComplete: false, steps: 4 });
  });
});
