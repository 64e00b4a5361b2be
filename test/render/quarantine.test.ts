import { expect, test } from 'vitest';
import { NvlError } from '../../lib/errors.ts';
import { blocksOf } from '../../lib/render/file.ts';
import { aContext, idOf, someTemplates } from '../support/builders.ts';
import { componentsIn, markOf, refusedIn, renderOf } from './support.ts';

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
  expect(keysOf(rendered.text).sort()).toEqual([good.id, bad.id, 'sink:default']);
  expect(markOf(rendered, bad)).toBe('profile \\"mine\\" is refused');
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
  const after = await renderOf({ templates, tasks: [good, bad, fresh], live: before.text });
  expect(blocksOf(after.text).get(bad.id)).toEqual(blocksOf(before.text).get(bad.id));
  expect(refusedIn(after).map(({ key, instead }) => [key, instead])).toEqual([
    [bad.id, 'live'],
    [fresh.id, 'default'],
  ]);
  expect(markOf(after, fresh)).toBeDefined();
});

test('a broken sink keeps the one that is live; without one its tasks wait, as their lines would go nowhere', async () => {
  const before = await renderOf({ tasks: [good] });
  const templates = await someTemplates({ 'vector/sink.toml.hbs': '[sinks.nomad_logs]\ntype = "x"' });
  const after = await renderOf({ templates, tasks: [good], live: before.text });
  expect(after.text).toBe(before.text);
  expect(refusedIn(after)).toMatchObject([{ key: 'sink:default', instead: 'live' }]);
  const first = await renderOf({ templates, tasks: [good] });
  expect(keysOf(first.text)).toEqual([]);
  expect(refusedIn(first)).toMatchObject([
    { key: 'sink:default', instead: 'nothing' },
    { key: good.id, instead: 'nothing' },
  ]);
});

test('a task that Nomad tells nothing about any more keeps its live block as it is', async () => {
  const before = await renderOf({ tasks: [good] });
  const after = await renderOf({ live: before.text, carried: [good.id] });
  expect(after.text.replace(/^#.*\n/gm, '')).toBe(before.text.replace(/^#.*\n/gm, ''));
  const { transforms } = componentsIn(after.text);
  expect(transforms.nomad_logs?.inputs).toEqual(['nvl_none', `${good.id}_out`]);
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
  expect(again.refused).toEqual([{ key: bad.id, heading: block.heading, errors: [refusal], instead: 'default' }]);
  const fixed = await renderOf({
    templates: await someTemplates(transform('source = "b"')),
    tasks: [bad],
    quarantined,
  });
  expect(fixed.refused).toEqual([]);
});

test('a live block stands in for a refused one, until Vector refuses that too', async () => {
  const live = await renderOf({ templates: await someTemplates(transform('source = "old"')), tasks: [good, bad] });
  const templates = await someTemplates(transform('source = "new"'));
  const next = await renderOf({ templates, tasks: [good, bad] });
  const [refusedNew, refusedOld] = [next, live].map(({ text }) => {
    const block = blocksOf(text).get(bad.id);
    if (block === undefined) throw new Error('no block');
    return { block, error: refusal };
  }) as [{ block: NonNullable<ReturnType<typeof next.blocks.at>>; error: NvlError }, never];
  const tasks = [good, bad];
  const kept = await renderOf({ templates, tasks, live: live.text, quarantined: [refusedNew] });
  expect(blocksOf(kept.text).get(bad.id)).toEqual((refusedOld as typeof refusedNew).block);
  const left = await renderOf({ templates, tasks, live: live.text, quarantined: [refusedNew, refusedOld] });
  expect(refusedIn(left)).toMatchObject([{ key: bad.id, instead: 'default' }]);
});

test('a carried block that Vector refuses does not stop the others', async () => {
  const live = await renderOf({ tasks: [good, bad].map((task) => ({ ...task, profile: 'default' })) });
  const block = blocksOf(live.text).get(bad.id);
  if (block === undefined) throw new Error('no block');
  const after = await renderOf({
    tasks: [good],
    live: live.text,
    carried: [bad.id],
    quarantined: [{ block, error: refusal }],
  });
  expect(keysOf(after.text)).toEqual([good.id, 'sink:default']);
  expect(refusedIn(after)).toMatchObject([{ key: bad.id, instead: 'nothing' }]);
});
