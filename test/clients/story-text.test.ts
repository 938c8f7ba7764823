import { describe, expect, test } from 'vitest';
import { generateStory } from '../../src/clients/generate.ts';
import { parseStory } from '../../src/clients/parse-story.ts';
import { printStory } from '../../src/clients/story-text.ts';
import { smallerStories } from '../../src/clients/smaller-story.ts';
import { ABILITIES } from '../../src/clients/adapter.ts';
import { Seed } from '../../src/seed.ts';

const OPTIONS = { abilities: ABILITIES, lasts: 60_000, leases: 8 } as const;
const SEED = Seed.of(1n);
const stories = Array.from({ length: 300 }, (_, run) =>
  generateStory(SEED.split('story', run), OPTIONS),
);

describe('the text of a story', () => {
  test('any story reads back as it was', () => {
    for (const story of stories) expect(parseStory(printStory(story))).toEqual(story);
  });

  test('stories of all kinds of fault are generated', () => {
    const kinds = new Set(stories.flatMap(({ steps }) => steps.map(({ act }) => act.kind)));
    expect([...kinds].sort()).toMatchInlineSnapshot(`
      [
        "abandon",
        "black-hole",
        "campaign",
        "close",
        "delay",
        "disconnect",
        "drift",
        "duplicate",
        "end",
        "goaway",
        "grant",
        "lock",
        "lose",
        "new leader",
        "no leader",
        "overtake",
        "pause client",
        "pause server",
        "put",
        "refuse",
        "release",
        "reset",
        "resign",
        "restart",
        "revoke",
        "revoke by another",
        "slow apply",
        "ttl zero",
        "unlock",
        "unreachable",
        "wall clock",
      ]
    `);
  });

  test('what is wrong is told with its line', () => {
    const begin = 'leasehold clients 1\nlasts 30s\n';
    expect(() => parseStory('leasehold schedule 1')).toThrow(/a story begins/);
    expect(() => parseStory(`${begin}at 0 c1 grant A`)).toThrow(/line 3: found "c1 grant A"/);
    expect(() => parseStory(`${begin}at 1s new leader\nat 0 new leader`)).toThrow(/line 4/);
    expect(() => parseStory(`${begin}at 0 restart for soon`)).toThrow(/line 3: found "soon"/);
    expect(() => parseStory(`${begin}at 0 c65 close`)).toThrow(/at most 64 clients/);
    expect(() => parseStory('leasehold clients 1\nlasts 25h')).toThrow(/line 2: .*a day at most/);
    const about = `${begin}at 0  delay 2 keep-alive replies of all about A by 3s\n`;
    expect(printStory(parseStory(about))).toBe(about);
    const refuse = 'refuse 1 any call of c1 about A with status 8';
    expect(() => parseStory(`${begin}at 0 ${refuse}`)).toThrow(/line 3/);
    const alone = `${begin}at 0  black hole in of c2 for 1s\nat 0  refuse connections for 1s\n`;
    expect(printStory(parseStory(alone))).toBe(alone);
    const stream = `${begin}at 0  abandon 1 keep-alive call of c1 about A\n`;
    expect(printStory(parseStory(stream))).toBe(stream);
    const calls = 'keep-alive calls of c1 with';
    parseStory(`${begin}at 0 reset 1 ${calls} code 13\nat 0 end 1 ${calls} status 16`);
    expect(() => parseStory(`${begin}at 0 reset 1 ${calls} code 14`)).toThrow(/HTTP\/2, 0 to 13/);
    expect(() => parseStory(`${begin}at 0 end 1 ${calls} status 17`)).toThrow(/gRPC, 0 to 16/);
  });
});

describe('smaller stories', () => {
  test('each is smaller, and has no step after its end', () => {
    for (const story of stories.slice(0, 50)) {
      for (const smaller of smallerStories(story)) {
        expect(smaller).not.toEqual(story);
        expect(smaller.steps.every(({ at }) => at < smaller.lasts)).toBe(true);
        expect(smaller.steps.length).toBeLessThanOrEqual(story.steps.length);
        parseStory(printStory(smaller));
      }
    }
  });
});
