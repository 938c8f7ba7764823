import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';
import { plantBugs } from './test/mutants/plugin.ts';

const ALL = ['test/**/*.test.ts', 'properties/**/*.test.ts', 'examples/**/*.test.ts'];

/** Files that leave no trace in their process: a clock that one takes it gives back. */
const PURE = [
  'properties/**/*.test.ts',
  ...['api', 'clock', 'harness/windows', 'model', 'report', 'simulator'].map(
    (folder) => `test/${folder}/**/*.test.ts`,
  ),
  'test/harness/*.test.ts',
  'test/*.test.ts',
];

export default defineConfig({
  plugins: [plantBugs()],
  resolve: {
    // The examples name the package, as its users do.
    alias: {
      'leasehold/testing': fileURLToPath(new URL('./src/vitest/testing.ts', import.meta.url)),
      'leasehold/vitest': fileURLToPath(new URL('./src/vitest/index.ts', import.meta.url)),
    },
  },
  test: {
    projects: [
      { extends: true, test: { name: 'alone', include: ALL, exclude: PURE } },
      // A worker loads their modules once for all of them, not once for each file.
      { extends: true, test: { name: 'shared', include: PURE, isolate: false } },
    ],
    pool: 'forks',
    sequence: { sequencer: LongestFirst },
    // Many tests wait for a real clock: one more at a time than there are cores leaves none idle.
    maxWorkers: availableParallelism() + 1,
    // A busy machine is no failure; what has to be fast measures it itself.
    testTimeout: 90_000,
  },
});
