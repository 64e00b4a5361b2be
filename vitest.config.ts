import { defineConfig } from 'vitest/config';
import { summaryReporter } from './test/reporter.ts';

export default defineConfig({
  test: {
    reporters: ['default', summaryReporter()],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**'],
          maxWorkers: 2,
          testTimeout: 15_000,
          hookTimeout: 15_000,
        },
      },
      {
        // Real agents and Vectors measure time: one file alone on the machine, after all unit tests.
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
