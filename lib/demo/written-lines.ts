import type { DemoNode } from './node.ts';
import type { DemoEvent } from './show-tally.ts';
import { OFFSET } from './show-templates.ts';

/** A line as its task wrote it; `start`: where in its file it begins, in bytes. */
export type WrittenLine = { start: number; text: string };

export type WrittenLines = {
  add(write: Parameters<DemoNode['writeLines']>[0]): void;
  /** The lines that an event was made of; undefined stands for one that no task wrote. */
  find(event: Pick<DemoEvent, 'nomad' | typeof OFFSET>): (WrittenLine | undefined)[];
  all(): WrittenLine[];
};

/** Every line that tasks write on a node. Nothing the demo writes is enough for a file to rotate. */
export const createWrittenLines = (): WrittenLines => {
  const byFile = new Map<string, WrittenLine[]>();
  return {
    add: ({ id, task, stream = 'stdout', lines }) => {
      const file = fileOf({ alloc_id: id, task_name: task, stream });
      const before = byFile.get(file) ?? [];
      for (const text of lines) {
        const last = before.at(-1);
        const start = last === undefined ? 0 : last.start + Buffer.byteLength(last.text) + 1;
        before.push({ start, text });
      }
      byFile.set(file, before);
    },
    // A line that was held back says of itself that it begins where it ends: Vector 0.57 had read it before.
    find: (event) => {
      const lines = byFile.get(fileOf(event.nomad)) ?? [];
      return [event[OFFSET]].flat().map((offset) => lines.findLast(({ start }) => start <= offset));
    },
    all: () => [...byFile.values()].flat(),
  };
};

const fileOf = ({ alloc_id, task_name, stream }: Readonly<Record<string, string>>): string =>
  `${alloc_id} ${task_name} ${stream}`;
