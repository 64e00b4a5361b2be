import { expect, test } from 'vitest';
import { withoutConnections } from '../../lib/render/connections.ts';
import { blocksOf } from '../../lib/render/file.ts';
import { canMeasure, withMeasures } from '../../lib/render/measures.ts';
import type { Rendered } from '../../lib/render/render.ts';
import { aContext, aTransform, someTemplates } from '../support/builders.ts';
import { blockOf, componentsIn, pipelineOf, renderOf } from './support.ts';

// Vector loses what comes while one reader of a component goes and another comes. A source that changes in the same reload
// has delivered all before: so it has to change with what reads its lines, and with nothing else.

const task = aContext({ taskMeta: { nvl_profile: 'mine' } });
const PATH = 'profiles/mine/transform.toml.hbs';
const SINK = 'profiles/mine/sink.toml.hbs';
const LABELS = 'vector/labels.toml.hbs';
const transform = ({ name, input, program }: { name: string; input: string; program: string }) =>
  `[transforms.{{id}}_${name}]\ntype = "remap"\ninputs = ["${input}"]\nsource = '''\n${program}\n'''\n`;
const labels = (program: string) => transform({ name: 'out', input: '{{input}}', program });
const one = (program: string) => ({ [PATH]: transform({ name: 'parse', input: '{{input}}', program }) });
const two = (first: string, second: string) => ({
  [PATH]: `${transform({ name: 'first', input: '{{input}}', program: first })}${transform({ name: 'parse', input: '{{id}}_first', program: second })}`,
});
const sink = { [SINK]: '[sinks.own]\ntype = "blackhole"\ninputs = ["{{input}}"]\n' };
const rendered = async (files: Record<string, string>, live?: Rendered): Promise<Rendered> =>
  renderOf({ templates: await someTemplates(files), tasks: [task], ...(live === undefined ? {} : { live }) });

const ID = /^nvl_mine_[0-9a-f]{8}/;

/** The ids whose text is another in the second file; those in one file alone too. */
const changed = (before: Rendered, after: Rendered): string[] => {
  const [a, b] = [before, after].map(({ text }) => {
    const { sources, transforms } = componentsIn(text);
    return { ...sources, ...transforms } as Record<string, unknown>;
  }) as [Record<string, unknown>, Record<string, unknown>];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .filter((id) => JSON.stringify(a[id]) !== JSON.stringify(b[id]))
    .map((id) => id.replace(ID, ''))
    .sort();
};

test.each<[string, Record<string, string>, Record<string, string>, string[]]>([
  ['nothing', one('.a = 1'), one('.a = 1'), []],
  ['the text of its only transform', one('.a = 1'), one('.a = 2'), ['_parse']],
  ['a comment there that looks like a head', one('.a = 1'), one('.a = 1 # [transforms.x]'), ['_parse']],
  ['a transform more', one('.a = 1'), two('.b = 1', '.a = 1'), ['', '_first', '_in', '_out', '_parse']],
  ['a transform less', two('.b = 1', '.a = 1'), one('.a = 1'), ['', '_first', '_in', '_out', '_parse']],
  ['one of two transforms', two('.b = 1', '.a = 1'), two('.b = 2', '.a = 1'), ['', '_first']],
  [
    'the labels',
    { ...one('.a = 1'), [LABELS]: labels('.l = 1') },
    { ...one('.a = 1'), [LABELS]: labels('.l = 2') },
    ['', '_out'],
  ],
  [
    'a sink of its own',
    one('.a = 1'),
    { ...one('.a = 1'), ...sink },
    ['', '_in', '_out', '_parse', 'nomad_logs', 'nomad_logs_mine', 'nomad_logs_rest'],
  ],
])('what changes with %s', async (_, before, after, ids) => {
  expect(changed(await rendered(before), await rendered(after))).toEqual(ids);
});

test('what moves a task to another pipeline changes nothing of the one it leaves', async () => {
  const before = await rendered(one('.a = 1'));
  const id = pipelineOf(before, task);
  for (const files of [one('.a = "{{job.name}}"'), { [PATH]: '{{#if' }] as Record<string, string>[]) {
    const own = await rendered(files);
    expect(pipelineOf(own, task)).not.toBe(id);
    const both = await renderOf({ templates: await someTemplates(files), tasks: [task], live: before, idle: [id] });
    if (own.refused.length === 0)
      expect(withoutConnections(blocksOf(both.text).get(id)?.text ?? '')).toBe(
        withoutConnections(blockOf(before, task).text),
      );
  }
});

test('a block that is kept from the live file is the same text again, whatever takes its lines', async () => {
  const before = await rendered({ ...one('.a = 1'), ...sink });
  expect(before.text).toMatch(/^graph\.node_attributes\.nvl = "[0-9a-f]{8} nomad_logs_mine"$/m);
  const [block, again] = [before.blocks, [...blocksOf(before.text).values()]].map((blocks) =>
    blocks.find(({ key }) => key === pipelineOf(before, task)),
  );
  expect(block).toBeDefined();
  expect(again).toEqual(block);
  const kept = await rendered({ [PATH]: '{{#if', ...sink }, before);
  expect(kept.text).toBe(before.text);
});

test('a template with graph attributes of its own keeps them, and stays a file that Vector can read', async () => {
  const own = `${aTransform()}[transforms.{{id}}_parse.graph]\nnode_attributes = { color = "red" }\n`;
  const made = await rendered({ [PATH]: own });
  expect(made.refused).toEqual([]);
  expect(componentsIn(made.text).transforms[`${pipelineOf(made, task)}_parse`]).toMatchObject({
    graph: { node_attributes: { color: 'red' } },
  });
});

test('what Vector measures for nvl: each transform, each file of a source, and all change with it, so that the source restarts', async () => {
  const templates = await someTemplates(two('.b = 1', '.a = 1'));
  const plain = await renderOf({ templates, tasks: [task] });
  const measured = await renderOf({ templates, tasks: [task], isMeasured: true });
  expect(changed(plain, measured)).toEqual(['', '_first', '_in', '_out', '_parse']);
  const { sources, transforms } = componentsIn(measured.text) as Record<string, Record<string, object>>;
  const { key } = blockOf(measured, task);
  expect(sources?.[key]).toMatchObject({ internal_metrics: { include_file_tag: true } });
  const own = Object.entries(transforms ?? {}).filter(([id]) => id.startsWith(`${key}_`));
  expect(own.map(([, table]) => table)).toEqual(own.map(() => expect.objectContaining({ measure_cpu_usage: true })));
  expect(own).toHaveLength(4);
});

const withSource = (line: string) => ({
  'profiles/mine/source.toml.hbs': `[sources.{{id}}]\ntype = "file"\ninclude = {{logs.include}}\n${line}\n`,
  ...one('.a = 1'),
});
const withParse = (line: string) => ({
  [PATH]: transform({ name: 'parse', input: '{{input}}', program: '.a = 1' }).replace('type =', `${line}\ntype =`),
});

test.each<[string, Record<string, string>]>([
  ['a transform that says itself what is measured of it', withParse('measure_cpu_usage = false')],
  ['a source that says it', withSource('internal_metrics.include_file_tag = false')],
  ['a graph of its own, by which the source would stay as it is', withSource('graph.node_attributes.color = "red"')],
])('of a pipeline with %s nothing is measured: all of it changes, or nothing', async (_, files) => {
  const templates = await someTemplates(files);
  const plain = await renderOf({ templates, tasks: [task] });
  const measured = await renderOf({ templates, tasks: [task], isMeasured: true });
  expect(plain.refused).toEqual([]);
  expect(measured.text).toBe(plain.text);
});

test('a pipeline of containers is not measured: what reads containers stays, and would give lines to nobody', async () => {
  const container = aContext({ driver: 'docker' });
  const containers = { logs: { from: 'docker_logs' as const, host: undefined }, tasks: new Set([container.id]) };
  const { text } = await renderOf({ tasks: [container], containers, isMeasured: true });
  expect(text).toContain('nvl_containers');
  expect(text).not.toContain('measure_cpu_usage');
});

const ID_TEXT = '[sources.a] # x\ntype = \'file\'\n\n[transforms.a_lines]\ntype = "reduce"\nids = "[transforms.b]"';
const IN_PROGRAM = `[transforms.a_out]\ntype = "remap"\nsource = '''\n# measure_cpu_usage\n[transforms.evil]\n'''`;

test.each<[string, string, boolean]>([
  ['a head with a comment', ID_TEXT, true],
  ['a word, and what looks like a head, in a program', IN_PROGRAM, true],
  ['a head in quotes', '[transforms."a"]\ntype = "remap"', false],
  ['a source that reads no files', '[sources.a]\ntype = "demo_logs"', false],
])('what can be measured: %s', (_, text, can) => {
  expect(canMeasure({ text, id: 'a' })).toBe(can);
  if (!can) return;
  const { sources, transforms } = componentsIn(withMeasures({ text, id: 'a' }));
  for (const table of Object.values(transforms)) expect(table).toMatchObject({ measure_cpu_usage: true });
  for (const table of Object.values(sources)) expect(table).toMatchObject({ internal_metrics: {} });
});
