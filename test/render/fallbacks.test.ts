import { expect, test } from 'vitest';
import { NvlError } from '../../lib/errors.ts';
import { blocksOf } from '../../lib/render/file.ts';
import { columnsOf } from '../../lib/render/labels/columns.ts';
import type { Rendered } from '../../lib/render/render.ts';
import { aContext, aTransform, idOf, someTemplates } from '../support/builders.ts';
import { blockOf, componentsIn, markOf, pipelineOf, refusedIn, renderOf, rowOf } from './support.ts';

// What a task ships by in place of its own, beside tasks that ship as they ask: neither changes the other.

const PATH = 'profiles/mine/transform.toml.hbs';
const LABELS = 'vector/labels.toml.hbs';
const width = { 'profiles/mine/profile.yaml': 'parameters:\n  width: { type: number, default: 80 }\n' };
const mine = (program: string) => ({ ...width, [PATH]: aTransform(program) });
const labels = (fields: Record<string, string>) => ({
  [LABELS]: `[transforms.{{id}}_out]\ntype = "remap"\ninputs = ["{{input}}"]\nsource = '''\n.nomad = {\n${Object.entries(
    fields,
  )
    .map(([name, value]) => `  "${name}": ${value},`)
    .join('\n')}\n}\n'''\n`,
});

/** Two tasks of one profile, of which the one that is told first has a slip in its meta that is new. */
const slip = aContext({ id: idOf(1), task: 'a', taskMeta: { nvl_profile: 'mine' } });
const slipped = { ...slip, meta: { ...slip.meta, nvl_width: 'wide' } };
const fine = aContext({ id: idOf(2), task: 'b', taskMeta: { nvl_profile: 'mine' } });

test('a task that keeps what it has live holds up no edit for the others of its pipeline: it goes along', async () => {
  const before = await renderOf({ templates: await someTemplates(mine('.a = 1')), tasks: [slip, fine] });
  const templates = await someTemplates(mine('.a = 2'));
  const after = await renderOf({ templates, tasks: [slipped, fine], live: before });
  expect(refusedIn(after)).toMatchObject([{ key: slip.id, instead: 'live' }]);
  expect(pipelineOf(after, fine)).toBe(pipelineOf(before, fine));
  expect(pipelineOf(after, slip)).toBe(pipelineOf(before, slip));
  expect(blockOf(after, fine).text).toMatch(/^\.a = 2$/m);
  expect(markOf(after, slip)).toBeUndefined();
});

test('alone in its pipeline, it keeps the text of that, too', async () => {
  const before = await renderOf({ templates: await someTemplates(mine('.a = 1')), tasks: [slip] });
  const after = await renderOf({ templates: await someTemplates(mine('.a = 2')), tasks: [slipped], live: before });
  expect(after.text).toBe(before.text);
  expect(after.rows).toEqual(before.rows);
});

test('one that has nothing live ships by default, marked in its row; in the file there is no word of it', async () => {
  const templates = await someTemplates(mine('.a = 1'));
  const default_ = aContext({ id: idOf(3), task: 'c' });
  const without = await renderOf({ templates, tasks: [fine, default_] });
  const rendered = await renderOf({ templates, tasks: [slipped, fine, default_] });
  expect(rendered.text).toBe(without.text);
  expect(markOf(rendered, slip)).toBe('a parameter does not fit profile "mine"');
  expect(pipelineOf(rendered, slip)).toBe(pipelineOf(rendered, default_));
});

test('a marked row is offered anew each time: mended, the task goes back', async () => {
  const templates = await someTemplates(mine('.a = 1'));
  const before = await renderOf({ templates, tasks: [slipped, fine] });
  const after = await renderOf({ templates, tasks: [slip, fine], live: before });
  expect(refusedIn(after)).toEqual([]);
  expect([markOf(after, slip), pipelineOf(after, slip)]).toEqual([undefined, pipelineOf(after, fine)]);
});

test('the last good text of a profile takes no id of those that its new text is good for', async () => {
  // No id of a component may hold it, and the last good text does not ask for it.
  const deep = { ...slip, meta: { ...slip.meta, x: 'a.b' } };
  const text = (name: string, program: string) =>
    `${aTransform(program)}[transforms.{{id}}_${name}]\ntype = "remap"\ninputs = ["{{input}}"]\nsource = "."\n`;
  const last = await renderOf({
    templates: await someTemplates({ [PATH]: text('old', '.a = 1') }),
    tasks: [slip, fine],
  });
  const templates = await someTemplates({ [PATH]: text('{{default meta.x "new"}}', '.a = 2') });
  const both = await renderOf({ templates, tasks: [deep, fine], lastGood: last.sound });
  const alone = await renderOf({ templates, tasks: [fine], lastGood: last.sound });
  expect(refusedIn(both)).toMatchObject([{ key: slip.id, instead: 'lastGood' }]);
  expect(blockOf(both, fine)).toEqual(blockOf(alone, fine));
  expect(blockOf(both, deep).text).toMatch(/^\.a = 1$/m);
});

test('where Vector refuses what is new, all that is live stays, in its pipeline and under its id', async () => {
  const before = await renderOf({ templates: await someTemplates(mine('.a = 1')), tasks: [slip, fine] });
  const templates = await someTemplates(mine('.a = 2'));
  const next = await renderOf({ templates, tasks: [slip, fine], live: before });
  const error = new NvlError('vectorRefused', { message: 'Vector refused it' });
  const quarantined = [{ block: blockOf(next, fine), error }];
  const after = await renderOf({ templates, tasks: [slip, fine], live: before, quarantined });
  expect(after.text).toBe(before.text);
  expect(after.rows).toEqual(before.rows);
  expect(refusedIn(after)).toMatchObject([{ instead: 'live' }, { instead: 'live' }]);
  // A new task of the profile joins them by what Vector took last.
  const fresh = aContext({ id: idOf(3), task: 'c', taskMeta: { nvl_profile: 'mine' } });
  const joined = await renderOf({
    templates,
    tasks: [slip, fine, fresh],
    live: before,
    quarantined,
    lastGood: before.sound,
  });
  expect(joined.text).toBe(before.text);
  expect(pipelineOf(joined, fresh)).toBe(pipelineOf(before, fine));
});

const CELLS_BEFORE = { job: '"{{job.id}}"', both: '"{{task.name}} of {{group.name}}"', index: '{{alloc.index}}' };
const CELLS_AFTER = {
  index: '{{alloc.index}}',
  namespace: '"{{namespace}}"',
  task: '"{{task.name}}"',
  job: '"{{job.id}}"',
};

/** What the columns of a task's pipeline hold of it, in the order in which its labels name them. */
const cellsOf = (rendered: Rendered, task: Parameters<typeof rowOf>[1], pipelines = rendered): string[] =>
  columnsOf(blockOf(pipelines, task).text).map(({ name }) => rowOf(rendered, task)?.cells[name] ?? '');

test('the row of a task that Nomad tells nothing of any more fits the labels that are new: by what its columns hold', async () => {
  const carried = aContext({ id: idOf(1), job: 'gone', group: 'g', task: 't', index: 3 });
  const there = aContext({ id: idOf(2), job: 'here', group: 'h', task: 'u', index: 4 });
  const before = await renderOf({ templates: await someTemplates(labels(CELLS_BEFORE)), tasks: [carried, there] });
  expect(cellsOf(before, carried)).toEqual(['gone', 't', 'g', '3']);
  const templates = await someTemplates(labels(CELLS_AFTER));
  const after = await renderOf({ templates, tasks: [there], live: before, carried: [carried.id] });
  expect(pipelineOf(after, carried)).toBe(pipelineOf(after, there));
  expect(cellsOf(after, there)).toEqual(['4', 'default', 'u', 'here']);
  // Of what it never said nothing is known.
  expect(cellsOf(after, carried)).toEqual(['3', '', 't', 'gone']);
  // With no other task there, all stays as it is.
  const alone = await renderOf({ templates, live: before, carried: [carried.id] });
  expect(alone.text).toBe(before.text);
  expect(alone.rows).toEqual(before.rows.filter(({ stem }) => stem === carried.id));
});

test('rows of pipelines that tasks have left fit the labels that are new, too', async () => {
  const templates = (fields: Record<string, string>) =>
    someTemplates({ ...mine('.a = "{{meta.more}}"'), ...labels(fields) });
  const moved = { ...slip, meta: { ...slip.meta, more: 'x' } };
  const before = await renderOf({ templates: await templates(CELLS_BEFORE), tasks: [slip, fine] });
  const after = await renderOf({ templates: await templates(CELLS_AFTER), tasks: [moved, fine], live: before });
  expect(pipelineOf(after, moved)).not.toBe(pipelineOf(before, slip));
  expect(after.former).toMatchObject([{ stem: slip.id, pipeline: pipelineOf(before, slip) }]);
  expect(cellsOf({ ...after, rows: after.former }, slip, before)).toEqual(['shop', 'a', 'web', '0']);
});

test('a pipeline that no task is in stays as it is live, and takes the next task with the text that is new', async () => {
  const before = await renderOf({ templates: await someTemplates(mine('.a = 1')), tasks: [fine] });
  const id = pipelineOf(before, fine);
  const templates = await someTemplates(mine('.a = 2'));
  const idle = await renderOf({ templates, live: before, idle: [id] });
  expect(blocksOf(idle.text).get(id)).toEqual(blockOf(before, fine));
  expect(idle.rows).toEqual([]);
  expect(idle.text).toBe(before.text);
  const joined = await renderOf({ templates, tasks: [slip], live: idle, idle: [id] });
  expect(blockOf(joined, slip).key).toBe(id);
  expect(blockOf(joined, slip).text).toMatch(/^\.a = 2$/m);
  expect(Object.keys(componentsIn((await renderOf({ templates, live: before })).text).sources)).toEqual(['nvl_none']);
});
