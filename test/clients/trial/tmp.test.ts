import { test } from 'vitest';
import { writeFileSync, mkdirSync } from 'node:fs';
import { referenceAdapter } from '../../../src/clients/reference/adapter.ts';
import { printStory } from '../../../src/clients/story-text.ts';
import { tryStories } from './try-stories.ts';
const from = Number(process.env['FROM'] ?? 0),
  count = Number(process.env['COUNT'] ?? 30);
test('tmp', async () => {
  mkdirSync('/tmp/f2', { recursive: true });
  const t0 = process.hrtime.bigint();
  const counts: Record<string, number[]> = {};
  let entries = 0;
  const runs = Array.from({ length: count }, (_, i) => from + i);
  const real = process.hrtime.bigint;
  for await (const { run, story, trace, broken, findings } of tryStories(
    referenceAdapter(),
    runs,
  )) {
    entries += trace.length;
    if (broken) (counts['broken ' + broken] ??= []).push(run);
    for (const f of findings) {
      (counts[f.contract.id] ??= []).push(run);
      if (counts[f.contract.id]!.length <= 5) {
        console.log(run, f.contract.id, f.breach.what, '|', f.breach.shape);
        writeFileSync(
          `/tmp/f2/${run}.txt`,
          printStory(story) +
            '\n' +
            trace
              .map(
                (e, i) =>
                  `${i} ${JSON.stringify(e, (_, v) => (typeof v === 'bigint' ? String(v) : v))}`,
              )
              .join('\n'),
        );
      }
    }
  }
  console.log(counts, entries, Number(real() - t0) / 1e9);
}, 600_000);
