import { execFile, execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import type { TemplateFiles } from '../../lib/config/read-templates.ts';
import { readTemplates } from '../../lib/config/read-templates.ts';
import { withLastGood } from '../../lib/render/last-good.ts';
import { compileTemplates } from '../../lib/render/templates.ts';
import { aContext, aTransform } from '../support/builders.ts';
import { componentsIn, markOf, refusedIn, renderOf } from './support.ts';

const folderWith = async (files: Record<string, string>): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-templates-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
};
const compiled = async (files: Record<string, string>) =>
  compileTemplates(await readTemplates(await folderWith(files)));
const saidOf = (errors: readonly Error[]) => errors.map(({ message }) => message);

const SINK = '[sinks.mine]\ntype = "blackhole"\ninputs = ["{{input}}"]\n';
const web = aContext({ taskMeta: { nvl_profile: 'web' } });

test.each([
  'vector/sinks.toml.hbs',
  'vector/sink.toml',
  'sink.toml.hbs',
  'default/sink.toml.hbs',
  'vector/loki.toml.hbs',
])('a sink called %s is a fault, and no line goes to the console', async (name) => {
  const templates = await compiled({ [name]: SINK });
  expect(saidOf(templates.faults)).toEqual([
    `${name} is not read: its name should be vector/sink.toml.hbs, which is missing`,
  ]);
  const rendered = await renderOf({ templates, tasks: [aContext()] });
  expect(componentsIn(rendered.text).sinks).toEqual({});
  expect(refusedIn(rendered)).toMatchObject([
    { key: 'sink:default', instead: 'nothing' },
    { key: aContext().id, instead: 'nothing' },
  ]);
});

test('a sink that loses its name under way: what it was stays in use', async () => {
  const last = await compiled({ 'vector/sink.toml.hbs': SINK });
  const next = await compiled({ 'vector/sink.toml.hbs.old': SINK });
  const rendered = await renderOf({ templates: withLastGood({ next, last }), tasks: [aContext()] });
  expect(Object.keys(componentsIn(rendered.text).sinks)).toEqual(['mine']);
  expect(saidOf(withLastGood({ next, last }).faults)).toHaveLength(1);
});

test('where the place is filled, a file of nearly its name changes nothing, and is told', async () => {
  const templates = await compiled({ 'vector/sink.toml.hbs': SINK, 'vector/sinks.toml.hbs': 'nonsense {{' });
  expect(templates.faults).toEqual([]);
  expect(templates.warnings).toMatchObject([
    {
      code: 'templateMisnamed',
      message: 'vector/sinks.toml.hbs is not read; vector/sink.toml.hbs is there, and is used',
      facts: { at: 'vector/sinks.toml.hbs' },
    },
  ]);
  expect((await renderOf({ templates, tasks: [aContext()] })).refused).toEqual([]);
});

test.each([
  'profiles/web/transforms.toml.hbs',
  'profile/web/transform.toml.hbs',
  'profiles/web.toml.hbs',
  'vector/profiles/web/transform.toml.hbs',
])('the tasks of a profile whose transform is called %s ship by default, marked', async (name) => {
  const templates = await compiled({ [name]: aTransform() });
  expect(saidOf(templates.faults)).toEqual([
    `${name} is not read: its name should be profiles/web/transform.toml.hbs, which is missing`,
  ]);
  const rendered = await renderOf({ templates, tasks: [web] });
  expect(refusedIn(rendered)).toMatchObject([{ key: web.id, instead: 'default' }]);
  expect(markOf(rendered, web)).toContain('is refused');
});

test('settings under another name are not passed over, and a profile keeps its last good whole', async () => {
  const [transform, settings] = ['profiles/web/transform.toml.hbs', 'parameters: { level: { type: string } }'];
  const last = await compiled({ [transform]: aTransform(), 'profiles/web/profile.yaml': settings });
  const next = await compiled({ [transform]: aTransform(), 'profiles/web/profile.yml': settings });
  expect(saidOf(next.faults)).toEqual([
    'profiles/web/profile.yml is not read: its name should be profiles/web/profile.yaml, which is missing',
  ]);
  expect(withLastGood({ next, last }).profiles.get('web')).toBe(last.profiles.get('web'));
});

test('several for one empty place are one fault, and many strangers of one folder one warning', async () => {
  const templates = await compiled({
    'vector/sinks.toml.hbs': SINK,
    'vector/sink.yaml': SINK,
    'scripts/a.sh': '',
    'scripts/deep/b.sh': '',
    'vector/extra.toml.hbs': '',
    'partials/head.toml': '',
  });
  expect(saidOf(templates.faults)).toEqual([
    'vector/sink.yaml, vector/sinks.toml.hbs are not read: the name should be vector/sink.toml.hbs, which is missing',
  ]);
  expect(saidOf(templates.warnings)).toEqual([
    'partials/head.toml is not read; did you mean partials/head.hbs?',
    '2 files of scripts/ are not read: scripts/a.sh, …',
    'vector/extra.toml.hbs is not read',
  ]);
});

test('the shipped templates, and what `nvl init` and editors leave, are known', async () => {
  const templates = await compiled({
    'README.md': '',
    LICENSE: '',
    '.gitignore': '',
    'vector/sink.toml.hbs': SINK,
    'vector/sink.toml.hbs~': '{{#if',
    'vector/.sink.toml.hbs.swp': '',
    'vector/#sink.toml.hbs#': '',
    'profiles/mine/transform.toml.hbs': aTransform(),
    'profiles/mine/transform.toml.hbs.orig': '',
    'profiles/mine/tests/lines.yaml': '',
    'profiles/.idea/x.xml': '',
  });
  expect([...templates.faults, ...templates.warnings]).toEqual([]);
  expect([...templates.profiles.keys()]).toEqual(['default', 'mine']);
  expect(compileTemplates(await readTemplates(undefined)).warnings).toEqual([]);
});

test('a folder of a profile may be a link, as a file may; one that leads round in a circle is entered once', async () => {
  const [folder, shared] = [
    await folderWith({ 'vector/sink.toml.hbs': SINK }),
    await folderWith({ 'transform.toml.hbs': aTransform('.shared = true') }),
  ];
  await mkdir(join(folder, 'profiles'));
  await symlink(shared, join(folder, 'profiles/web'));
  await symlink('..', join(folder, 'profiles/again'));
  await symlink('.', join(shared, 'self'));
  const templates = compileTemplates(await readTemplates(folder));
  const rendered = await renderOf({ templates, tasks: [web] });
  expect(rendered.refused).toEqual([]);
  expect(rendered.text).toContain('.shared = true');
});

test('what is no file, or too long for any template, is not read, and only its own tasks suffer', async () => {
  const folder = await folderWith({ 'vector/sink.toml.hbs': SINK, 'profiles/web/transform.toml.hbs': '' });
  await truncate(join(folder, 'profiles/web/transform.toml.hbs'), 2 ** 40);
  await mkdir(join(folder, 'profiles/pipe'));
  execFileSync('mkfifo', [join(folder, 'profiles/pipe/transform.toml.hbs')]);
  await mkdir(join(folder, 'profiles/box/transform.toml.hbs'), { recursive: true });
  await mkdir(join(folder, 'profiles/zero'));
  await symlink('/dev/zero', join(folder, 'profiles/zero/transform.toml.hbs'));
  await mkdir(join(folder, 'partials'));
  await symlink('/nowhere/at/all', join(folder, 'partials/gone.hbs'));
  const templates = compileTemplates(await readTemplates(folder));
  expect(templates.faults.map(({ message, facts }) => [facts.at, message])).toEqual([
    ['partials/gone.hbs', expect.stringMatching(/^it cannot be read: ENOENT/)],
    ['profiles/box/transform.toml.hbs', 'it is a folder'],
    ['profiles/pipe/transform.toml.hbs', 'it is no file'],
    ['profiles/web/transform.toml.hbs', 'it is longer than 8,388,608 bytes'],
    ['profiles/zero/transform.toml.hbs', 'it is no file'],
  ]);
  expect((await renderOf({ templates, tasks: [aContext()] })).refused).toEqual([]);
});

test('a profile whose folder cannot be read is bad, and no other is', async () => {
  const folder = await folderWith({
    'profiles/web/transform.toml.hbs': '',
    'profiles/mine/transform.toml.hbs': aTransform(),
  });
  await chmod(join(folder, 'profiles/web'), 0);
  onTestFinished(() => chmod(join(folder, 'profiles/web'), 0o700));
  const templates = compileTemplates(await readAsOrdinary(folder));
  expect(saidOf(templates.faults)).toEqual([expect.stringMatching(/^its folder cannot be read: EACCES/)]);
  const mine = aContext({ taskMeta: { nvl_profile: 'mine' } });
  expect((await renderOf({ templates, tasks: [mine] })).refused).toEqual([]);
});

/**
 * In a process that may not read what its mode forbids, as root may by two capabilities. It stays the user that owns the
 * checkout, where nvl's own templates lie.
 */
const readAsOrdinary = async (folder: string): Promise<TemplateFiles> => {
  const module = new URL('../../lib/config/read-templates.ts', import.meta.url).href;
  const script = `import { readTemplates } from ${JSON.stringify(module)};
    console.log(JSON.stringify(await readTemplates(${JSON.stringify(folder)})));`;
  const lost = '-dac_override,-dac_read_search';
  const drop = process.getuid?.() === 0 ? ['setpriv', `--bounding-set=${lost}`, `--inh-caps=${lost}`] : [];
  const [program = '', ...args] = [...drop, process.execPath, '--input-type=module', '-e', script];
  const { stdout } = await promisify(execFile)(program, args);
  return JSON.parse(stdout) as TemplateFiles;
};
