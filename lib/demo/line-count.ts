import { type DemoJob, groupOf, namespaceOf } from './allocation.ts';
import type { DemoNode } from './node.ts';
import type { DemoEvent } from './show-tally.ts';
import { createWrittenLines, type WrittenLine, type WrittenLines } from './written-lines.ts';

/** Each line that is written has to come once, under the labels of its own task. */
export type LineCount = {
  start(allocId: string, job: DemoJob): void;
  write: WrittenLines['add'];
  deliver(event: DemoEvent): void;
  /** As `WrittenLines` has it. */
  find: WrittenLines['find'];
  counts(): Counts;
};

/** Of lines, but for `events`: an event may be made of several. */
export type Counts = {
  written: number;
  delivered: number;
  events: number;
  lost: number;
  repeated: number;
  mislabelled: number;
};

export const createLineCount = (node: DemoNode): LineCount => {
  const jobs = new Map<string, DemoJob>();
  const written = createWrittenLines();
  const arrived = new Set<WrittenLine>();
  let [delivered, events, mislabelled] = [0, 0, 0];
  return {
    start: (allocId, job) => void jobs.set(allocId, job),
    write: written.add,
    find: written.find,
    deliver: (event) => {
      const lines = written.find(event);
      for (const one of lines) if (one !== undefined) arrived.add(one);
      events += 1;
      delivered += lines.length;
      if (!isLabelled({ event, job: jobs.get(event.nomad.alloc_id ?? ''), node })) mislabelled += lines.length;
    },
    counts: () => {
      const lines = written.all();
      const lost = lines.filter((line) => !arrived.has(line)).length;
      const repeated = delivered - (lines.length - lost);
      return { written: lines.length, delivered, events, lost, repeated, mislabelled };
    },
  };
};

const isLabelled = ({ event, job, node }: { event: DemoEvent; job: DemoJob | undefined; node: DemoNode }): boolean => {
  if (job === undefined) return false;
  const { namespace, job_name, group_name, node_name, task_name } = event.nomad;
  return (
    namespace === namespaceOf(job) &&
    job_name === job.id &&
    group_name === groupOf(job) &&
    node_name === node.nodeName &&
    job.tasks.some(({ name }) => name === task_name)
  );
};
