import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Contender, type Parse, type RunningContender, relayNews } from './contender.ts';
import { say } from './report-run.ts';
import { type BenchTask, createStandInNode, type StandInNode } from './stand-in-node.ts';

/** A contender at work: on a node of its own, with the tasks that were there before it. */
export type Bench = {
  node: StandInNode;
  tasks: BenchTask[];
  running: RunningContender;
  delivered: string;
  /** When the contender was started, as `performance.now()` tells it. */
  startedAtMs: number;
};

/** Starts the contender on a node of so many tasks, and ends everything and removes its folder when `use` is done. */
export const withContender = async <T>({
  contender,
  tasks,
  parse = 'plain',
  maxBytes,
  sinkTo,
  prepare = () => {},
  keep = false,
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
  /** Leaves the folder where it is, and says where. */
  keep?: boolean;
  use: (bench: Bench) => Promise<T>;
}): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-bench-'));
  const news = relayNews();
  const node = await createStandInNode({ folder, news: news.news, ...(maxBytes !== undefined && { maxBytes }) });
  let running: RunningContender | undefined;
  const end = async () => {
    await running?.end();
    await node.close();
    if (keep) say(`kept: ${folder}`);
    else await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  // A daemon that is killed leaves its Vector: whoever stops the run has both ended in order.
  const stop = () => void end().finally(() => process.exit(130));
  for (const signal of SIGNALS) process.once(signal, stop);
  try {
    const meta = parse === 'plain' ? {} : { nvl_profile: parse };
    const started = Array.from({ length: tasks }, (_, number) => node.add({ jobId: `job-${number}`, meta }));
    for (const task of started) node.run(task);
    prepare(started);
    const delivered = join(folder, 'delivered.ndjson');
    const own = join(folder, 'contender');
    mkdirSync(own);
    const sink = (inputs: string[]) => sinkTo({ file: delivered, inputs });
    const startedAtMs = performance.now();
    running = await contender.start({ folder: own, node, news, sink, parse });
    return await use({ node, tasks: started, running, delivered, startedAtMs });
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
    await end();
  }
};

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
