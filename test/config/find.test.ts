import { execFile } from 'node:child_process';
import { access, chmod, symlink } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { findConfig } from '../../lib/config/find.ts';
import { aFolder, faultsOf, loadIn } from './folder.ts';

const find = async (
  files: readonly string[],
  { from = '.', worldWritable }: { from?: string; worldWritable?: string } = {},
) => {
  const root = await aFolder(Object.fromEntries([`${from}/`, ...files].map((file) => [file, ''])));
  if (worldWritable !== undefined) await chmod(join(root, worldWritable), 0o777);
  const found = await findConfig({ cwd: join(root, from), systemDir: join(root, 'etc/nvl') });
  return found === undefined ? undefined : relative(root, found);
};

const inOrder = [
  'nvl.yaml',
  'nvl.yml',
  'nvl.toml',
  'nvl.json',
  '.nvlrc',
  '.nvlrc.yaml',
  '.nvlrc.yml',
  '.nvlrc.json',
  '.nvlrc.toml',
];

test.each(inOrder.map((name, index) => [name, inOrder.slice(index)] as const))(
  '%s comes before those after it',
  async (name, files) => expect(await find(files)).toBe(name),
);

test.each([
  'nvl.js',
  'nvl.mjs',
  'nvl.ts',
  '.nvlrc.js',
  '.nvlrc.cjs',
  '.nvlrc.ts',
  'nvl.config.js',
  '.config/nvlrc',
  'nvl.yaml/',
])('%s is no configuration', async (file) => expect(await find([file])).toBeUndefined());

test.each([
  ['the working directory first', ['a/b/.nvlrc.toml', 'a/nvl.yaml'], 'a/b/.nvlrc.toml'],
  ['then the folders above', ['a/nvl.yaml', 'nvl.yaml'], 'a/nvl.yaml'],
  ['up to the one with a .git', ['a/.git/', 'a/nvl.json', 'nvl.yaml'], 'a/nvl.json'],
  ['and not beyond it', ['a/.git/', 'nvl.yaml'], undefined],
  ['.git may be a file, as in a worktree', ['a/.git', 'nvl.yaml'], undefined],
  ['or up to a package.json', ['a/package.json', 'nvl.yaml'], undefined],
  ['then the system folder', ['a/.git/', 'nvl.yaml', 'etc/nvl/nvl.toml'], 'etc/nvl/nvl.toml'],
  ['which is read last', ['etc/nvl/nvl.yaml', 'a/b/.nvlrc'], 'a/b/.nvlrc'],
  ['and has no hidden files', ['a/.git/', 'etc/nvl/.nvlrc'], undefined],
])('the search takes %s', async (_, files, found) => expect(await find(files, { from: 'a/b' })).toBe(found));

test('a folder above that anyone can write to is not trusted', async () => {
  expect(await find(['shared/nvl.yaml', 'nvl.yaml'], { from: 'shared/a', worldWritable: 'shared' })).toBeUndefined();
});

test('the working directory itself is, whoever can write to it', async () => {
  expect(await find(['shared/nvl.yaml'], { from: 'shared', worldWritable: 'shared' })).toBe('shared/nvl.yaml');
});

test('a working directory that is gone has no configuration', async () => {
  expect(await findConfig({ cwd: '/no/such/folder', systemDir: '/no/such/etc' })).toBeUndefined();
});

test('a link to itself is found, and said to be none', async () => {
  const cwd = await aFolder();
  await symlink('nvl.yaml', join(cwd, 'nvl.yaml'));
  expect(await faultsOf(loadIn(cwd))).toEqual([expect.stringContaining('nvl.yaml  cannot be read: ELOOP')]);
});

test('a system folder that is a file holds nothing', async () => {
  const root = await aFolder({ '.git/': '', etc: '' });
  expect(await findConfig({ cwd: root, systemDir: join(root, 'etc/nvl') })).toBeUndefined();
});

/** Searches in a process of its own, whose working directory is the folder; `before` is run first. */
const findInChild = async (cwd: string, before = '') => {
  const module = new URL('../../lib/config/find.ts', import.meta.url).href;
  const script = `import { findConfig } from ${JSON.stringify(module)};
    ${before}
    console.log(await findConfig({ cwd: process.cwd(), systemDir: '/no/such/etc' }));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { cwd });
  return basename(stdout.trim());
};

test("code for cosmiconfig itself, in the process's working directory, is not run", async () => {
  const trap = "require('node:fs').writeFileSync('ran', ''); module.exports = {};";
  const cwd = await aFolder({
    'package.json': '{"cosmiconfig": {"searchPlaces": ["package.json"]}}',
    '.config/config.js': trap,
    '.config/config.cjs': trap,
    'nvl.yaml': '',
  });
  expect(await findInChild(cwd)).toBe('nvl.yaml');
  await expect(access(join(cwd, 'ran'))).rejects.toThrow('ENOENT');
});

test('a file that may not be read is found, not passed over', async () => {
  const cwd = await aFolder({ 'nvl.yaml': '', '.nvlrc': '' });
  await chmod(cwd, 0o755);
  await chmod(join(cwd, 'nvl.yaml'), 0);
  // Root may read everything; 65534 is nobody.
  expect(await findInChild(cwd, 'if (process.getuid() === 0) process.seteuid(65534);')).toBe('nvl.yaml');
});
