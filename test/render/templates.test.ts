import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { readTemplates } from '../../lib/config/read-templates.ts';
import { Handlebars } from '../../lib/render/safe/run/handlebars.ts';
import { compileTemplates } from '../../lib/render/templates.ts';
import { aContext, aTransform } from '../support/builders.ts';
import { refusedIn, renderOf } from './support.ts';

const folderWith = async (files: Record<string, string | Buffer>): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-templates-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
};
const compiled = async (files: Record<string, string | Buffer>) =>
  compileTemplates(await readTemplates(await folderWith(files)));

test('the shipped templates have no fault', async () => {
  expect(compileTemplates(await readTemplates(undefined)).faults).toEqual([]);
});

test('what an own folder lacks of the default profile comes from the shipped one', async () => {
  const templates = await compiled({
    'vector/sink.toml.hbs': '[sinks.mine]\ntype = "console"\ninputs = ["{{input}}"]\n',
  });
  expect(templates.faults).toEqual([]);
  const { text, refused } = await renderOf({ templates, tasks: [aContext()] });
  expect(refused).toEqual([]);
  expect(text).toContain('[sinks.mine]');
});

test('the partials that samples call stand in where an own folder lacks them, and its own take their place', async () => {
  const files = { 'profiles/mine/transform.toml.hbs': aTransform('said = "w"\n{{> nvl/level}}\n.level = level') };
  const task = aContext({ taskMeta: { nvl_profile: 'mine' } });
  const textOf = async (more: Record<string, string>) => {
    const templates = await compiled({ ...files, ...more });
    expect(templates.faults).toEqual([]);
    return (await renderOf({ templates, tasks: [task] })).text;
  };
  expect(await textOf({})).toContain('=warn');
  const own = await textOf({ 'partials/nvl/level.hbs': 'level = "mine"' });
  expect(own).toContain('level = "mine"');
  expect(own).not.toContain('=warn');
});

test('an own folder has its own profiles, and none of the samples', async () => {
  const templates = await compiled({ 'profiles/mine/transform.toml.hbs': aTransform() });
  expect([...templates.profiles.keys()].sort()).toEqual(['default', 'mine']);
});

test('a template that is no UTF-8 is the fault of its tasks alone, also at the first start', async () => {
  const templates = await compiled({
    'profiles/bad/transform.toml.hbs': Buffer.from([0x5b, 0xff, 0xfe]),
    'profiles/mine/transform.toml.hbs': aTransform(),
  });
  expect(templates.faults).toMatchObject([
    { code: 'templateInvalid', message: 'it is not UTF-8 text', facts: { at: 'profiles/bad/transform.toml.hbs' } },
  ]);
  const [good, bad] = [
    aContext({ taskMeta: { nvl_profile: 'mine' } }),
    aContext({ task: 'b', taskMeta: { nvl_profile: 'bad' } }),
  ];
  const rendered = await renderOf({ templates, tasks: [good, bad] });
  expect(rendered.rows.map(({ stem, mark }) => [stem, mark]).sort()).toEqual(
    [
      [good.id, ''],
      [bad.id, 'profile "bad" is refused'],
    ].sort(),
  );
  expect(refusedIn(rendered)).toMatchObject([{ key: bad.id, instead: 'default' }]);
});

test('a link that leads nowhere is one fault, and stops nothing else', async () => {
  const folder = await folderWith({ 'profiles/mine/transform.toml.hbs': aTransform() });
  await mkdir(join(folder, 'profiles/gone'));
  await symlink('/nowhere/at/all', join(folder, 'profiles/gone/transform.toml.hbs'));
  const templates = compileTemplates(await readTemplates(folder));
  expect(templates.faults).toMatchObject([{ facts: { at: 'profiles/gone/transform.toml.hbs' } }]);
  expect((await renderOf({ templates, tasks: [aContext({ taskMeta: { nvl_profile: 'mine' } })] })).refused).toEqual([]);
});

test('a folder that cannot be read says what to do', async () => {
  await expect(readTemplates('/nowhere/at/all')).rejects.toMatchObject({
    code: 'templateInvalid',
    message: 'the templates folder /nowhere/at/all cannot be read',
  });
});

test("other files in the folder are nobody's business", async () => {
  const templates = await compiled({
    'README.md': '{{#if',
    'profiles/mine/notes.txt': '{{#if',
    'profiles/mine/transform.toml.hbs': aTransform(),
    'vector/source.toml.hbs~': '{{#if',
  });
  expect(templates.faults).toEqual([]);
});

test('each template is parsed once, however many call it', async () => {
  const part = '{{#*inline "end"}}.end = true{{/inline}}.at = "{{task.name}}"\n{{> end}}\n{{> inner}}';
  const caller = (field: string) => aTransform(`.${field} = "{{job.name}}"\n{{> part}}`);
  const parse = vi.spyOn(Handlebars, 'parse');
  onTestFinished(() => parse.mockRestore());
  const templates = await compiled({
    'partials/part.hbs': part,
    'partials/inner.hbs': '.inner = "{{group.name}}"',
    'profiles/a/transform.toml.hbs': caller('a'),
    'profiles/b/transform.toml.hbs': caller('b'),
  });
  expect(templates.faults).toEqual([]);
  const tasks = ['a', 'b'].map((profile) => aContext({ task: profile, taskMeta: { nvl_profile: profile } }));
  const { text, refused } = await renderOf({ templates, tasks });
  expect(refused).toEqual([]);
  for (const line of ['.a = "', '.b = "', '.at = "a"', '.at = "b"', '.end = true']) expect(text).toContain(line);
  const parsed = parse.mock.calls.map(([parsedText]) => parsedText);
  expect(parsed.filter((one) => one === part)).toEqual([part]);
  expect(new Set(parsed).size).toBe(parsed.length);
});

test('of the samples, the names of their parameters are found without reading their settings', async () => {
  const templates = compileTemplates(await readTemplates(undefined));
  const all = [...templates.profiles.values()].flatMap(({ settings }) => Object.keys(settings.parameters));
  expect([...templates.parameters].sort()).toEqual([...new Set(all)].sort());
});
