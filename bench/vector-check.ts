/**
 * `npm run bench:check [-- --pipelines 1000 --rounds 40]`: prints what it takes to check a configuration of so many pipelines without
 * Vector, beside reading its text alone: by the processor's time of this process, the first round and the median of the others.
 */
import { parseArgs } from 'node:util';
import { parse } from 'smol-toml';
import { readTemplates } from '../lib/config/read-templates.ts';
import { nodeContext, taskContext } from '../lib/context/context.ts';
import { readNode } from '../lib/nomad/node.ts';
import { readAllocation } from '../lib/nomad/read-allocation.ts';
import { renderNode } from '../lib/render/render.ts';
import { compileTemplates } from '../lib/render/templates.ts';
import { checkVectorConfig } from '../lib/vector-check/check.ts';
import { readVectorConfig } from '../lib/vector-check/read-config.ts';

const { values } = parseArgs({
  options: { pipelines: { type: 'string', default: '1000' }, rounds: { type: 'string', default: '40' } },
});

/** A node whose tasks share no pipeline. */
const render = async (pipelines: number): Promise<string> => {
  const node = nodeContext(readNode({ ID: '9', Name: 'node', Datacenter: 'dc1' }));
  const tasks = Array.from({ length: pipelines }, (_, at) => {
    const digits = at.toString(16).padStart(8, '0');
    const allocation = readAllocation({
      ID: `${digits}-0000-4000-8000-${digits}0000`,
      Namespace: 'default',
      JobID: `job-${at}`,
      TaskGroup: 'web',
      ClientStatus: 'running',
      Job: {
        ID: `job-${at}`,
        Name: `job-${at}`,
        Type: 'service',
        TaskGroups: [{ Name: 'web', Tasks: [{ Name: 'web', Driver: 'exec' }] }],
      },
      TaskStates: { web: { State: 'running' } },
    });
    if (allocation === undefined) throw new Error('no allocation');
    return allocation.tasks.map((task) =>
      taskContext({
        allocation,
        task,
        node,
        linksDir: '/var/lib/nvl/links',
        chosen: { profile: 'default', params: {} },
      }),
    );
  }).flat();
  const { text } = renderNode({
    templates: compileTemplates(await readTemplates(undefined)),
    tasks,
    node,
    hasSinks: true,
    mayShare: () => false,
    linksDir: '/var/lib/nvl/links',
    live: new Map(),
    seats: new Map(),
    carried: new Set(),
    quarantined: new Map(),
  });
  return text;
};

const cpuMsOf = (work: () => void): number => {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

const text = await render(Number(values.pipelines));
const file = { file: 'nomad.toml', text };
const bad = { file: 'nomad.toml', text: text.replace(/^max_line_bytes = /m, 'max_line_bites = ') };
const works: Record<string, () => void> = {
  'reading the TOML alone': () => parse(text),
  'the check, with reading it': () => {
    if (checkVectorConfig({ config: readVectorConfig([file]) }).length > 0) throw new Error('a finding');
  },
  'the same of one with a slip, with its line': () => {
    if (checkVectorConfig({ config: readVectorConfig([bad]) })[0]?.line === undefined) throw new Error('no line');
  },
};
const { components } = readVectorConfig([file]);
console.log(`${values.pipelines} pipelines: ${components.length} components, ${Math.round(text.length / 1000)} kB`);
for (const [name, work] of Object.entries(works)) {
  const [first = 0, ...others] = Array.from({ length: Number(values.rounds) }, () => cpuMsOf(work));
  console.log(
    `${name}: first ${Math.round(first)} ms, then ${Math.round(others.sort((a, b) => a - b)[Math.floor(others.length / 2)] ?? 0)} ms`,
  );
}
