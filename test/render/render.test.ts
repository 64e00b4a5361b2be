import { expect, test } from 'vitest';
import type { Row } from '../../lib/pipelines/row.ts';
import type { Rendered } from '../../lib/render/render.ts';
import { aContext, idOf, shuffled, someTemplates } from '../support/builders.ts';
import { componentsIn, pipelineOf, renderOf, rowOf, wayOf } from './support.ts';

test('one task without a transform: the source of its pipeline feeds the labels, and those feed nomad_logs', async () => {
  const task = aContext();
  const rendered = await renderOf({ tasks: [task] });
  const id = pipelineOf(rendered, task);
  const { sources, transforms, sinks } = componentsIn(rendered.text);
  expect(Object.keys(sources)).toEqual(['nvl_none', id]);
  expect(transforms[`${id}_out`]?.inputs).toEqual([id]);
  expect(transforms.nomad_logs?.inputs).toEqual(['nvl_none', `${id}_out`]);
  expect(Object.values(sinks).map(({ inputs }) => inputs)).toEqual([['nomad_logs']]);
});

test('with a transform: source, the row, the profile, and the labels last', async () => {
  const task = aContext({ jobMeta: { nvl_profile: 'logfmt' } });
  const rendered = await renderOf({ tasks: [task] });
  expect(wayOf(rendered, task)).toEqual(['_out', '_parse', '_in', '']);
});

test('a source reads the links of its pipeline alone, from the beginning, told apart by inode', async () => {
  const task = aContext({ task: 'app' });
  const rendered = await renderOf({ tasks: [task] });
  const id = pipelineOf(rendered, task);
  expect(componentsIn(rendered.text).sources[id]).toMatchObject({
    type: 'file',
    include: [`/nvl/links/${id}/*`],
    read_from: 'beginning',
    fingerprint: { strategy: 'device_and_inode' },
    max_line_bytes: 1_048_576,
  });
});

test('the characters of globs in a task name stand in its row, and in no path', async () => {
  const task = aContext({ task: 'a*?[b]' });
  const rendered = await renderOf({ tasks: [task] });
  expect(Object.values(rowOf(rendered, task)?.cells ?? {})).toContain('a*?[b]');
  expect(rendered.text).toBe((await renderOf({ tasks: [aContext()] })).text);
});

test('the labels assign .nomad whole: who and where from, and the stream, and nothing else', async () => {
  const task = aContext({ namespace: 'prod', job: 'a/b', group: 'g', task: 't', id: idOf(7) });
  const rendered = await renderOf({ tasks: [task] });
  const { pipeline, cells } = rowOf(rendered, task) as Row;
  const source = String(componentsIn(rendered.text).transforms[`${pipeline}_out`]?.source);
  const [, assigned = ''] = /^\.nomad = \{$(.*?)^\}$/ms.exec(source) ?? [];
  expect(
    assigned
      .trim()
      .split('\n')
      .map((line) => line.trim().replace(/[%\w.]*row\.(c_\w+),$/, (_, column) => cells[column] ?? '')),
  ).toEqual([
    '"namespace": prod',
    '"node_name": node-1',
    '"job_name": a/b',
    '"group_name": g',
    '"task_name": t',
    `"alloc_id": ${idOf(7)}`,
    '"stream": stream,',
  ]);
  // Nothing stands behind it that could change it again.
  expect(source.trimEnd()).toMatch(/\n\}\n {2}del\(%nvl\) \}(?:\ndel\(\.\w+\))+$/);
});

test("the shipped sink acknowledges, so that a killed Vector's lines are read again", async () => {
  const { sinks } = componentsIn((await renderOf()).text);
  expect(Object.values(sinks).map(({ acknowledgements }) => acknowledgements)).toEqual([{ enabled: true }]);
});

test('no task at all', async () => {
  const { text, blocks, refused } = await renderOf();
  expect(refused).toEqual([]);
  expect(blocks.map(({ key }) => key)).toEqual(['sink:default']);
  expect(componentsIn(text).transforms).toEqual({ nomad_logs: expect.objectContaining({ inputs: ['nvl_none'] }) });
});

test('a team that keeps its own sinks gets none, nor is a word said of their template', async () => {
  const templates = await someTemplates({ 'vector/sink.toml.hbs': '{{nonsense' });
  const { text, refused } = await renderOf({ templates, hasSinks: false });
  expect(refused).toEqual([]);
  expect(componentsIn(text).sinks).toEqual({});
});

test('a profile overrides what it has, and takes the rest from the default one', async () => {
  const templates = await someTemplates({
    'profiles/quick/source.toml.hbs':
      '[sources.{{id}}]\ntype = "file"\ninclude = {{logs.include}}\nglob_minimum_cooldown_ms = 50\n',
    'vector/transform.toml.hbs':
      '[transforms.{{id}}_parse]\ntype = "filter"\ninputs = ["{{input}}"]\ncondition = "true"\n',
  });
  const task = aContext({ jobMeta: { nvl_profile: 'quick' } });
  const rendered = await renderOf({ templates, tasks: [task] });
  const id = pipelineOf(rendered, task);
  const { sources, transforms } = componentsIn(rendered.text);
  expect(sources[id]?.glob_minimum_cooldown_ms).toBe(50);
  expect(transforms[`${id}_parse`]?.type).toBe('filter');
});

test('equal input gives equal bytes, whatever the order it comes in', async () => {
  const templates = await someTemplates({
    'vector/sink.toml.hbs':
      '[sinks.x]\ntype = "console"\ninputs = ["{{input}}"]\nencoding.codec = "json"\n{{#each tasks}}\n# {{task.name}} of {{alloc.id}}\n{{/each}}',
  });
  const tasks = [1, 2, 3, 4].flatMap((digit) =>
    ['app', 'app-sidecar', 'db'].map((task) =>
      aContext({
        id: idOf(digit),
        task,
        namespace: digit > 2 ? 'b' : 'a',
        taskMeta: { nvl_profile: digit === 4 ? 'nope' : 'logfmt' },
      }),
    ),
  );
  const first = await renderOf({ templates, tasks });
  for (let seed = 0; seed < 8; seed += 1) {
    const again = await renderOf({ templates, tasks: shuffled(tasks, seed) });
    expect(again.text).toBe(first.text);
    expect(again.rows).toEqual(first.rows);
    expect(again.refused).toEqual(first.refused);
  }
});

test('two allocations of one group share a pipeline, and have a row each', async () => {
  const tasks = [aContext({ id: idOf(1), index: 0 }), aContext({ id: idOf(2), index: 1 })];
  const rendered = await renderOf({ tasks });
  expect(rendered.rows.map(({ stem, cells }) => [stem, Object.values(cells).at(-1)])).toEqual([
    [tasks[0]?.id, idOf(1)],
    [tasks[1]?.id, idOf(2)],
  ]);
  expect(new Set(rendered.rows.map(({ pipeline }) => pipeline)).size).toBe(1);
  expect(Object.keys(componentsIn(rendered.text).sources)).toHaveLength(2);
});

test('the header names the templates that it comes from, and no others', async () => {
  const logfmt = await renderOf({ tasks: [aContext({ jobMeta: { nvl_profile: 'logfmt' } })] });
  const named = ({ text }: Rendered) => [...text.matchAll(/^# {3}(.*)$/gm)].map(([, name]) => name);
  expect(named(logfmt)).toEqual([
    'profiles/logfmt/transform.toml.hbs',
    'vector/labels.toml.hbs',
    'vector/sink.toml.hbs',
    'vector/source.toml.hbs',
  ]);
  // They stay as long as the pipeline does that no task is in.
  const idle = await renderOf({ live: logfmt, idle: logfmt.rows.map(({ pipeline }) => pipeline) });
  expect(named(idle)).toEqual(named(logfmt));
  expect(named(await renderOf({ live: logfmt }))).toEqual(['vector/labels.toml.hbs', 'vector/sink.toml.hbs']);
});
