/**
 * `npm run bench:render [-- --sizes 1000,10000 --rounds 3 --quick --write]`: what rendering costs against parsing Nomad's answer,
 * in one process and cold. Each size runs in a process of its own: `node bench/render.ts TASKS`. --write puts the result into
 * docs/benchmarks.md; ratios are what to quote.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { readTemplates } from '../lib/config/read-templates.ts';
import { nodeContext, taskContext } from '../lib/context/context.ts';
import { readNode } from '../lib/nomad/node.ts';
import { readAllocation } from '../lib/nomad/read-allocation.ts';
import { renderNode } from '../lib/render/render.ts';
import { compileTemplates } from '../lib/render/templates.ts';
import { medianCost, type RenderCost, renderReport } from './support/render-report.ts';
import { listOf, publish, runNotes, say } from './support/report-run.ts';

const RECORDED = new URL('../test/fixtures/recorded/', import.meta.url);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sizes: { type: 'string' },
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

const main = async (): Promise<void> => {
  const began = Date.now();
  const self = fileURLToPath(import.meta.url);
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
  const sizes = listOf(values.sizes ?? (values.quick ? '10,100' : '1000,10000'));
  const measured = new Map<string, RenderCost[]>(sizes.map((size) => [size, []]));
  for (let round = 1; round <= rounds; round += 1) {
    for (const size of sizes) {
      say(`round ${round}: ${size} tasks`);
      const { stdout } = await promisify(execFile)(process.execPath, [self, size], { maxBuffer: 1e6 });
      measured.get(size)?.push(JSON.parse(stdout) as RenderCost);
    }
  }
  const what = `distinct tasks, each size in a process of its own, cold; medians of ${rounds} rounds, by the clock. No Vector runs.`;
  const rows = [...measured.values()].map(medianCost);
  await publish({
    section: renderReport({ rows, notes: runNotes({ began, what, absent: [] }) }),
    isWritten: values.write,
  });
};

/** One size, in this process. The answer of 1,000 tasks is parsed for the yardstick, whatever the size. */
const measure = async (tasks: number): Promise<RenderCost> => {
  const [recorded = {}] = JSON.parse(await readFile(new URL('node-allocations.json', RECORDED), 'utf8')) as Raw[];
  const node = nodeContext(readNode(JSON.parse(await readFile(new URL('node.json', RECORDED), 'utf8'))));
  const files = await readTemplates(undefined);
  const parseMs = timeParse(JSON.stringify(Array.from({ length: 1_000 }, (_, number) => distinct(recorded, number))));
  const allocations = Array.from({ length: tasks }, (_, number) => readAllocation(distinct(recorded, number))).filter(
    (allocation) => allocation !== undefined,
  );
  const heapBefore = process.memoryUsage().heapUsed;
  const begun = performance.now();
  const contexts = allocations.flatMap((allocation) =>
    allocation.tasks.map((task) =>
      taskContext({
        allocation,
        task,
        node,
        linksDir: '/var/lib/nvl/links',
        chosen: { profile: 'default', params: {} },
      }),
    ),
  );
  const contextMs = performance.now() - begun;
  const { text } = renderNode({
    templates: compileTemplates(files),
    tasks: contexts,
    node,
    hasSinks: true,
    linksDir: '/var/lib/nvl/links',
    live: new Map(),
    seats: new Map(),
    carried: new Set(),
    quarantined: new Map(),
  });
  const renderMs = performance.now() - begun - contextMs;
  const memory = process.memoryUsage();
  return {
    tasks: contexts.length,
    parseMs,
    contextMs,
    renderMs,
    heapBytes: memory.heapUsed - heapBefore,
    residentBytes: memory.rss,
    fileBytes: text.length,
  };
};

const timeParse = (answer: string): number => {
  const started = performance.now();
  JSON.parse(answer);
  return performance.now() - started;
};

type Raw = Record<string, unknown>;

/** The recorded allocation with ids and names of its own, as Nomad would list it beside the others. */
const distinct = (recorded: Raw, number: number): Raw => {
  const digits = String(number).padStart(8, '0');
  const job = recorded.Job as Raw;
  const [group = {}] = job.TaskGroups as Raw[];
  const [task = {}] = group.Tasks as Raw[];
  const name = `agent-${digits}`;
  return {
    ...recorded,
    ID: `${digits}-0000-4000-8000-${digits}0000`,
    JobID: `job-${digits}`,
    Job: { ...job, ID: `job-${digits}`, TaskGroups: [{ ...group, Tasks: [{ ...task, Name: name }] }] },
  };
};

const [size] = positionals;
if (size === undefined) await main();
else process.stdout.write(JSON.stringify(await measure(Number(size))));
