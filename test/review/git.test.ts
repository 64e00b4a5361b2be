import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { aFolder, put } from '../commands/support.ts';
import { aCheckout, changesOf, commit, git, review, WEB } from './support.ts';

const OTHER = { 'templates/profiles/web/transform.toml.hbs': WEB.replace('"a"', '"b"') };

/** `main` went on after a branch left it. */
const aBranch = async () => {
  const { dir, first } = await aCheckout();
  await git(dir, 'checkout', '--quiet', '-b', 'change');
  await put(dir, OTHER);
  await commit(dir, 'ours');
  await git(dir, 'checkout', '--quiet', 'main');
  await put(dir, { 'templates/vector/sink.toml.hbs': '[sinks.x]\ntype = "blackhole"\ninputs = ["{{input}}"]\n' });
  await commit(dir, 'theirs');
  await git(dir, 'checkout', '--quiet', 'change');
  return { dir, first };
};

test('review: only what the branch changed counts, not what the base did since', async () => {
  const { dir, first } = await aBranch();
  const { found } = await review(dir, ['main']);
  expect(changesOf(found)).toEqual({ site: 'changed' });
  expect(found.diff).not.toContain('blackhole');
  const byCommit = (await review(dir, [first])).found;
  expect(byCommit.diff).toBe(found.diff);
});

test('review: a detached HEAD, a tag and another worktree', async () => {
  const { dir } = await aBranch();
  await git(dir, 'tag', 'v1', 'main');
  const tree = join(dirname(dir), 'tree');
  await git(dir, 'worktree', 'add', '--quiet', '--detach', tree, 'change');
  await git(dir, 'checkout', '--quiet', '--detach');
  for (const cwd of [dir, tree]) {
    for (const base of ['main', 'v1'])
      expect(changesOf((await review(cwd, [base])).found)).toEqual({ site: 'changed' });
  }
});

test('review: a clone that was cut off says what to fetch, and does not show changes of others', async () => {
  const { dir } = await aBranch();
  const clone = join(dirname(dir), 'clone');
  await git(dir, 'clone', '--quiet', '--depth=1', '--branch=change', `file://${dir}`, clone);
  const unknown = await review(clone, ['origin/main']);
  expect(unknown.code).toBe(1);
  expect(unknown.err).toMatch(/there is no commit origin\/main[\s\S]*fetch/);
  await git(clone, 'fetch', '--quiet', '--depth=1', 'origin', 'main:refs/remotes/origin/main');
  const cut = await review(clone, ['origin/main']);
  expect(cut.code).toBe(1);
  expect(cut.err).toMatch(/history of this clone ends before[\s\S]*--unshallow[\s\S]*fetch-depth: 0/);
  await git(clone, 'fetch', '--quiet', '--unshallow', 'origin');
  expect(changesOf((await review(clone, ['origin/main'])).found)).toEqual({ site: 'changed' });
});

test('review: no checkout, no git, no commit, and one that Git refuses to read', async () => {
  const folder = await aFolder();
  await put(folder, { 'nvl.yaml': '' });
  expect((await review(folder)).err).toContain('this is no Git checkout');

  const { dir } = await aCheckout();
  const before = process.env.PATH;
  process.env.PATH = folder;
  try {
    expect((await review(dir)).err).toContain('there is no git on the PATH');
  } finally {
    process.env.PATH = before;
  }

  await writeFile(join(dir, '.git/config'), '[core\n');
  expect((await review(dir)).err).toMatch(/Git cannot read this checkout[\s\S]*bad config line/);

  const empty = join(folder, 'empty');
  await mkdir(empty);
  await git(empty, 'init', '--quiet', '--initial-branch=main');
  expect((await review(empty)).err).toContain('there is nothing to compare with');
});

test('review: nothing of the checkout changes, its index neither', async () => {
  const { dir } = await aBranch();
  await put(dir, { 'new.txt': 'x' });
  await git(dir, 'add', 'new.txt');
  const before = await git(dir, 'status', '--porcelain=v2', '--branch');
  await review(dir, ['main']);
  expect(await git(dir, 'status', '--porcelain=v2', '--branch')).toBe(before);
});

/** A repository whose templates are a submodule, with two commits of those. */
const withSubmodule = async () => {
  const inner = join(await aFolder(), 'templates-of-all');
  await put(inner, { 'profiles/web/transform.toml.hbs': WEB });
  await git(inner, '-c', 'init.defaultBranch=main', 'init', '--quiet');
  await commit(inner, 'inner');
  const { dir } = await aCheckout();
  await git(dir, 'rm', '-r', '--quiet', 'templates');
  await rm(join(dir, 'templates'), { recursive: true, force: true });
  await git(dir, 'submodule', '--quiet', 'add', `file://${inner}`, 'templates');
  await commit(dir, 'a submodule');
  await put(inner, { 'profiles/web/transform.toml.hbs': WEB.replace('"a"', '"b"') });
  await commit(inner, 'inner again');
  await git(join(dir, 'templates'), 'pull', '--quiet', 'origin', 'HEAD');
  await commit(dir, 'a newer one');
  return { dir };
};

test('review: templates in a submodule are those of the commit that the base names', async () => {
  const { dir } = await withSubmodule();
  const { code, found } = await review(dir, ['HEAD~1']);
  expect([code, changesOf(found)]).toEqual([0, { site: 'changed' }]);
  expect(found.diff).toMatch(/-source = .*"a"[\s\S]*\+source = .*"b"/);
});

test('review: a submodule that was never fetched is no review of nothing', async () => {
  const { dir } = await withSubmodule();
  const clone = join(dirname(dir), 'clone');
  await git(dir, 'clone', '--quiet', `file://${dir}`, clone);
  const { code, err } = await review(clone, ['HEAD~1']);
  expect(code).toBe(1);
  expect(err).toMatch(/submodule templates[\s\S]*git submodule update --init templates/);
});

test('review: a hook of Git, which says where the repository is, reviews the same', async () => {
  const { dir } = await withSubmodule();
  process.env.GIT_DIR = '.git';
  try {
    expect(changesOf((await review(dir, ['HEAD~1'])).found)).toEqual({ site: 'changed' });
  } finally {
    delete process.env.GIT_DIR;
  }
});
