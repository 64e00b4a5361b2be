import type { BenchTask } from './stand-in-node.ts';

/** What the tasks write that stay: each a line now and then, and the first few of them so much that their files rotate. */
export type StandingLoad = { lineEveryMs: number; loudTasks: number; loudBytesASecond: number };

export type StandingWriters = {
  /** Writes what a task has begun, and gives how many lines each task wrote. */
  stop: () => Map<BenchTask, number>;
};

export const standingKeyOf = ({ allocId }: BenchTask): string => `${allocId}:standing`;

const STEP_MS = 10;
/** Nomad writes what a task said once in this time. */
const FLUSH_MS = 100;
const LOUD_LINE_BYTES = 1_024;

export const startStandingWriters = ({
  tasks,
  load: { lineEveryMs, loudTasks, loudBytesASecond },
}: {
  tasks: readonly BenchTask[];
  load: StandingLoad;
}): StandingWriters => {
  const written = new Map(tasks.map((task) => [task, 0]));
  const lineOf = (task: BenchTask, filling = '') => {
    const number = (written.get(task) ?? 0) + 1;
    written.set(task, number);
    return `${standingKeyOf(task)} ${number} ${Date.now()}${filling}\n`;
  };
  const quiet = tasks.slice(loudTasks);
  const timers = [
    inSteps({
      everyMs: STEP_MS,
      perMs: quiet.length / lineEveryMs,
      act: (turn) => {
        const task = quiet[turn % quiet.length];
        task?.stdout.write(lineOf(task));
      },
    }),
  ];
  const loud = tasks.slice(0, loudTasks).map((task) => ({ task, said: '' }));
  for (const one of loud) {
    const flush = () => {
      // What Nomad has in hand when it writes ends anywhere.
      const end = Math.max(0, one.said.length - LOUD_LINE_BYTES / 2);
      one.task.stdout.write(one.said.slice(0, end));
      one.said = one.said.slice(end);
    };
    timers.push(
      inSteps({
        everyMs: FLUSH_MS,
        perMs: loudBytesASecond / LOUD_LINE_BYTES / 1_000,
        act: () => {
          one.said += lineOf(one.task, ` ${'x'.repeat(LOUD_LINE_BYTES - 72)}`);
        },
        after: flush,
      }),
    );
  }
  return {
    stop: () => {
      for (const timer of timers) clearInterval(timer);
      for (const { task, said } of loud.splice(0)) task.stdout.write(said);
      return written;
    },
  };
};

/** Acts as often as is due by now; a step that came late makes up for it. */
const inSteps = ({
  everyMs,
  perMs,
  act,
  after = () => {},
}: {
  everyMs: number;
  perMs: number;
  act: (turn: number) => void;
  after?: () => void;
}): NodeJS.Timeout => {
  const began = performance.now();
  let turn = 0;
  return setInterval(() => {
    for (const due = (performance.now() - began) * perMs; turn < due; turn += 1) act(turn);
    after();
  }, everyMs);
};
