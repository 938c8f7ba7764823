import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';
import { plantBugs } from './test/mutants/plugin.ts';

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
    include: ['test/**/*.test.ts', 'properties/**/*.test.ts', 'examples/**/*.test.ts'],
    pool: 'forks',
    sequence: { sequencer: LongestFirst },
    // Many tests wait for a real clock: one more at a time than there are cores leaves none idle.
    maxWorkers: availableParallelism() + 1,
    // A busy machine is no failure; what has to be fast measures it itself.
    testTimeout: 90_000,
  },
});
