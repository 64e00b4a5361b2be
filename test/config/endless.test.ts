import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findConfig } from '../../lib/config/find.ts';
import { readConfigFile } from '../../lib/config/read.ts';

const aFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-endless-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
};
const makers: [string, (file: string) => Promise<void> | Buffer][] = [
  ['a FIFO', (file) => execFileSync('mkfifo', [file])],
  ['a link to a device', (file) => symlink('/dev/zero', file)],
];

// Whoever reads such a file to its end never comes back.
test.each(makers)('%s in the place of the configuration is found, and said to be no file', async (_, make) => {
  for (const name of ['nvl.yaml', 'nvl.toml', '.nvlrc']) {
    const folder = await aFolder();
    await make(join(folder, name));
    const found = await findConfig({ cwd: folder, systemDir: await aFolder() });
    expect(found).toBe(join(folder, name));
    expect((await readConfigFile(found ?? '')).faults).toEqual([{ line: undefined, text: 'is no file' }]);
  }
});

test('a file that comes before it counts; what a shell hands over, and /dev/null, are read', async () => {
  const folder = await aFolder();
  await writeFile(join(folder, 'nvl.yaml'), 'root: /x\n');
  execFileSync('mkfifo', [join(folder, 'nvl.toml')]);
  expect(await findConfig({ cwd: folder, systemDir: folder })).toBe(join(folder, 'nvl.yaml'));
  await symlink('/dev/null', join(folder, 'empty.yaml'));
  expect((await readConfigFile(join(folder, 'empty.yaml'))).faults).toEqual([]);
});
