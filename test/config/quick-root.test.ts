import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadConfig } from '../../lib/config/load.ts';
import { quickRoot } from '../../lib/config/quick-root.ts';

/** The root that a plain look finds, beside that of the whole configuration; undefined where that is refused. */
const roots = async ({
  files = {},
  env = {},
  given,
  cwd = 'work',
}: {
  files?: Readonly<Record<string, string>>;
  env?: Record<string, string>;
  given?: string;
  cwd?: string;
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'nvl-quick-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const dir of ['work/deep', 'system']) mkdirSync(join(folder, dir), { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const where = { env, cwd: join(folder, cwd), systemDir: join(folder, 'system') };
  const flags = given === undefined ? {} : { root: given };
  const whole = await loadConfig({ ...where, flags }).then(
    ({ root }) => root,
    () => undefined,
  );
  return { quick: quickRoot({ ...where, given }), whole };
};

test.each([
  ['nothing says it', {}, '/var/lib/nvl'],
  ['a flag', { given: '/flag', env: { NVL_ROOT: '/env' } }, '/flag'],
  ['the variable', { env: { NVL_ROOT: '/env' }, files: { 'work/nvl.yaml': 'root: /file\n' } }, '/env'],
  ['YAML', { files: { 'work/nvl.yaml': '# root: /no\nnomad:\n  interval: 5s\nroot: /a/b-c.d\n' } }, '/a/b-c.d'],
  ['YAML with quotes and a comment', { files: { 'work/nvl.yml': 'root: "/a"  # here\n' } }, '/a'],
  ['YAML without it', { files: { 'work/nvl.yaml': 'log:\n  level: debug\n' } }, '/var/lib/nvl'],
  ['TOML', { files: { 'work/nvl.toml': 'root = "/a"\n[nomad]\ninterval = "5s"\n' } }, '/a'],
  ['TOML without it', { files: { 'work/nvl.toml': '[log]\nlevel = "debug"\n' } }, '/var/lib/nvl'],
  ['JSON', { files: { 'work/nvl.json': '{ "log": {}, "root": "/a" }' } }, '/a'],
  ["the system's", { files: { 'system/nvl.yaml': 'root: /sys\n' } }, '/sys'],
])('a plain look finds what the whole configuration says: %s', async (_, given, root) => {
  expect(await roots(given)).toEqual({ quick: root, whole: root });
});

test.each([
  ['a file of a folder above', { cwd: 'work/deep', files: { 'work/nvl.yaml': 'root: /above\n' } }],
  ['two files', { files: { 'work/nvl.yaml': 'root: /a\n', 'work/nvl.toml': 'root = "/b"\n' } }],
  ['a file that is named', { env: { NVL_CONFIG: '/nowhere/nvl.yaml' }, files: { 'work/nvl.yaml': 'root: /a\n' } }],
  ['a path that is not whole', { files: { 'work/nvl.yaml': 'root: out\n' } }],
  ['YAML in braces', { files: { 'work/nvl.yaml': '{ root: /a }\n' } }],
  ['an alias', { files: { 'work/nvl.yaml': 'templates: &t /a\nroot: *t\n' } }],
  ['a text of several lines', { files: { 'work/nvl.yaml': 'templates: |\n  root: /no\nroot: /a\n' } }],
  ['a merged key', { files: { 'work/nvl.yaml': '<<: { root: /a }\n' } }],
  ['a key in quotes', { files: { 'work/nvl.yaml': '"root": /a\n' } }],
  ['a key twice', { files: { 'work/nvl.yaml': 'root: /a\nroot: /b\n' } }],
  ['TOML with a text of several lines', { files: { 'work/nvl.toml': 'templates = """\nroot = "/no"\n"""\n' } }],
  ['TOML with a key in quotes', { files: { 'work/nvl.toml': '"root" = "/a"\n' } }],
  ['JSON that is none', { files: { 'work/nvl.json': '{ "root": ' } }],
  ['a hidden file', { files: { 'work/.nvlrc': 'root: /a\n' } }],
  ['a home folder', { given: '~/nvl' }],
  ['an empty flag', { given: '' }],
])('where it is not certain it says nothing: %s', async (_, given) => {
  expect((await roots(given)).quick).toBeUndefined();
});

test('it never says something else than the whole configuration, whatever the lines are', async () => {
  const lines = [
    'root: /a',
    'root: "/b"',
    '  root: /c',
    'log:',
    '  level: info',
    '# root: /d',
    'templates: /t',
    '---',
    'x: >',
  ];
  for (const one of lines) {
    for (const other of lines) {
      const { quick, whole } = await roots({ files: { 'work/nvl.yaml': `${one}\n${other}\n` } });
      // A faulty file is refused by the whole command, which asks again where nobody answers.
      if (quick !== undefined && whole !== undefined) expect([one, other, quick]).toEqual([one, other, whole]);
    }
  }
});
