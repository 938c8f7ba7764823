/** The page of a story of clients: what it draws. */
import { expect, test } from 'vitest';
import { beliefPicture } from '../../src/clients/belief-picture.ts';
import { contractNamed, knownClient } from '../../src/clients/known.ts';
import { parseStory } from '../../src/clients/parse-story.ts';
import { tryStory } from '../../src/clients/trial.ts';
import { beliefHtml } from '../../src/report/belief-html.ts';

const play = async (contract: string, story: string) => {
  const adapter = await knownClient('etcd3');
  const judge = contractNamed(contract);
  if (adapter === undefined || judge === undefined) throw new Error('unknown');
  const parsed = parseStory(`leasehold clients 1\nlasts 12s\n${story}\n`);
  const { trace, breaches } = await tryStory(parsed, { adapter, contracts: [judge], seed: 0n });
  return beliefPicture(trace, breaches[0] ?? null);
};

test('a lease that expires while its client believes in it', async () => {
  const picture = await play('FUZZ-01', 'at 0 c1 grant A ttl=3\nat 5s black hole both for 9s');
  expect(picture).toMatchObject({
    lanes: [
      { name: 'A', believed: [{ from: 0, until: 10_200 }], alive: [{ from: 0, until: 7000 }] },
    ],
    faults: [{ from: 5000, until: 12_000, what: 'black hole both for 9s' }],
    brokenAt: 7000,
  });
  expect(picture.rows.filter(({ isBreach }) => isBreach)).toMatchObject([{ at: 7000 }]);
  const page = beliefHtml({ title: 'a <b> & c', lead: [], story: ['at 0'], picture });
  expect(page).toContain('<h1>a &lt;b&gt; &amp; c</h1>');
  expect(page.match(/class="wrong" x="/g)).toHaveLength(1);
  expect(page).toContain('class="breach"');
  expect(page).not.toMatch(/<script|src=|href=/);
});

test('a lock of two clients has a lane for each', async () => {
  const picture = await play(
    'FUZZ-25',
    'at 0 c1 lock L ttl=3\nat 5s c1 unlock L\nat 6s c2 lock L ttl=3',
  );
  expect(picture.lanes.map(({ name, believed }) => [name, believed])).toEqual([
    ['L/c1', [{ from: 0, until: 5000 }]],
    ['L/c2', [{ from: 6000, until: 12_001 }]],
  ]);
  expect(picture.brokenAt).toBeNull();
});
