import { expect, test } from 'vitest';
import type { TaskContext } from '../../lib/context/context.ts';
import { blocksOf, namesOfPipeline } from '../../lib/render/file.ts';
import { aContext, idOf, someTemplates } from '../support/builders.ts';
import { componentsIn, markOf, pipelineOf, renderOf } from './support.ts';

const sink = (name: string) =>
  `[sinks.${name}]\ntype = "blackhole"\ninputs = ["{{input}}"]\nacknowledgements.enabled = true\n`;
const plain = aContext({ id: idOf(1), task: 'plain' });
const own = aContext({ id: idOf(2), task: 'own', taskMeta: { nvl_profile: 'tenant' } });
const ruled = { ...aContext({ id: idOf(3), task: 'ruled' }), sink: 'tenant' };

const tenantSink = (text = sink('tenant')) => ({ 'profiles/tenant/sink.toml.hbs': text });
const BROKEN = '[sinks.nvl_x]\ntype = "blackhole"';

test('without a sink of a profile, the one of the node takes every line', async () => {
  const { transforms, sinks } = componentsIn((await renderOf({ tasks: [plain] })).text);
  expect(Object.keys(transforms).filter((id) => id.startsWith('nomad_logs'))).toEqual(['nomad_logs']);
  expect(sinks.console?.inputs).toEqual(['nomad_logs']);
});

test('a profile’s own sink takes its tasks’ lines and those a rule sends it, and the node’s takes the rest', async () => {
  const templates = await someTemplates({ 'profiles/tenant/sink.toml.hbs': sink('tenant') });
  const rendered = await renderOf({ templates, tasks: [ruled, own, plain] });
  const { transforms, sinks } = componentsIn(rendered.text);
  expect(rendered.refused).toEqual([]);
  expect(sinks.tenant?.inputs).toEqual(['nomad_logs_tenant']);
  expect(sinks.console?.inputs).toEqual(['nomad_logs_rest']);
  const outs = (...tasks: TaskContext[]) => tasks.map((task) => `${pipelineOf(rendered, task)}_out`).sort();
  expect(transforms.nomad_logs_tenant?.inputs).toEqual(['nvl_none', ...outs(own, ruled)]);
  expect(transforms.nomad_logs_rest?.inputs).toEqual(['nvl_none', ...outs(plain)]);
  expect(transforms.nomad_logs?.inputs).toEqual(['nvl_none', ...outs(own, ruled, plain)]);
  expect([...blocksOf(rendered.text).values()].map(({ heading }) => namesOfPipeline(heading))).toEqual([
    { profile: 'default' },
    { profile: 'default', sink: 'tenant' },
    { profile: 'tenant', sink: 'tenant' },
    undefined,
    undefined,
  ]);
});

test('the sink of a profile without tasks here is left out', async () => {
  const templates = await someTemplates({ 'profiles/tenant/sink.toml.hbs': sink('tenant') });
  const { sinks } = componentsIn((await renderOf({ templates, tasks: [plain] })).text);
  expect(Object.keys(sinks)).toEqual(['console']);
});

test.each([
  [
    'is broken',
    { 'profiles/tenant/sink.toml.hbs': '[sinks.nvl_x]\ntype = "blackhole"' },
    ['sink:tenant nothing', `${own.id} nodeSink`],
  ],
  [
    'has the name of another',
    { 'profiles/tenant/sink.toml.hbs': sink('console') },
    ['sink:tenant nothing', `${own.id} nodeSink`],
  ],
])('a profile’s sink that %s costs no line: its tasks go to the node’s, marked', async (_, files, told) => {
  const rendered = await renderOf({ templates: await someTemplates(files), tasks: [own, plain] });
  const { text, refused } = rendered;
  expect(refused.map(({ key, instead }) => `${key} ${instead}`)).toEqual(told);
  const pipelines = [own, plain].map((task) => pipelineOf(rendered, task)).sort();
  expect([...blocksOf(text).keys()].sort()).toEqual([...pipelines, 'sink:default']);
  expect(componentsIn(text).transforms.nomad_logs_rest?.inputs).toEqual([
    'nvl_none',
    ...pipelines.map((id) => `${id}_out`),
  ]);
  expect([markOf(rendered, own), markOf(rendered, plain)]).toEqual(['sink "tenant" is refused', undefined]);
});

test('a task that ships by default still goes to the sink of its profile, and nobody goes there with it', async () => {
  const files = { ...tenantSink(), 'profiles/tenant/transform.toml.hbs': '{{#if' };
  const rendered = await renderOf({ templates: await someTemplates(files), tasks: [own, plain] });
  const { transforms } = componentsIn(rendered.text);
  expect(markOf(rendered, own)).toBe('profile "tenant" is refused');
  expect(transforms.nomad_logs_tenant?.inputs).toEqual(['nvl_none', `${pipelineOf(rendered, own)}_out`]);
  expect(transforms.nomad_logs_rest?.inputs).toEqual(['nvl_none', `${pipelineOf(rendered, plain)}_out`]);
});

test('a sink that breaks moves no task to another pipeline', async () => {
  const [fine, broken] = await Promise.all(
    [tenantSink(), tenantSink(BROKEN)].map(async (files) =>
      renderOf({ templates: await someTemplates(files), tasks: [own, ruled, plain] }),
    ),
  );
  if (fine === undefined || broken === undefined) throw new Error('nothing rendered');
  for (const task of [own, ruled, plain]) expect(pipelineOf(broken, task)).toBe(pipelineOf(fine, task));
});

test('a rule that names a sink that is not there costs no line either', async () => {
  const rendered = await renderOf({ tasks: [plain, ruled] });
  expect(rendered.refused).toMatchObject([
    { key: ruled.id, instead: 'nodeSink', errors: [{ code: 'profileUnknown' }] },
  ]);
  expect(markOf(rendered, ruled)).toBe('sink "tenant" is unknown');
  expect(componentsIn(rendered.text).transforms.nomad_logs?.inputs).toContain(`${pipelineOf(rendered, ruled)}_out`);
});

test('a profile’s sink that was broken keeps the one that is live, and marks nothing', async () => {
  const before = await renderOf({ templates: await someTemplates(tenantSink()), tasks: [own, plain] });
  const after = await renderOf({
    templates: await someTemplates(tenantSink(BROKEN)),
    tasks: [own, plain],
    live: before,
  });
  expect(after.text).toBe(before.text);
  expect(after.refused).toMatchObject([{ key: 'sink:tenant', instead: 'live' }]);
});

test('while the node’s sink stays as it is live and takes every line, no other one takes some of them twice', async () => {
  const before = await renderOf({ templates: await someTemplates({}), tasks: [own, plain] });
  const templates = await someTemplates({ ...tenantSink(), 'vector/sink.toml.hbs': BROKEN });
  const after = await renderOf({ templates, tasks: [own, plain], live: before });
  const { sinks } = componentsIn(after.text);
  expect(Object.keys(sinks)).toEqual(['console']);
  expect(sinks.console?.inputs).toEqual(['nomad_logs']);
  expect(markOf(after, own)).toBe('sink "tenant" is refused');
  const mended = await renderOf({ templates: await someTemplates(tenantSink()), tasks: [own, plain], live: after });
  expect(componentsIn(mended.text).sinks.tenant?.inputs).toEqual(['nomad_logs_tenant']);
  expect(markOf(mended, own)).toBeUndefined();
});

test('one that is not live is rendered from the template that Vector last took', async () => {
  const good = await someTemplates(tenantSink());
  const { sound } = await renderOf({ templates: good, tasks: [own, plain] });
  const { text, refused } = await renderOf({
    templates: await someTemplates(tenantSink(BROKEN)),
    tasks: [own, plain],
    lastGood: sound,
  });
  expect(refused).toMatchObject([{ key: 'sink:tenant', instead: 'lastGood' }]);
  expect(componentsIn(text).sinks.tenant?.inputs).toEqual(['nomad_logs_tenant']);
});

test('a live sink that now has the name of another one is given up', async () => {
  const before = await renderOf({ templates: await someTemplates(tenantSink()), tasks: [own, plain] });
  const templates = await someTemplates({ ...tenantSink(BROKEN), 'vector/sink.toml.hbs': sink('tenant') });
  const rendered = await renderOf({ templates, tasks: [own, plain], live: before });
  expect(componentsIn(rendered.text).sinks.tenant?.inputs).toEqual(['nomad_logs_rest']);
  expect(markOf(rendered, own)).toBeDefined();
});

test('the sink of a task that Nomad tells nothing about any more stays, though no other task has it', async () => {
  const before = await renderOf({ templates: await someTemplates(tenantSink()), tasks: [own, plain] });
  for (const files of [tenantSink(), tenantSink(BROKEN), {}]) {
    const { text } = await renderOf({
      templates: await someTemplates(files),
      tasks: [plain],
      live: before,
      carried: [own.id],
    });
    const { transforms, sinks } = componentsIn(text);
    expect(sinks.tenant?.inputs).toEqual(['nomad_logs_tenant']);
    expect(transforms.nomad_logs_tenant?.inputs).toEqual(['nvl_none', `${pipelineOf(before, own)}_out`]);
    expect(sinks.console?.inputs).toEqual(['nomad_logs_rest']);
  }
});

test('groups whose names differ in characters alone, or are the name of the rest, share nothing', async () => {
  const names = ['a.b', 'a_b', 'a b', 'rest', 'tën'];
  const templates = await someTemplates(
    Object.fromEntries(names.map((name, at) => [`profiles/${name}/sink.toml.hbs`, sink(`s${at}`)])),
  );
  const tasks = names.map((name, at) => aContext({ id: idOf(at + 1), task: 'x', taskMeta: { nvl_profile: name } }));
  const rendered = await renderOf({ templates, tasks: [...tasks, plain] });
  const { transforms, sinks } = componentsIn(rendered.text);
  expect(rendered.refused).toEqual([]);
  const readBy = (id: string) => transforms[sinks[id]?.inputs?.[0] ?? '']?.inputs?.slice(1);
  for (const [at, task] of tasks.entries()) expect(readBy(`s${at}`)).toEqual([`${pipelineOf(rendered, task)}_out`]);
  expect(readBy('console')).toEqual([`${pipelineOf(rendered, plain)}_out`]);
  // And they are found again in the file that is live.
  const again = await renderOf({ templates, tasks: [...tasks, plain], live: rendered });
  expect(again.text).toBe(rendered.text);
  const carried = await renderOf({ templates, tasks: [plain], live: rendered, carried: tasks.map(({ id }) => id) });
  expect(Object.keys(componentsIn(carried.text).sinks).sort()).toEqual(Object.keys(sinks).sort());
});
