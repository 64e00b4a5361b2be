import type { RootPaths } from '../apply/paths.ts';
import { readEngineConfig } from '../engine/read-config.ts';
import type { ReadProgram } from '../engine/transform.ts';
import { hasCode, NvlError } from '../errors.ts';
import { didYouMean } from '../nearest.ts';
import { knownRows } from '../pipelines/known-rows.ts';
import type { Row } from '../pipelines/row.ts';
import { openTaskPipeline, type TaskPipeline } from '../preview/task-pipeline.ts';
import { blocksOf, namesOfHeading } from '../render/file.ts';
import type { WatchedTasks } from '../tap/tap.ts';
import { type TappedTask, tappedTasks } from '../tap/tapped-task.ts';
import type { Vrl } from '../vrl/vrl.ts';
import { readFileIfThere } from './prepare.ts';

/** What nvl's output root says of the tasks that a name means, and of their pipelines. */
export type LivePipelines = {
  /** As it is now. Throws `usage` where nothing was ever meant, `rootUnusable` where it cannot be read. */
  look(): Promise<WatchedTasks>;
  /** For people, at the start: which pipelines are watched. Throws what `look` throws. */
  describe(url: string): Promise<string>;
  /** A task's pipeline, as it is live, in nvl's own engine. Rejects with `notRunnable` or `vrlRefused`. */
  open(task: TappedTask): Promise<TaskPipeline>;
  /** What the source of a live pipeline is told, but for what nvl adds. */
  sourceOf(task: TappedTask): Promise<unknown>;
};

/** What running a pipeline here needs. */
export type LiveRun = { paths: RootPaths; vrl: Vrl; readProgram: ReadProgram };

export const openLivePipelines = ({
  name,
  run: { paths, vrl, readProgram },
}: {
  /** What a person calls the tasks. */
  name: string;
  run: LiveRun;
}): LivePipelines => {
  const memory = {};
  let wasFound = false;
  const rowsNow = async (): Promise<readonly Row[]> => knownRows({ table: await readOwn(paths.tableFile), memory });
  const liveText = async (): Promise<string> => (await readOwn(paths.liveFile)) ?? '';
  const look = async (): Promise<WatchedTasks> => {
    const rows = await rowsNow();
    const tasks = tappedTasks({ rows, name });
    if (tasks.length === 0 && !wasFound) throw nothingLive({ rows, name, root: paths.root });
    wasFound = true;
    return { tasks, stems: new Set(rows.map(({ stem }) => stem)) };
  };
  return {
    look,
    describe: async (url) => {
      const { tasks } = await look();
      return describeWatch({ rows: await rowsNow(), tasks, url });
    },
    open: async ({ stem, pipeline }) => {
      const blocks = [...blocksOf(await liveText()).values()];
      const rows = (await rowsNow()).filter((row) => row.pipeline === pipeline);
      return openTaskPipeline({
        rendered: { blocks, rows },
        stem,
        linksDir: paths.links,
        vrl,
        readProgram,
      });
    },
    sourceOf: async ({ pipeline }) => sourceIn({ text: await liveText(), id: pipeline }),
  };
};

/** What a generated text tells a pipeline's source, but for what differs from one pipeline to another. Pure. */
export const sourceIn = ({ text, id }: { text: string; id: string }): unknown => {
  const {
    include: _,
    graph: __,
    ...options
  } = readEngineConfig(text).sources.find((one) => one.id === id)?.options ?? {};
  return options;
};

const readOwn = (file: string): Promise<string | undefined> =>
  readFileIfThere(file).catch((cause: unknown) => {
    if (!hasCode(cause, 'EACCES', 'EPERM')) throw cause;
    throw new NvlError('rootUnusable', {
      message: `${file} may not be read`,
      advice: 'run it as the user who runs nvl',
      cause,
    });
  });

const nothingLive = ({ rows, name, root }: { rows: readonly Row[]; name: string; root: string }): NvlError => {
  if (rows.length === 0)
    return new NvlError('usage', {
      message: `below ${root} nothing is collected`,
      advice: 'nvl tap runs on a node, beside nvl run: name its output root with --root',
    });
  const jobs = [...new Set(rows.flatMap(({ about }) => namesOfHeading(about)?.job ?? []))].sort();
  return new NvlError('usage', {
    message: `no task that is collected here belongs to ${name}${didYouMean(name, jobs)}`,
    facts: { jobs: jobs.slice(0, MOST_JOBS).join(', ') + (jobs.length > MOST_JOBS ? ', …' : '') },
  });
};

const MOST_JOBS = 20;

const describeWatch = ({
  rows,
  tasks,
  url,
}: {
  rows: readonly Row[];
  tasks: readonly TappedTask[];
  url: string;
}): string => {
  const pipelines = Map.groupBy(tasks, ({ pipeline }) => pipeline);
  const shown = [...pipelines].map(([id, own]) => {
    const others = rows.filter(({ pipeline }) => pipeline === id).length - own.length;
    const sharing = others === 0 ? '' : `, which shares it with ${others} of others`;
    return `${id} (${own.length === 1 ? '1 task' : `${own.length} tasks`}${sharing})`;
  });
  return `watches ${shown.join(', ')} of the Vector at ${url}`;
};
