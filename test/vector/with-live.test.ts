import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withLive } from '../../lib/vector/config/with-live.ts';
import { aCommand, ownFolder, writeFiles } from './support.ts';

test.each<
  [
    string,
    { args?: string[]; env?: Record<string, string>; files?: Record<string, string>; globals?: boolean },
    string[],
  ]
>([
  ['added to files', { args: ['-c', 'own.toml'] }, ['-c', 'own.toml', '-c', 'R/live/nomad.toml']],
  ['added to a folder', { args: ['-C', '.'] }, ['-C', '.', '-c', 'R/live/nomad.toml']],
  ['nothing named: alone', {}, ['-c', 'R/live/nomad.toml']],
  ['nothing named: beside the globals', { globals: true }, ['-c', 'R/state/vector.toml', '-c', 'R/live/nomad.toml']],
  [
    'something named: without the globals',
    { args: ['-c', 'own.toml'], globals: true },
    ['-c', 'own.toml', '-c', 'R/live/nomad.toml'],
  ],
  [
    'a variable would be hidden, so it is written out',
    { env: { VECTOR_CONFIG: 'a,b' } },
    ['-c', 'a', '-c', 'b', '-c', 'R/live/nomad.toml'],
  ],
  [
    'a variable that is hidden already',
    { args: ['-c', 'c'], env: { VECTOR_CONFIG: 'a' } },
    ['-c', 'c', '-c', 'R/live/nomad.toml'],
  ],
  ['a variable for folders stays in force', { env: { VECTOR_CONFIG_DIR: 'd' } }, ['-c', 'R/live/nomad.toml']],
  ['loaded as a file', { args: ['-c', 'live/nomad.toml'] }, ['-c', 'live/nomad.toml']],
  ['loaded by its variable', { env: { VECTOR_CONFIG_TOML: 'live/nomad.toml' } }, []],
  ['loaded as a glob', { args: ['-c', 'live/*'] }, ['-c', 'live/*']],
  ['loaded by a folder', { args: ['-C', 'live'] }, ['-C', 'live']],
  ['loaded by a glob of folders', { args: ['-C', 'li*'] }, ['-C', 'li*']],
  ['loaded by a link', { args: ['-C', 'etc'], files: { 'etc/n.toml': '-> ../live/nomad.toml' } }, ['-C', 'etc']],
  [
    'a link under a name Vector skips',
    { args: ['-C', 'etc'], files: { 'etc/n.bak': '-> ../live/nomad.toml' } },
    ['-C', 'etc', '-c', 'R/live/nomad.toml'],
  ],
  ['a folder above does not load it', { args: ['-C', '.'] }, ['-C', '.', '-c', 'R/live/nomad.toml']],
])('the live file: %s', async (_, { args = [], env = {}, files = {}, globals = false }, expected) => {
  // Once with the live file there and once before it is first written.
  for (const live of [{ 'live/nomad.toml': '' }, { 'live/.keep': '' }]) {
    const cwd = await ownFolder();
    await writeFiles(cwd, { 'own.toml': '', ...live, ...files });
    const globalsFile = globals ? { globalsFile: join(cwd, 'state/vector.toml') } : {};
    const command = await withLive({
      command: aCommand({ cwd, args, env }),
      liveFile: join(cwd, 'live/nomad.toml'),
      ...globalsFile,
    });
    expect(command.args).toEqual(expected.map((word) => word.replace(/^R/, cwd)));
  }
});

test('the live file: a path with glob characters is passed literally, one with a comma is refused', async () => {
  const cwd = await ownFolder();
  const command = await withLive({ command: aCommand({ cwd }), liveFile: join(cwd, 'a[b]/nomad.toml') });
  expect(command.args).toEqual(['-c', join(cwd, 'a[[]b]/nomad.toml')]);
  await expect(withLive({ command: aCommand({ cwd }), liveFile: join(cwd, 'a,b/nomad.toml') })).rejects.toMatchObject({
    code: 'rootUnusable',
  });
});
