import { defineConfig } from 'vitest/config';
import { plantBugs } from './test/mutants/plugin.ts';

export default defineConfig({
  plugins: [plantBugs()],
  test: {
    include: ['test/**/*.test.ts', 'properties/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 30_000,
  },
});
