import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { onCopies, withOriginalPaths } from '../../lib/vector/config/on-copies.ts';
import { readOwnFiles } from '../../lib/vector/config/own-files.ts';
import { aCommand, ownFolder, writeFiles } from './support.ts';

const read = async ({ folder, args, env = {} }: { folder: string; args: string[]; env?: Record<string, string> }) => {
  const own = await readOwnFiles({
    command: aCommand({ cwd: folder, args, env }),
    liveFile: join(folder, 'root/live/nomad.toml'),
  });
  return {
    ...own,
    copies: own.files.map(({ copy, original, bytes }) => `${copy} <- ${original.slice(folder.length + 1)}: ${bytes}`),
  };
};

test('files, globs, formats, folders and variables: each file that Vector loads has a copy, of its format and its name', async () => {
  const folder = await ownFolder();
  await writeFiles(folder, {
    'a.toml': 'a',
    'b.conf': 'b',
    'odd,name.yml': 'c',
    'dir/top.yaml': 'd',
    'dir/notes.txt': '-',
    'dir/sinks/loki.json': 'e',
    'dir/transforms/deep/er.toml': 'f',
    'dir/transforms/.hidden/x.toml': '-',
    'dir/other/x.toml': '-',
    'dir/..data/real.toml': 'g',
    'dir/linked.toml': '-> ..data/real.toml',
    'dir/dangling.toml': '-> nowhere',
    'root/live/nomad.toml': 'live',
  });
  const own = await read({
    folder,
    args: [
      '-c',
      '*.toml',
      '--config-yaml',
      'b.conf',
      '-C',
      'dir',
      '-c',
      'root/live/nomad.toml',
      '-C',
      'root/live',
      '-v',
    ],
    env: { VECTOR_CONFIG: 'not-read.toml' },
  });
  expect(own.faults).toEqual([]);
  expect(own.copies).toEqual([
    'files/0001-a.toml <- a.toml: a',
    'files/0002-b.yaml <- b.conf: b',
    'dirs/0004-dir/linked.toml <- dir/linked.toml: g',
    'dirs/0004-dir/top.yaml <- dir/top.yaml: d',
    'dirs/0004-dir/transforms/deep/er.toml <- dir/transforms/deep/er.toml: f',
    'dirs/0004-dir/sinks/loki.json <- dir/sinks/loki.json: e',
  ]);
  const byVariable = await read({ folder, args: [], env: { VECTOR_CONFIG: 'a.toml,odd?name.yml' } });
  expect(byVariable.copies).toEqual(['files/0001-a.toml <- a.toml: a', 'files/0002-odd_name.yaml <- odd,name.yml: c']);
});

test('what cannot be read is a fault, and what a file says, and whether it is there, makes another digest', async () => {
  const folder = await ownFolder();
  await writeFiles(folder, { 'a.toml': 'a', 'd/x.toml': 'x' });
  await promisify(execFile)('mkfifo', [join(folder, 'pipe.toml')]);
  const args = ['-c', 'a.toml', '-c', 'none.toml', '-c', 'pipe.toml', '-c', 'no*.toml', '-C', 'd', '-C', 'gone'];
  const { faults } = await read({ folder, args });
  expect(faults.map(({ file, message }) => `${file.slice(folder.length + 1)} ${message}`)).toEqual([
    'no*.toml is not there',
    'none.toml is not there',
    'pipe.toml is no regular file',
    'gone is not there',
  ]);
  const good = ['-c', 'a.toml', '-C', 'd'];
  const digests = [
    (await read({ folder, args: good })).digest,
    (await read({ folder, args: ['-c', 'a.toml'] })).digest,
    await writeFile(join(folder, 'a.toml'), 'b').then(async () => (await read({ folder, args: good })).digest),
    await rm(join(folder, 'd/x.toml')).then(async () => (await read({ folder, args: good })).digest),
  ];
  expect(new Set(digests).size).toBe(4);
  expect((await read({ folder, args: good })).digest).toBe(digests[3]);
});

test('the command that reads the copies has the same arguments whatever there is, and no variable adds to them', () => {
  const originals = new Map([['/r/[o]wn/in-use/files/0001-a.toml', '/etc/vector/a.toml']]);
  const command = onCopies({
    command: aCommand({
      cwd: '/w',
      args: ['-q', '-c', 'a.toml', '-w', '--log-format=json', '-C', 'd'],
      env: { VECTOR_CONFIG_TOML: 'x', VECTOR_DANGEROUSLY_ALLOW_ENV_VAR_INTERPOLATION: '1', MINE: 'y' },
    }),
    liveFile: '/r/live/nomad.toml',
    copies: { folder: '/r/[o]wn/in-use', originals },
  });
  expect(command.args.join(' ')).toBe(
    '-q --log-format=json --watch-config --dangerously-allow-env-var-interpolation ' +
      '-c /r/[[]o]wn/in-use/files/* -c /r/live/nomad.toml -C /r/[[]o]wn/in-use/dirs/*',
  );
  expect(command.env).toMatchObject({ MINE: 'y', VECTOR_CONFIG: undefined, VECTOR_CONFIG_TOML: undefined });
  expect(withOriginalPaths({ words: 'x "/r/[o]wn/in-use/files/0001-a.toml" is bad', command })).toBe(
    'x "/etc/vector/a.toml" is bad',
  );
});
