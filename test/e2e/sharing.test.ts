import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TaskContext } from '../../lib/context/context.ts';
import { renderOf } from '../render/support.ts';
import { strings } from '../safe/support/values.ts';
import { aContext, aTransform, idOfTask, someTemplates } from '../support/builders.ts';
import { deliverRendered, RENDERED_SINK } from '../support/deliver-rendered.ts';
import { needs, vector } from '../support/programs.ts';
import type { DeliveredEvent } from '../support/vector.ts';

// Whatever the contexts and the templates are: what arrives of tasks that share a pipeline is what arrives where each has one
// of its own, and what a task is called arrives as Nomad has it.

/** Parts of a profile's program: values in strings, bare, in patterns and keys; branches; what a line may forge or drop. */
const FRAGMENTS = [
  '.a = "{{meta.a}}"',
  '.where = "{{namespace}}/{{job.id}}/{{group.name}}[{{alloc.index}}]"',
  '.index = {{alloc.index}}',
  '{{#if meta.b}}.b = "{{meta.b}}"{{else}}.b = false{{/if}}',
  '. |= object(parse_json(string(.message) ?? "") ?? {}) ?? {}',
  'if contains(string(.message) ?? "", "{{meta.b}}") { .seen = true }',
  '.match = match(string(.message) ?? "", r\'^{{meta.a}}\')',
  '# of {{job.id}}',
  '.key."{{meta.b}}" = true',
  '.nomad.mine = "{{meta.a}}"',
  '.nvl.parse_error = "{{meta.b}}"',
  'if starts_with(string(.message) ?? "", "drop") { abort }',
  '{{#each tags}}.tags = push(array(.tags) ?? [], "{{this}}")\n{{/each}}.last = true',
] as const;

/** Undefined: those that nvl ships. */
const LABELS = [
  undefined,
  `.nomad = {
  "job_name": "{{job.id}}",
  "a": "p {{meta.a}} q",
  "index": {{alloc.index}},
  "stream": stream,
  {{#if meta.b}}"b": "{{meta.b}}"{{else}}"none": true{{/if}}
}`,
  `.nomad = { "job_name": "{{job.id}}", "stream": stream }
if "{{meta.a}}" == "x" { .nomad.is_x = true } else { .nomad.a = "{{meta.a}}" }
if {{alloc.index}} > 1 { .nomad.group = "{{group.name}}" }`,
];

/** Few of them, so that tasks share; and all that others have tried. */
const value = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('x', 'y') },
  { weight: 1, arbitrary: fc.constantFrom(...strings) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }) },
);
const name = value.filter((text) => text.trim() !== '');

const task = fc.record({
  job: name,
  group: name,
  namespace: name,
  task: name,
  index: fc.nat({ max: 3 }),
  profile: fc.constantFrom('one', 'two'),
  meta: fc.record({ a: value, b: value }, { requiredKeys: [] }),
});

const node = fc.record({
  one: fc.subarray([...FRAGMENTS], { minLength: 1 }),
  two: fc.subarray([...FRAGMENTS], { minLength: 1 }),
  labels: fc.constantFrom(...LABELS),
  /** Whether the second profile joins lines that are indented. */
  joins: fc.boolean(),
  tasks: fc.array(task, { minLength: 8, maxLength: 16 }),
});

/** How many nodes are tried; `VITEST_TIMES=40` for more of them (names that begin so reach a test). */
const TIMES = Number(process.env.VITEST_TIMES ?? 6);

const STREAMS = ['stdout', 'stderr'] as const;

const linesOf = (index: number, stream: string): string[] => [
  `plain ${stream}-${index}-1`,
  JSON.stringify({ message: `${stream}-${index}-2`, nomad: { job_name: 'evil' }, nvl: 'evil', 'nvl.mark': 'evil' }),
  ` more of ${stream}-${index}-2`,
  `drop ${stream}-${index}-3`,
  `  at ${stream}-${index}-3`,
  `x ${stream}-${index}-4 y`,
  JSON.stringify({ token: lastOf(index, stream) }),
];
const lastOf = (index: number, stream: string): string => `last-of-${stream}-${index}-`;

test('sharing a pipeline never changes what arrives', needs(vector), async () => {
  let shared = 0;
  await fc.assert(
    fc.asyncProperty(node, async ({ one, two, labels, joins, tasks: given }) => {
      const templates = await someTemplates({
        'vector/sink.toml.hbs': RENDERED_SINK,
        'profiles/one/transform.toml.hbs': aTransform(one.join('\n')),
        'profiles/two/transform.toml.hbs': aTransform(two.join('\n')),
        ...(joins ? JOINING : {}),
        ...(labels === undefined ? {} : { 'vector/labels.toml.hbs': ownLabels(labels) }),
      });
      const tasks = given.map(({ profile, meta, ...names }, index) =>
        aContext({ ...names, id: idOfTask(index), taskMeta: { ...meta, nvl_profile: profile } }),
      );
      const together = await renderOf({ templates, tasks });
      const alone = await renderOf({ templates, tasks, mayShare: false });
      expect(together.rows.map(({ stem }) => stem).sort()).toEqual(alone.rows.map(({ stem }) => stem).sort());
      expect(pipelinesOf(alone.rows)).toBe(alone.rows.length);
      shared += together.rows.length - pipelinesOf(together.rows);

      const shipped = new Set(together.rows.map(({ stem }) => stem));
      const logs = logsOf(tasks);
      const isDone = (text: string) =>
        tasks.every(
          ({ id }, index) => !shipped.has(id) || STREAMS.every((stream) => text.includes(lastOf(index, stream))),
        );
      const events = await deliverRendered({ rendered: together, logs, isDone });
      expect(comparable(events)).toEqual(comparable(await deliverRendered({ rendered: alone, logs, isDone })));
      for (const event of events) expect(event.nomad?.job_name).toBe(taskOf({ event, tasks })?.job.id);
    }),
    { numRuns: TIMES, endOnFailure: true },
  );
  // Else nothing was shown.
  expect(shared).toBeGreaterThan(0);
});

const ownLabels = (program: string): string =>
  `[transforms.{{id}}_out]\ntype = "remap"\ninputs = ["{{input}}"]\nsource = '''\n${program}\n'''\n`;

const JOINING = {
  'profiles/two/profile.yaml': 'parameters:\n  multiline_timeout: { type: duration, default: 1s }\n',
  'profiles/two/source.toml.hbs':
    '{{> nvl/source}}\n{{> nvl/lines}}\nstarts_when = \'!starts_with(string(.message) ?? "", " ")\'\n',
};

const pipelinesOf = (rows: readonly { pipeline: string }[]): number =>
  new Set(rows.map(({ pipeline }) => pipeline)).size;

const logsOf = (tasks: readonly TaskContext[]) =>
  new Map(
    tasks.map(({ id }, index) => [
      id,
      Object.fromEntries(STREAMS.map((stream) => [`${stream}.0`, linesOf(index, stream)])),
    ]),
  );

/** In an order of their own, without the time at which each was read. */
const comparable = (events: readonly DeliveredEvent[]): string[] =>
  events.map(({ timestamp: _, ...event }) => JSON.stringify(sorted(event))).sort();

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  );
};

/** Whose line an event is, by what the line itself says. */
const taskOf = ({ event, tasks }: { event: DeliveredEvent; tasks: readonly TaskContext[] }): TaskContext | undefined =>
  tasks[Number(/(?:stdout|stderr)-(\d+)-/.exec(`${event.token} ${event.message}`)?.[1])];
