/** A finding as a test for vitest, to be put into a project as it is. */
import type { FuzzFile } from './fuzz-file.ts';
import { contractNamed } from './known.ts';

/** Where the adapter of a client that does not come along is, seen from the test. */
export interface AdapterModule {
  readonly path: string;
  readonly exported: 'adapter' | 'default';
}

export const regressionTest = (file: FuzzFile, module: AdapterModule | null): string => {
  const { client, contract, etcd, seed, story, what } = file;
  const title = `${contract}: ${contractNamed(contract)?.title ?? what}`;
  const player = module === null ? `client: ${JSON.stringify(client.name)}` : 'client: adapter';
  const setting = [player, `contract: '${contract}'`];
  if (seed !== 0n) setting.push(`seed: ${seed}n`);
  if (etcd !== null) setting.push(`etcd: ${JSON.stringify(etcd)}`);
  return `import { breachOf } from 'leasehold/fuzz';
import { expect, test } from 'vitest';
${module === null ? '' : importOf(module)}
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

const importOf = ({ exported, path }: AdapterModule): string => {
  const what = exported === 'default' ? 'adapter' : '{ adapter }';
  return `import ${what} from ${JSON.stringify(path)};\n`;
};
