/**
 * How long safe values take for 1,000 and 10,000 distinct tasks of three templates (source, transform, labels; about
 * 19 values): cold, in this one process, Handlebars' own work included. `node bench/safe-values.ts`
 */

import { Glob } from '../lib/glob.ts';
import { compileSafe } from '../lib/render/safe/index.ts';

const source = `[sources.{{id}}]
type = "file"
include = {{logs.include}}
read_from = "beginning"
fingerprint.strategy = "device_and_inode"
glob_minimum_cooldown_ms = 250
max_line_bytes = 1_048_576
`;

const transform = `[transforms.{{id}}_parse]
type = "remap"
inputs = ["{{input}}"]
source = '''
structured, err = parse_logfmt(.message)
if err == null {
  . |= structured
} else if match(string!(.message), r'^{{task.name}}:') {
  .app = "{{task.name}}"
}
{{#each tags}}
.tags.{{@key}} = "{{this}}"
{{/each}}
{{#if meta.team}}
.team = "{{meta.team}}"
{{/if}}
.priority = {{job.priority}}
'''
`;

const labels = `[transforms.{{id}}_out]
type = "remap"
inputs = ["{{input}}"]
source = '''
.nomad = {
  "namespace": "{{namespace}}",
  "node_name": "{{alloc.nodeName}}",
  "job_name": "{{job.id}}",
  "group_name": "{{group.name}}",
  "task_name": "{{task.name}}",
  "alloc_id": "{{alloc.id}}",
}
'''
`;

const task = (number: number, name: string) => ({
  id: `nvl_${number.toString(16).padStart(8, '0')}_web`,
  input: `nvl_${number.toString(16).padStart(8, '0')}_web`,
  namespace: 'default',
  alloc: { id: `9a1f77d4-0000-4000-8000-${String(number).padStart(12, '0')}`, nodeName: 'node-17' },
  job: { id: `shop/web-${number}`, priority: 50 + (number % 40) },
  group: { name: `group-${number % 7}` },
  task: { name },
  meta: { team: `team ${number % 12}` },
  tags: { tier: 'front', cost: `c${number}` },
  logs: {
    include: [
      new Glob(`/var/lib/nvl/links/${number}/web.stdout.[0-9]*`),
      new Glob(`/var/lib/nvl/links/${number}/web.stderr.[0-9]*`),
    ],
  },
});

/** Time of this thread alone, whatever else the machine does; the garbage collector's helpers are not in it. */
const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

const measure = (count: number, nameOf: (number: number) => string): { ms: number; bytes: number } => {
  const tasks = Array.from({ length: count }, (_, number) => task(number, nameOf(number)));
  const start = cpuMs();
  const templates = Object.entries({ source, transform, labels }).map(([name, text]) => compileSafe({ name, text }));
  let bytes = 0;
  for (const context of tasks) {
    for (const template of templates) {
      const rendered = template.render(context);
      if (!rendered.ok) throw new Error(JSON.stringify(rendered.refusals));
      bytes += rendered.text.length;
    }
  }
  return { ms: cpuMs() - start, bytes };
};

const show = (words: string, { ms, bytes }: { ms: number; bytes: number }): void => {
  const megabytes = (process.memoryUsage().rss / 1_048_576).toFixed(0);
  console.log(
    `${words.padEnd(34)} ${ms.toFixed(0).padStart(6)} ms   ${(bytes / 1024).toFixed(0).padStart(6)} KiB rendered   ${megabytes} MiB resident`,
  );
};

show(
  '1,000 tasks, cold',
  measure(1_000, (number) => `web-${number}`),
);
show(
  '1,000 tasks again',
  measure(1_000, (number) => `web-${number}`),
);
show(
  '10,000 tasks',
  measure(10_000, (number) => `web-${number}`),
);
show(
  '1,000 tasks with hostile names',
  measure(1_000, (number) => `we"b' {{${number}}} $HOME`),
);
