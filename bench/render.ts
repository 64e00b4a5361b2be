/**
 * `npm run bench:render`: what rendering costs against parsing Nomad's answer, in one process and cold, for 1,000 and for
 * 10,000 distinct tasks. Each size runs in a process of its own; ratios are what to quote.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readTemplates } from '../lib/config/read-templates.ts';
import { nodeContext, taskContext } from '../lib/context/context.ts';
import { readNode } from '../lib/nomad/node.ts';
import { readAllocation } from '../lib/nomad/read-allocation.ts';
import { renderNode } from '../lib/render/render.ts';
import { compileTemplates } from '../lib/render/templates.ts';

const RECORDED = new URL('../test/fixtures/recorded/', import.meta.url);

const main = async (): Promise<void> => {
  const self = fileURLToPath(import.meta.url);
  const rows: Row[] = [];
  for (const tasks of [1_000, 1_000, 1_000, 10_000, 10_000, 10_000]) {
    const { stdout } = await promisify(execFile)(process.execPath, [self, String(tasks)], { maxBuffer: 1e6 });
    rows.push(JSON.parse(stdout) as Row);
  }
  const [small, large] = [medianRow(rows.slice(0, 3)), medianRow(rows.slice(3))];
  console.log('tasks    JSON.parse of 1,000   context   render    render / parse   both / parse   memory');
  for (const row of [small, large]) console.log(describeRow(row));
  console.log(`10,000 tasks take ${(large.renderMs / small.renderMs).toFixed(1)} times what 1,000 take`);
};

type Row = {
  tasks: number;
  parseMs: number;
  contextMs: number;
  renderMs: number;
  heapMb: number;
  rssMb: number;
  bytes: number;
};

const describeRow = (row: Row): string =>
  [
    row.tasks.toLocaleString('en').padEnd(8),
    `${row.parseMs.toFixed(0)} ms`.padEnd(21),
    `${row.contextMs.toFixed(0)} ms`.padEnd(9),
    `${row.renderMs.toFixed(0)} ms`.padEnd(9),
    (row.renderMs / row.parseMs).toFixed(2).padEnd(16),
    ((row.contextMs + row.renderMs) / row.parseMs).toFixed(2).padEnd(14),
    `${row.heapMb.toFixed(0)} MB of heap, ${row.rssMb.toFixed(0)} MB resident in all`,
  ].join(' ');

const medianRow = (rows: Row[]): Row =>
  [...rows].sort((a, b) => a.renderMs / a.parseMs - b.renderMs / b.parseMs)[1] as Row;

/** One size, in this process. The answer of 1,000 tasks is parsed for the yardstick, whatever the size. */
const measure = async (tasks: number): Promise<Row> => {
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
    heapMb: (memory.heapUsed - heapBefore) / 2 ** 20,
    rssMb: memory.rss / 2 ** 20,
    bytes: text.length,
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

const size = Number(process.argv[2] ?? 0);
if (size > 0) console.log(JSON.stringify(await measure(size)));
else await main();
