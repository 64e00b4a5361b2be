import { join } from 'node:path';

/** What one writer does; see log-writer for the meaning. */
export type WriterOptions = {
  lines?: number;
  rate?: number;
  stream?: 'stdout' | 'stderr';
  shape?: 'plain' | 'forged';
  width?: number;
  headers?: number;
  burst?: number;
  last?: 'newline' | 'bare';
};

export type WriterJob = {
  id: string;
  type: 'service' | 'batch';
  meta?: Record<string, string>;
  /** By task name. */
  tasks: Record<string, WriterOptions>;
};

/** The job as Nomad's HTTP API takes it: one group, each task a raw_exec writer. */
export const writerJob = ({
  id,
  type,
  meta,
  tasks,
  ledger,
}: WriterJob & { ledger: string }): Record<string, unknown> => ({
  ID: id,
  Name: id,
  Type: type,
  Datacenters: ['*'],
  Meta: meta ?? null,
  TaskGroups: [
    {
      Name: 'writers',
      Count: 1,
      // Each run of a writer is a claim of its own; a second one would only say that something went wrong.
      RestartPolicy: { Attempts: 0, Mode: 'fail' },
      ReschedulePolicy: { Attempts: 0, Unlimited: false },
      EphemeralDisk: { SizeMB: 50 },
      Tasks: Object.entries(tasks).map(([name, options]) => ({
        Name: name,
        Driver: 'raw_exec',
        Config: {
          command: join(import.meta.dirname, 'log-writer'),
          args: [`ledger=${ledger}`, ...Object.entries(options).map(([option, value]) => `${option}=${value}`)],
        },
        // raw_exec sends SIGINT by default.
        KillSignal: 'SIGTERM',
        // The most that a client allows: a writer that is killed says nothing of what it wrote.
        KillTimeout: 30e9,
        LogConfig: { MaxFiles: 10, MaxFileSizeMB: 1 },
        Resources: { CPU: 10, MemoryMB: 10 },
      })),
    },
  ],
});
