import { expect, test } from 'vitest';
import { NvlError } from '../../lib/errors.ts';
import { type Block, blocksOf } from '../../lib/render/file.ts';
import { aContext, idOf, someTemplates } from '../support/builders.ts';
import { blockOf, componentsIn, markOf, pipelineOf, refusedIn, renderOf, rowOf } from './support.ts';

const good = aContext({ id: idOf(1), task: 'good' });
const bad = aContext({ id: idOf(2), task: 'bad', taskMeta: { nvl_profile: 'mine' } });
const transform = (body: string) => ({
  'profiles/mine/transform.toml.hbs': `[transforms.{{id}}_parse]\ntype = "remap"\ninputs = ["{{input}}"]\n${body}\n`,
});
const keysOf = (text: string) => [...blocksOf(text).keys()];
const refusal = new NvlError('vectorRefused', { message: 'Vector refused it' });

test.each<[string, Record<string, string>, string]>([
  ['a template that is no Handlebars', { 'profiles/mine/transform.toml.hbs': '{{#if' }, 'is never closed'],
  ['a name that is not known', transform('source = "{{jobb}}"'), 'jobb is not known'],
  ['a text that is no TOML', { 'profiles/mine/transform.toml.hbs': '[transforms' }, 'TOML'],
  [
    'a component of another task',
    transform('[transforms.nvl_other_parse]\ntype = "remap"'),
    'a transform must be called',
  ],
  ['a global option', { 'profiles/mine/transform.toml.hbs': 'data_dir = "/tmp"' }, '[data_dir] has no place'],
  ['a line that would pass for the head of a block', transform("source = '''\n# nvl:evil x\n'''"), '# nvl:'],
  ['a transform without its last part', { 'profiles/mine/transform.toml.hbs': '# nothing' }, 'lacks {{id}}_parse'],
])('%s has its tasks ship by default, and no others', async (_, files, why) => {
  const templates = await someTemplates(files);
  const rendered = await renderOf({ templates, tasks: [good, bad] });
  expect(rendered.rows.map(({ stem }) => stem)).toEqual([good.id, bad.id]);
  expect(pipelineOf(rendered, bad)).toBe(pipelineOf(rendered, good));
  expect(markOf(rendered, bad)).toBe('profile "mine" is refused');
  expect(markOf(rendered, good)).toBeUndefined();
  expect(refusedIn(rendered)).toMatchObject([{ key: bad.id, instead: 'default' }]);
  expect(refusedIn(rendered)[0]?.why.join('\n')).toContain(why);
});

test('a profile that does not exist names those that do', async () => {
  const rendered = await renderOf({ tasks: [bad] });
  const [error] = rendered.refused[0]?.errors ?? [];
  expect(error?.code).toBe('profileUnknown');
  expect(error?.facts.known?.split(', ')).toEqual(expect.arrayContaining(['default', 'logfmt']));
});

test('a broken template keeps what its tasks have live, and new ones ship by default', async () => {
  const fresh = aContext({ id: idOf(3), task: 'fresh', taskMeta: { nvl_profile: 'mine' } });
  const before = await renderOf({ templates: await someTemplates(transform('source = "."')), tasks: [good, bad] });
  const templates = await someTemplates(transform('source = "{{jobb}}"'));
  const after = await renderOf({ templates, tasks: [good, bad, fresh], live: before });
  expect(blockOf(after, bad)).toEqual(blockOf(before, bad));
  expect(rowOf(after, bad)).toEqual(rowOf(before, bad));
  expect(refusedIn(after).map(({ key, instead }) => [key, instead])).toEqual([
    [bad.id, 'live'],
    [fresh.id, 'default'],
  ]);
  expect(markOf(after, fresh)).toBeDefined();
});

test('a broken sink keeps the one that is live; without one its tasks wait, as their lines would go nowhere', async () => {
  const before = await renderOf({ tasks: [good] });
  const templates = await someTemplates({ 'vector/sink.toml.hbs': '[sinks.nomad_logs]\ntype = "x"' });
  const after = await renderOf({ templates, tasks: [good], live: before });
  expect(after.text).toBe(before.text);
  expect(refusedIn(after)).toMatchObject([{ key: 'sink:default', instead: 'live' }]);
  const first = await renderOf({ templates, tasks: [good] });
  expect(keysOf(first.text)).toEqual([]);
  expect(refusedIn(first)).toMatchObject([
    { key: 'sink:default', instead: 'nothing' },
    { key: good.id, instead: 'nothing' },
  ]);
});

test('a task that Nomad tells nothing about any more keeps its row and its pipeline as they are', async () => {
  const before = await renderOf({ tasks: [good] });
  const after = await renderOf({ live: before, carried: [good.id] });
  expect(after.text).toBe(before.text);
  expect(after.rows).toEqual(before.rows);
  const { transforms } = componentsIn(after.text);
  expect(transforms.nomad_logs?.inputs).toEqual(['nvl_none', `${pipelineOf(after, good)}_out`]);
});

test('one that was never live can be carried nowhere', async () => {
  expect(keysOf((await renderOf({ carried: [good.id] })).text)).toEqual(['sink:default']);
});

test('a block that Vector refused is not offered again, and another text of it is', async () => {
  const templates = await someTemplates(transform('source = "a"'));
  const [block] = (await renderOf({ templates, tasks: [bad] })).blocks;
  if (block === undefined) throw new Error('no block');
  const quarantined = [{ block, error: refusal }];
  const again = await renderOf({ templates, tasks: [good, bad], quarantined });
  expect(again.blocks.map(({ text }) => text)).not.toContain(block.text);
  expect(again.refused).toEqual([
    { key: bad.id, heading: 'default / shop / web 0 / bad (profile mine)', errors: [refusal], instead: 'default' },
  ]);
  const fixed = await renderOf({
    templates: await someTemplates(transform('source = "b"')),
    tasks: [bad],
    quarantined,
  });
  expect(fixed.refused).toEqual([]);
});

test('a live pipeline stands in for a refused text of it, until Vector refuses that too', async () => {
  const live = await renderOf({ templates: await someTemplates(transform('source = "old"')), tasks: [good, bad] });
  const templates = await someTemplates(transform('source = "new"'));
  const next = await renderOf({ templates, tasks: [good, bad] });
  const [refusedNew, refusedOld] = [next, live].map((one) => ({ block: blockOf(one, bad), error: refusal })) as [
    { block: Block; error: NvlError },
    { block: Block; error: NvlError },
  ];
  const tasks = [good, bad];
  const kept = await renderOf({ templates, tasks, live, quarantined: [refusedNew] });
  expect(blockOf(kept, bad)).toEqual(refusedOld.block);
  const left = await renderOf({ templates, tasks, live, quarantined: [refusedNew, refusedOld] });
  expect(refusedIn(left)).toMatchObject([{ key: bad.id, instead: 'default' }]);
});

test('a carried pipeline that Vector refuses does not stop the others', async () => {
  const templates = await someTemplates(transform('source = "x"'));
  const live = await renderOf({ templates, tasks: [good, bad] });
  const quarantined = [{ block: blockOf(live, bad), error: refusal }];
  const after = await renderOf({ templates, tasks: [good], live, carried: [bad.id], quarantined });
  expect(keysOf(after.text)).toEqual([pipelineOf(after, good), 'sink:default']);
  expect(refusedIn(after)).toMatchObject([{ key: bad.id, instead: 'nothing' }]);
});
