import { expect, test } from 'vitest';
import { withoutConnections } from '../../lib/render/connections.ts';
import { blocksOf } from '../../lib/render/file.ts';
import { withMeasures } from '../../lib/render/measures.ts';
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

test.each([
  [
    'a transform',
    {
      [PATH]: transform({ name: 'parse', input: '{{input}}', program: '.a = 1' }).replace(
        'type =',
        'measure_cpu_usage = false\ntype =',
      ),
    },
  ],
  [
    'a source',
    {
      'profiles/mine/source.toml.hbs':
        '[sources.{{id}}]\ntype = "file"\ninclude = {{logs.include}}\ninternal_metrics.include_file_tag = false\n',
      ...one('.a = 1'),
    },
  ],
])('%s that says itself what is measured of it is left as it is', async (_, files) => {
  const { text } = await renderOf({ templates: await someTemplates(files), tasks: [task], isMeasured: true });
  expect(() => componentsIn(text)).not.toThrow();
  expect(text).toMatch(/^(measure_cpu_usage|internal_metrics\.include_file_tag) = false$/m);
});

test('a source that reads no files is told nothing of files', () =>
  expect(withMeasures('[sources.a]\ntype = "demo_logs"\n\n[transforms.a_lines]\ntype = "reduce"')).toBe(
    '[sources.a]\ntype = "demo_logs"\n\n[transforms.a_lines]\nmeasure_cpu_usage = true\ntype = "reduce"',
  ));
