import { readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { findLine } from '../../test/support/count-lines.ts';
import { fileSink } from '../../test/support/vector.ts';
import type { Contender, RunningContender } from './contender.ts';
import { useOf } from './proc.ts';
import type { BenchTask, StandInNode } from './stand-in-node.ts';
import { median, p50, p99 } from './statistics.ts';
import { createTail } from './tail.ts';
import { readReloads } from './vector-log.ts';
import { withContender } from './with-contender.ts';

/** What one contender takes at one size; undefined is not measured, or of no meaning for it. */
export type ScaleFigures = {
  /** From its start until each task had a line at the sink. */
  readyMs?: number;
  vectorBytes?: number;
  vectorThreads?: number;
  vectorOpenFiles?: number;
  /** Per cent of a core, all tasks silent. */
  vectorIdlePercent?: number;
  daemonBytes?: number;
  daemonIdlePercent?: number;
  configBytes?: number;
  /** Of one more task: processor time beyond what the node takes anyway, components started anew, and when its first line came. */
  newTaskCpuMs?: number;
  daemonNewTaskCpuMs?: number;
  restarted?: number;
  added?: number;
  reloadMs?: number;
  firstLineP50Ms?: number;
  firstLineP99Ms?: number;
  newTasks?: number;
  /** New tasks whose first line did not come in time, and whose first line came without its labels. */
  missed?: number;
  unlabelled?: number;
};

export type ScaleSettings = {
  /** How long the tasks are silent before the idle is measured, and how long it is. */
  settleMs: number;
  windowMs: number;
  newTasks: number;
  /** How long they may take together: some contenders look every 10 s only. */
  newTasksMs: number;
  /** How many lines a second the node's tasks write together while new ones come, so that Vector does not sleep. */
  linesASecond: number;
  /** How long a contender may take until it has a line of each task. */
  readyMs: number;
  /** How long a new task's first line may take. */
  lineMs: number;
};

/** One contender at one size. It gives what was measured until a time ran out. */
export const measureScale = ({
  contender,
  tasks,
  settings,
}: {
  contender: Contender;
  tasks: number;
  settings: ScaleSettings;
}): Promise<ScaleFigures> =>
  withContender({
    contender,
    tasks,
    sinkTo: ({ file, inputs }) => fileSink({ id: 'delivered', inputs, file }),
    use: async ({ node, tasks: started, running, delivered, startedAtMs }) => {
      const arrivals = followArrivals({ file: delivered, isLabelling: contender.labels.length > 0 });
      let background: { stop: () => void } | undefined;
      try {
        if (!(await waitForAll({ tasks: started, arrivals, timeoutMs: settings.readyMs }))) return {};
        const readyMs = performance.now() - startedAtMs;
        await sleep(settings.settleMs);
        const idle = await measureIdle({ running, windowMs: settings.windowMs });
        background = writeInTurn({ tasks: started, linesASecond: settings.linesASecond });
        return { readyMs, ...idle, ...(await measureNewTasks({ node, running, arrivals, settings })) };
      } finally {
        background?.stop();
        arrivals.close();
      }
    },
  });

type Arrival = { atMs: number; isLabelled: boolean };

type Arrivals = {
  /** The first line of the task that came; looks at what came until now. */
  of: (task: BenchTask) => Arrival | undefined;
  /** Whether a line with all that the contender knows of the task came. */
  isKnown: (task: BenchTask) => boolean;
  close: () => void;
};

const keyOf = ({ allocId }: BenchTask): string => `${allocId}:app`;

const followArrivals = ({ file, isLabelling }: { file: string; isLabelling: boolean }): Arrivals => {
  const tail = createTail(file);
  const first = new Map<string, Arrival>();
  const known = new Set<string>();
  const look = () => {
    const atMs = Date.now();
    for (const text of tail.read()) {
      const key = findLine(text)?.key;
      if (key === undefined) continue;
      const isLabelled = !isLabelling || text.includes('"job_name":"');
      if (!first.has(key)) first.set(key, { atMs, isLabelled });
      if (isLabelled) known.add(key);
    }
  };
  return {
    of: (task) => {
      look();
      return first.get(keyOf(task));
    },
    isKnown: (task) => {
      look();
      return known.has(keyOf(task));
    },
    close: tail.close,
  };
};

const writeLine = (task: BenchTask): void => task.stdout.write(`${keyOf(task)} 1 ${Date.now()} the line\n`);

/** A line of one task, then of the next. */
const writeInTurn = ({ tasks, linesASecond }: { tasks: BenchTask[]; linesASecond: number }): { stop: () => void } => {
  let turn = 0;
  const writeNext = () => {
    const task = tasks[turn % tasks.length];
    if (task !== undefined) writeLine(task);
    turn += 1;
  };
  const timer = linesASecond > 0 ? setInterval(writeNext, 1_000 / linesASecond) : undefined;
  return { stop: () => clearInterval(timer) };
};

const WRITE_AGAIN_MS = 5_000;

/** A contender may lose lines of a task that it does not know yet, or their labels: each is written again until one came. */
const waitForAll = async ({
  tasks,
  arrivals,
  timeoutMs,
}: {
  tasks: BenchTask[];
  arrivals: Arrivals;
  timeoutMs: number;
}): Promise<boolean> => {
  const end = performance.now() + timeoutMs;
  let open = tasks;
  for (let again = 0; open.length > 0; open = open.filter((task) => !arrivals.isKnown(task))) {
    if (performance.now() > end) return false;
    if (performance.now() > again) {
      for (const task of open) writeLine(task);
      again = performance.now() + WRITE_AGAIN_MS;
    }
    await sleep(20);
  }
  return true;
};

const measureIdle = async ({ running, windowMs }: { running: RunningContender; windowMs: number }) => {
  const look = () => ({
    atMs: performance.now(),
    vector: useOf(running.vectorPid()),
    daemon: running.daemonPid === undefined ? undefined : useOf(running.daemonPid),
  });
  const before = look();
  await sleep(windowMs);
  const after = look();
  const percent = (from: number, to: number) => ((to - from) * 100_000) / (after.atMs - before.atMs);
  return {
    vectorBytes: after.vector.residentBytes,
    vectorThreads: after.vector.threads,
    vectorOpenFiles: after.vector.openFiles,
    vectorIdlePercent: percent(before.vector.cpuSeconds, after.vector.cpuSeconds),
    configBytes: running.configFiles().reduce((sum, file) => sum + statSync(file).size, 0),
    ...(before.daemon !== undefined &&
      after.daemon !== undefined && {
        daemonBytes: after.daemon.residentBytes,
        daemonIdlePercent: percent(before.daemon.cpuSeconds, after.daemon.cpuSeconds),
      }),
  };
};

/** Nomad makes the folder a moment after it knows of the allocation, and the task writes a moment after that. */
const PENDING_MS = 60;
const STARTING_MS = 60;
/** So that the news of one does not come with that of the next. */
const BETWEEN_MS = 500;

/** Processor time by now, with that of the children by which nvl proves a change. */
const lookAtTime = (running: RunningContender) => {
  const daemon = running.daemonPid === undefined ? undefined : useOf(running.daemonPid);
  return {
    atMs: performance.now(),
    vectorMs: useOf(running.vectorPid()).cpuSeconds * 1_000,
    daemonMs: daemon && (daemon.cpuSeconds + daemon.childrenCpuSeconds) * 1_000,
  };
};

type Times = ReturnType<typeof lookAtTime>;

/** What the time from the second to the third look took beyond what the time from the first to the second did. */
const beyond = ({
  looks: [first, second, third],
  of,
}: {
  looks: [Times, Times, Times];
  of: 'vectorMs' | 'daemonMs';
}) => {
  const [a, b, c] = [first[of], second[of], third[of]];
  if (a === undefined || b === undefined || c === undefined) return undefined;
  return Math.max(0, c - b - ((b - a) * (third.atMs - second.atMs)) / (second.atMs - first.atMs));
};

/** Whoever took the whole time for so many lines will not be faster for the next. */
const MOST_MISSED = 3;

const measureNewTasks = async ({
  node,
  running,
  arrivals,
  settings,
}: {
  node: StandInNode;
  running: RunningContender;
  arrivals: Arrivals;
  settings: ScaleSettings;
}): Promise<ScaleFigures> => {
  const first = lookAtTime(running);
  await sleep(settings.windowMs / 2);
  const logBefore = statSync(running.log).size;
  const second = lookAtTime(running);
  const came: NewTask[] = [];
  let tried = 0;
  const isEnough = () =>
    tried >= settings.newTasks ||
    tried - came.length >= MOST_MISSED ||
    performance.now() - second.atMs > settings.newTasksMs;
  for (; !isEnough(); tried += 1) {
    came.push(...(await timeNewTask({ node, arrivals, number: tried, timeoutMs: settings.lineMs })));
    await sleep(BETWEEN_MS);
  }
  const looks: [Times, Times, Times] = [first, second, lookAtTime(running)];
  const { tookMs, restarted, added } = readReloads(readFileSync(running.log).subarray(logBefore).toString());
  const each = (total: number | undefined) => (total === undefined ? undefined : total / tried);
  return defined({
    newTaskCpuMs: each(beyond({ looks, of: 'vectorMs' })),
    daemonNewTaskCpuMs: each(beyond({ looks, of: 'daemonMs' })),
    restarted: restarted / tried,
    added: added / tried,
    reloadMs: median(tookMs),
    firstLineP50Ms: p50(came.map(({ firstLineMs }) => firstLineMs)),
    firstLineP99Ms: p99(came.map(({ firstLineMs }) => firstLineMs)),
    newTasks: tried,
    missed: tried - came.length,
    unlabelled: came.filter(({ isLabelled }) => !isLabelled).length,
  });
};

const defined = <T extends Record<string, number | undefined>>(figures: T): { [Name in keyof T]?: number } =>
  Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== undefined)) as {
    [Name in keyof T]?: number;
  };

type NewTask = { firstLineMs: number; isLabelled: boolean };

/** How long the first line of one more task took, or nothing if it did not come. */
const timeNewTask = async ({
  node,
  arrivals,
  number,
  timeoutMs,
}: {
  node: StandInNode;
  arrivals: Arrivals;
  number: number;
  timeoutMs: number;
}): Promise<NewTask[]> => {
  const task = node.add({ jobId: `new-${number}` });
  await sleep(PENDING_MS);
  node.run(task);
  await sleep(STARTING_MS);
  const writtenMs = Date.now();
  writeLine(task);
  while (Date.now() - writtenMs < timeoutMs) {
    const arrival = arrivals.of(task);
    if (arrival !== undefined) return [{ firstLineMs: arrival.atMs - writtenMs, isLabelled: arrival.isLabelled }];
    await sleep(4);
  }
  return [];
};
