import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, type TestContext, test } from 'vitest';
import { watchEdits } from '../../lib/watch/edits.ts';
import { aLog, aWatched, snapshot } from './support.ts';

/** A temporary folder, and what a test does in it; both it and the watching end with the test. */
const aFolder = async ({ onTestFinished }: TestContext) => {
  const root = await mkdtemp(join(os.tmpdir(), 'nvl-'));
  onTestFinished(() => rm(root, { recursive: true }));
  const { log, lines } = aLog();
  const at = (...names: string[]) => join(root, ...names);
  return {
    at,
    warnings: lines,
    write: async (name: string, text = 'text') => {
      await mkdir(dirname(at(name)), { recursive: true });
      await writeFile(at(name), text);
    },
    link: async (target: string, name: string) => {
      await symlink(target, at('new-link'));
      await rename(at('new-link'), at(name));
    },
    watchThese: async (...names: string[]) => {
      const edits = aWatched(() => names.map((name) => snapshot(at(name))));
      const controller = new AbortController();
      const begins = edits.next();
      const watching = watchEdits({
        paths: names.map((name) => at(name)),
        onEdit: edits.call,
        log,
        signal: controller.signal,
      });
      onTestFinished(async () => {
        controller.abort();
        await watching;
      });
      await begins;
      await edits.rest(50);
      return edits;
    },
  };
};

describe.concurrent('edits', () => {
  test('begins with one call, and is quiet while nothing is edited', async (context) => {
    const { write, watchThese } = await aFolder(context);
    await write('templates/vector/source.toml.hbs');
    const edits = await watchThese('templates');
    expect(edits.count()).toBe(1);
  });

  test('a template that is added, changed, removed', async (context) => {
    const { at, write, watchThese } = await aFolder(context);
    await write('templates/vector/source.toml.hbs');
    const edits = await watchThese('templates');
    await edits.after(() => write('templates/profiles/web/transform.toml.hbs'));
    await edits.after(() => write('templates/profiles/web/transform.toml.hbs', 'other'));
    await edits.after(() => rm(at('templates/profiles'), { recursive: true }));
  });

  test('the ways of editors: a new file renamed over, the old one renamed away first, in place', async (context) => {
    const { at, write, watchThese } = await aFolder(context);
    await write('templates/sink.toml.hbs');
    await write('nvl.yaml');
    const edits = await watchThese('templates', 'nvl.yaml');
    for (const name of ['templates/sink.toml.hbs', 'nvl.yaml']) {
      await edits.after(async () => {
        await write(`${name}.tmp`, 'renamed over');
        await rename(at(`${name}.tmp`), at(name));
      });
      await edits.after(async () => {
        await rename(at(name), at(`${name}~`));
        await write(name, 'written anew');
        await rm(at(`${name}~`));
      });
      await edits.after(() => write(name, 'in place'));
    }
  });

  test("editors' swap files and git's own files are no edits", async (context) => {
    const { write, watchThese } = await aFolder(context);
    await write('templates/sink.toml.hbs');
    await write('templates/.git/HEAD');
    const edits = await watchThese('templates');
    const before = edits.count();
    await write('templates/.sink.toml.hbs.swp');
    await write('templates/.git/index');
    await write('templates/node_modules/some/file.js');
    await edits.rest(300);
    expect(edits.count()).toBe(before);
  });

  test('a folder that does not exist yet, vanishes and comes back', async (context) => {
    const { at, write, watchThese } = await aFolder(context);
    const edits = await watchThese('etc/nvl/templates');
    await edits.after(() => write('etc/nvl/templates/sink.toml.hbs'));
    await edits.after(() => rm(at('etc'), { recursive: true }));
    await edits.after(() => write('etc/nvl/templates/sink.toml.hbs', 'again'));
    await edits.after(() => write('etc/nvl/templates/sink.toml.hbs', 'changed'));
  });

  test('a config file that does not exist yet', async (context) => {
    const { at, write, watchThese } = await aFolder(context);
    const edits = await watchThese('nvl.yaml');
    await edits.after(() => write('nvl.yaml'));
    await edits.after(() => rm(at('nvl.yaml')));
  });

  test.for<[string, string, string, string]>([
    ['the folder', 'templates', 'templates', 'sink.toml.hbs'],
    ['the folder above', 'etc', 'etc/templates', 'templates/sink.toml.hbs'],
    ['the folder of the config file', 'etc', 'etc/nvl.yaml', 'nvl.yaml'],
  ])('another folder renamed into its place: %s', async ([, folder, watched, file], context) => {
    const { at, write, watchThese } = await aFolder(context);
    await write(`${folder}/${file}`);
    await write(`next/${file}`, 'next');
    const edits = await watchThese(watched);
    await edits.after(async () => {
      await rename(at(folder), at('old'));
      await rename(at('next'), at(folder));
    });
    await edits.after(() => write(`${folder}/${file}`, 'changed'));
  });

  test('Kubernetes: the links of the files stay, `..data` is swapped', async (context) => {
    const { at, write, link, watchThese } = await aFolder(context);
    await write('templates/..v1/sink.toml.hbs');
    await write('templates/..v2/sink.toml.hbs', 'two');
    await link('..v1', 'templates/..data');
    await link('..data/sink.toml.hbs', 'templates/sink.toml.hbs');
    const edits = await watchThese('templates');
    await edits.after(() => link('..v2', 'templates/..data'));
    await edits.after(() => rm(at('templates/..v1'), { recursive: true }));
    await write('templates/..v3/sink.toml.hbs', 'three');
    await edits.rest();
    await edits.after(() => link('..v3', 'templates/..data'));
    await edits.after(() => write('templates/..v3/sink.toml.hbs', 'changed'));
  });

  test('git-sync: the link above the folder is swapped, the old folder stays', async (context) => {
    const { write, link, watchThese } = await aFolder(context);
    await write('worktrees/1/templates/sink.toml.hbs');
    await write('worktrees/2/templates/sink.toml.hbs', 'two');
    await link('worktrees/1', 'current');
    const edits = await watchThese('current/templates');
    await edits.after(() => link('worktrees/2', 'current'));
    await edits.after(() => write('worktrees/2/templates/sink.toml.hbs', 'changed'));
    await edits.after(() => link('worktrees/1', 'current'));
  });

  test('the folder itself and the config file are links that are swapped', async (context) => {
    const { write, link, watchThese } = await aFolder(context);
    await write('v1/sink.toml.hbs');
    await write('v2/sink.toml.hbs', 'two');
    await write('v1/nvl.yaml');
    await write('v2/nvl.yaml', 'two');
    await link('v1', 'templates');
    await link('v1', 'now');
    await link('now/nvl.yaml', 'nvl.yaml');
    const edits = await watchThese('templates', 'nvl.yaml');
    await edits.after(() => link('v2', 'templates'));
    await edits.after(() => link('v2', 'now'));
    await edits.after(() => write('v2/nvl.yaml', 'changed'));
  });

  test('a link that leads to itself is one warning, and else as good as missing', async (context) => {
    const { at, write, warnings, watchThese } = await aFolder(context);
    await symlink('templates', at('templates'));
    const edits = await watchThese('templates');
    expect(warnings.splice(0)).toEqual(['warn not every edit is noticed at once']);
    await edits.after(async () => {
      await rm(at('templates'));
      await write('templates/sink.toml.hbs');
    });
  });
});
