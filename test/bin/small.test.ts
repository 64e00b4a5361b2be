import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { aFolder, put } from '../commands/support.ts';
import { waitUntil } from '../support/wait.ts';

// Node 22 ends at its next collection where `--single-threaded-gc` is set while it runs.

test('a daemon begins anew with the flags that keep it small: the same process, and what it was started with', async () => {
  const folder = await aFolder();
  await put(folder, {
    'nvl.json': { root: 'root', nomad: { address: 'http://127.0.0.1:1' }, reload: { method: 'watch' } },
  });
  const nvl = fileURLToPath(new URL('../../bin/nvl.js', import.meta.url));
  const child = spawn(process.execPath, ['--trace-warnings', nvl, 'run'], { cwd: folder });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = { err: '' };
  child.stderr.on('data', (chunk) => (said.err += chunk));
  await waitUntil('nvl to run', () => said.err.includes('nvl runs'), { timeoutMs: 20_000 });
  const started = (await readFile(`/proc/${child.pid}/cmdline`, 'utf8')).split('\0');
  expect(started.slice(1, 3)).toEqual(['--trace-warnings', '--semi-space-growth-factor=1']);
  expect(started.filter((word) => word === '--single-threaded-gc')).toHaveLength(1);
  expect(started.slice(-3)).toEqual([nvl, 'run', '']);
  expect(said.err).not.toMatch(/warning/i);
});
