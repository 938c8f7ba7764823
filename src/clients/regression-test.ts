/** A finding as a test for vitest, to be put into a project as it is. */
import type { FuzzFile } from './fuzz-file.ts';
import { contractNamed } from './known.ts';

export const regressionTest = (file: FuzzFile): string => {
  const { client, contract, etcd, seed, story, what } = file;
  const title = `${contract}: ${contractNamed(contract)?.title ?? what}`;
  const setting = [`client: ${JSON.stringify(client.name)}`, `contract: '${contract}'`];
  if (seed !== 0n) setting.push(`seed: ${seed}n`);
  if (etcd !== null) setting.push(`etcd: ${JSON.stringify(etcd)}`);
  return `import { breachOf } from 'leasehold/fuzz';
import { expect, test } from 'vitest';

const STORY = \`
${story.map((line) => `  ${line}`).join('\n')}
\`;

test(${JSON.stringify(title)}, async () => {
  const breach = await breachOf(STORY, {
    ${setting.join(',\n    ')},
  });
  expect(breach).toBeNull();
});
`;
};
