import { rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { aFolder, put } from '../commands/support.ts';
import { aCheckout, changesOf, commit, git, RECORDING, review, WEB } from './support.ts';

// What a relative path leads to must not depend on where the base was laid out.

test.each([
  ['a relative root', 'root: root\n'],
  ['a root above', 'root: ../elsewhere/root\n'],
  ['an absolute root', 'root: /srv/nvl\n'],
  ['relative folders of Vector and Nomad', 'vector: { dataDir: data, cwd: ., allocDir: a }\nnomad: { allocDir: b }\n'],
  ['relative certificates', 'nomad: { caCert: ca.pem, clientCert: c.pem, clientKey: k.pem }\n'],
  ['a relative program', 'reload: { method: command, command: [./reload, x] }\n'],
])('review: %s is no change', async (_, config) => {
  const { dir } = await aCheckout({ 'nvl.yaml': `templates: templates\n${config}` });
  await put(dir, { 'nvl.yaml': `templates: templates\n${config}# a comment\n` });
  await commit(dir);
  const { code, found } = await review(dir, ['HEAD~1']);
  expect(code).toBe(0);
  expect(found.report).toMatchObject({ hasChanges: false, restarted: [] });
  expect([found.diff, found.notes]).toEqual(['', []]);
});

test.each([
  ['another root', 'root: other\n'],
  ['none, where there was one', ''],
])(
  'review: %s is a change of every source and of what knows its tasks by their files, and of nothing else',
  async (_, config) => {
    const { dir } = await aCheckout();
    await put(dir, { 'nvl.yaml': `templates: templates\n${config}` });
    const { found } = await review(dir, ['HEAD']);
    expect(found.report.restarted).toHaveLength(2);
    expect(found.report.components.changed.map(({ kind }) => kind)).toEqual([
      'source',
      'source',
      'transform',
      'transform',
    ]);
    expect(found.diff).toContain(`-include = ["${dir}/root/links/`);
    expect(found.diff).not.toContain('nvl-review-');
  },
);

test.each([
  ['a file named by -c', ['-c', 'conf/node.yaml'], {}],
  ['a file named by the variable', [], { NVL_CONFIG: 'conf/node.yaml' }],
])('review: relative paths of %s are meant from its folder, on both sides', async (_, args, env) => {
  const { dir } = await aCheckout({ 'conf/node.yaml': 'templates: ../templates\nroot: state\n' });
  await put(dir, { 'templates/profiles/web/transform.toml.hbs': WEB.replace('"a"', '"b"') });
  const { found } = await review(dir, ['HEAD', ...args], env);
  expect(changesOf(found)).toEqual({ site: 'changed' });
  expect([found.report.restarted, found.notes]).toEqual([[], []]);
});

test.each([
  ['flags', ['--root', 'r', '--templates', 'templates'], {}],
  ['variables', [], { NVL_ROOT: 'r', NVL_TEMPLATES: 'templates' }],
])('review: relative paths of %s are meant from the working directory, on both sides', async (_, args, env) => {
  const { dir } = await aCheckout({ 'nvl.yaml': 'sinks: default\n' });
  await put(dir, { 'templates/profiles/web/transform.toml.hbs': WEB.replace('"a"', '"b"') });
  const { found } = await review(dir, ['HEAD', ...args], env);
  expect(changesOf(found)).toEqual({ site: 'changed' });
  expect(found.report.restarted).toEqual([]);
});

test('review: from a folder below, and through a link to the checkout', async () => {
  const { dir } = await aCheckout({ 'docs/a.md': '' });
  await put(dir, { 'templates/profiles/web/transform.toml.hbs': WEB.replace('"a"', '"b"') });
  expect(changesOf((await review(join(dir, 'docs'), ['HEAD'])).found)).toEqual({ site: 'changed' });
  const link = join(await aFolder(), 'link');
  await symlink(dir, link);
  const found = (await review(link, ['HEAD'])).found;
  expect([changesOf(found), found.notes]).toEqual([{ site: 'changed' }, []]);
});

test('review: templates outside of the checkout are the same on both sides, and that is said', async () => {
  const outside = join(await aFolder(), 'tpl');
  await put(outside, { 'profiles/web/transform.toml.hbs': WEB });
  const { dir } = await aCheckout({ 'nvl.yaml': `templates: ${outside}\n` });
  const { found } = await review(dir, ['HEAD']);
  expect(found.report.hasChanges).toBe(false);
  expect(found.notes).toEqual([expect.stringContaining(`${outside} is not in this checkout`)]);
});

test('review: a configuration outside of the checkout is the same on both sides', async () => {
  const outside = join(await aFolder(), 'node.yaml');
  const { dir } = await aCheckout();
  await put(dirname(outside), { 'node.yaml': `templates: ${dir}/templates\nroot: r\n` });
  await put(dir, { 'templates/profiles/web/transform.toml.hbs': WEB.replace('"a"', '"b"') });
  const { found } = await review(dir, ['HEAD', '-c', outside]);
  expect([changesOf(found), found.report.restarted, found.notes]).toEqual([{ site: 'changed' }, [], []]);
});

test('review: a renamed templates folder is no change when what it holds is the same', async () => {
  const { dir } = await aCheckout();
  await rename(join(dir, 'templates'), join(dir, 'vorlagen für alle'));
  await put(dir, { 'nvl.yaml': 'templates: vorlagen für alle\nroot: root\n' });
  const { found } = await review(dir, ['HEAD']);
  expect([found.report.hasChanges, found.notes]).toEqual([false, []]);
});

test('review: a configuration that goes, comes, moves or is broken', async () => {
  const { dir } = await aCheckout();
  await rename(join(dir, 'nvl.yaml'), join(dir, '.nvlrc.yaml'));
  expect((await review(dir, ['HEAD'])).found.report.hasChanges).toBe(false);

  await rm(join(dir, '.nvlrc.yaml'));
  const gone = (await review(dir, ['HEAD'])).found;
  // The templates that come with nvl have no such profile: both tasks ship by default, and share that pipeline.
  expect(gone.report.restarted).toEqual([{ id: expect.stringMatching(/^nvl_default_/), tasks: 2 }]);
  expect(gone.diff).toContain('+include = ["/var/lib/nvl/links/');

  await commit(dir, 'without');
  await put(dir, { 'nvl.yaml': 'templates: templates\nroot: root\n' });
  const come = (await review(dir, ['HEAD'])).found;
  expect([come.report.hasChanges, come.notes]).toEqual([false, [expect.stringContaining('the base has no nvl.yaml')]]);

  await put(dir, { 'nvl.yaml': 'templates: templates\nroot: [1\n' });
  await commit(dir, 'broken');
  await put(dir, { 'nvl.yaml': 'templates: templates\nroot: root\n' });
  const fixed = (await review(dir, ['HEAD'])).found;
  expect(fixed.report.hasChanges).toBe(false);
  expect(fixed.notes).toEqual([expect.stringContaining('the base has a configuration with faults')]);
});

test('review: a base without the templates folder shows all as added, and says why', async () => {
  const { dir, first } = await aCheckout();
  await git(dir, 'rm', '-r', '--quiet', '--cached', 'templates');
  await git(dir, 'commit', '--quiet', '--message', 'without templates');
  expect(first).not.toBe('');
  const { found } = await review(dir, ['HEAD']);
  expect(changesOf(found)).toEqual({ shop: 'added', site: 'added' });
  expect(found.notes).toEqual(['the base has no folder templates: every task shows as added']);
});

test('review: links in the templates lead where they lead in the checkout, in or out of it', async () => {
  const outside = await aFolder();
  await put(outside, { 'shared/fields.hbs': '.shared = true\n' });
  const folder = join(outside, 'repo');
  const body = "'''\n{{> fields}}\n{{> head}}\n{{> whole}}\n'''";
  const files = { 'templates/profiles/web/transform.toml.hbs': WEB.replace(`'.team = "a"'`, body) };
  await put(folder, { 'common/head.hbs': '.head = 1\n', 'templates/partials/own.hbs': '' });
  const links = join(folder, 'templates/partials');
  await symlink('../../../shared/fields.hbs', join(links, 'fields.hbs'));
  await symlink('../../common/head.hbs', join(links, 'head.hbs'));
  await symlink(join(folder, 'common/head.hbs'), join(links, 'whole.hbs'));
  const { dir } = await aCheckout(files, folder);
  const same = await review(dir, ['HEAD']);
  expect([same.code, same.found.report.hasChanges]).toEqual([0, false]);
  await put(dir, { 'common/head.hbs': '.head = 2\n' });
  const { diff } = (await review(dir, ['HEAD'])).found;
  expect(diff.match(/^[-+]\.head = .$/gm)).toEqual(['-.head = 1', '-.head = 1', '+.head = 2', '+.head = 2']);
});

test('review: names with blanks, quotes and letters of other alphabets', async () => {
  const name = 'my té mplates/\'"'.replaceAll('/', '');
  const { dir } = await aCheckout({
    'nvl.yaml': `templates: ${JSON.stringify(name)}\nroot: root\n`,
    [`${name}/profiles/web/transform.toml.hbs`]: WEB,
  });
  await put(dir, { [`${name}/profiles/web/transform.toml.hbs`]: WEB.replace('"a"', '"b"') });
  expect(changesOf((await review(dir, ['HEAD'])).found)).toEqual({ site: 'changed' });
});

test('review: an empty recording is a review of no task', async () => {
  const { dir } = await aCheckout({ 'recordings/node.json': [] });
  const { code, found } = await review(dir, ['HEAD']);
  expect([code, found.report.hasChanges]).toEqual([0, false]);
});

test('review: a recording of another nvl says so', async () => {
  const { dir } = await aCheckout({
    'recordings/node.json': { contextVersion: 99, allocDir: '/a', node: {}, allocations: RECORDING },
  });
  const { code, err } = await review(dir, ['HEAD']);
  expect(code).toBe(1);
  expect(err).toMatch(/contextVersion 99[\s\S]*nvl context --record/);
});
