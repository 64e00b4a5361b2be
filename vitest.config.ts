import { defineConfig } from 'vitest/config';
import { summaryReporter } from './test/reporter.ts';
import { SlowestFirst } from './test/slowest-first.ts';

export default defineConfig({
  test: {
    globalSetup: ['test/support/look-for-programs.ts'],
    reporters: ['default', summaryReporter()],
    sequence: { sequencer: SlowestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**'],
          setupFiles: ['test/support/setup-unit.ts'],
          pool: 'forks',
          // A process for each of 320 files took a seventh of all processor time. What a file changes of the process is put back
          // by its setup; modules of nvl keep nothing that another file may see.
          isolate: false,
          maxWorkers: 3,
          // Generous, for machines that have other things to do: a test waits for what happens, not for a time.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // After all unit tests. Each has agents, Vectors, ports and folders of its own, and mostly waits: six at a time use two
        // cores well.
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/support/publish-once.ts'],
          setupFiles: ['test/support/setup-e2e.ts'],
          pool: 'forks',
          maxWorkers: 6,
          sequence: { groupOrder: 1 },
          // It ends a test that hangs: the others end when what they wait for happens.
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
