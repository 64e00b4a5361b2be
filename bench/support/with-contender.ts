import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Contender, type Parse, type RunningContender, relayNews } from './contender.ts';
import { type BenchTask, createStandInNode, type StandInNode } from './stand-in-node.ts';

/** A contender at work: on a node of its own, with the tasks that were there before it. */
export type Bench = { node: StandInNode; tasks: BenchTask[]; running: RunningContender; delivered: string };

/** Starts the contender on a node of so many tasks, and ends everything and removes its folder when `use` is done. */
export const withContender = async <T>({
  contender,
  tasks,
  parse = 'plain',
  maxBytes,
  sinkTo,
  prepare = () => {},
  use,
}: {
  contender: Contender;
  tasks: number;
  parse?: Parse;
  maxBytes?: number;
  /** The sink, as TOML, that writes to this file if it writes at all. */
  sinkTo: (sink: { file: string; inputs: string[] }) => string;
  /** What happens on the node before the contender starts. */
  prepare?: (tasks: BenchTask[]) => void;
  use: (bench: Bench) => Promise<T>;
}): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-bench-'));
  const news = relayNews();
  const node = await createStandInNode({ folder, news: news.news, ...(maxBytes !== undefined && { maxBytes }) });
  try {
    const meta = parse === 'plain' ? {} : { nvl_profile: parse };
    const started = Array.from({ length: tasks }, (_, number) => node.add({ jobId: `job-${number}`, meta }));
    for (const task of started) node.run(task);
    prepare(started);
    const delivered = join(folder, 'delivered.ndjson');
    const own = join(folder, 'contender');
    mkdirSync(own);
    const sink = (inputs: string[]) => sinkTo({ file: delivered, inputs });
    const running = await contender.start({ folder: own, node, news, sink, parse });
    try {
      return await use({ node, tasks: started, running, delivered });
    } finally {
      await running.end();
    }
  } finally {
    await node.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
};
