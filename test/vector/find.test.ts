import { chmod, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findVector, OLDEST_VERSION } from '../../lib/vector/process/find.ts';
import { runVector } from '../../lib/vector/process/run.ts';
import { needs, pathOf, vector } from '../support/programs.ts';
import { aCommand, linesOf, ownFolder, writeProgram } from './support.ts';

const sayVersion = (version: string) => `#!/bin/sh
echo asked >> "$(dirname "$0")/asked"
echo "vector ${version} (x86_64-unknown-linux-gnu 0c1d2e3 2026-07-14 16:12:13)"
`;

test('find: vector on PATH says its version, and is asked again only when the file is another', async () => {
  const cwd = await ownFolder();
  const file = await writeProgram({ folder: cwd, source: sayVersion('0.57.0') });
  const command = aCommand({ cwd, env: { PATH: `${cwd}/nothing:${cwd}:${process.env.PATH}` } });
  expect(await findVector({ command })).toEqual({ file, version: '0.57.0' });
  await findVector({ command });
  expect(await linesOf(join(cwd, 'asked'))).toHaveLength(1);

  await writeProgram({ folder: cwd, source: sayVersion('0.58.1-nightly') });
  await utimes(file, 1_000, 1_000);
  expect(await findVector({ command })).toEqual({ file, version: '0.58.1-nightly' });
  expect(await linesOf(join(cwd, 'asked'))).toHaveLength(2);
});

test('find: a relative path starts at the working directory of the command', async () => {
  const cwd = await ownFolder();
  const file = await writeProgram({ folder: cwd, source: sayVersion('0.60.0') });
  expect(await findVector({ command: aCommand({ cwd, binary: './vector' }) })).toEqual({ file, version: '0.60.0' });
});

test.each(['0.56.9', '0.9.2', '0.57.0'])('find: version %s against the oldest', async (version) => {
  const cwd = await ownFolder();
  await writeProgram({ folder: cwd, source: sayVersion(version) });
  const found = findVector({ command: aCommand({ cwd, binary: './vector' }) });
  if (version === OLDEST_VERSION) await expect(found).resolves.toMatchObject({ version });
  else
    await expect(found).rejects.toMatchObject({
      code: 'vectorTooOld',
      facts: { needed: expect.stringContaining('compile VRL') },
    });
});

test('find: nothing there names the PATH that was searched', async () => {
  const cwd = await ownFolder();
  const command = aCommand({ cwd, env: { PATH: `${cwd}/a:${cwd}/b` } });
  await expect(findVector({ command })).rejects.toMatchObject({
    code: 'vectorMissing',
    facts: { searched: `${cwd}/a:${cwd}/b` },
  });
});

test('find: a file that may not be run says so', async () => {
  const cwd = await ownFolder();
  const file = await writeProgram({ folder: cwd, source: sayVersion('0.57.0') });
  await chmod(file, 0o644);
  await expect(findVector({ command: aCommand({ cwd, binary: file }) })).rejects.toMatchObject({
    code: 'vectorMissing',
    facts: { reason: expect.stringContaining('EACCES') },
  });
});

test.each([
  ['is another program', '#!/bin/sh\necho "ls (GNU coreutils) 9.1"\n'],
  ['fails', '#!/bin/sh\necho broken >&2\nexit 3\n'],
  ['has an interpreter that is not there', '#!/no/such/shell\n'],
])('find: a vector that %s', async (_, source) => {
  const cwd = await ownFolder();
  const file = await writeProgram({ folder: cwd, source });
  await expect(findVector({ command: aCommand({ cwd, binary: file }) })).rejects.toMatchObject({
    code: 'vectorMissing',
  });
});

test('find: one that does not answer is ended, with what it started', async () => {
  const cwd = await ownFolder();
  const file = await writeProgram({ folder: cwd, source: '#!/bin/sh\nsleep 60\n' });
  const before = Date.now();
  await expect(findVector({ command: aCommand({ cwd, binary: file }), timeoutMs: 200 })).rejects.toMatchObject({
    code: 'vectorHangs',
  });
  expect(Date.now() - before).toBeLessThan(30_000);
});

test('run: an abort ends it with the reason of the abort', async () => {
  const cwd = await ownFolder();
  const binary = await writeProgram({ folder: cwd, source: '#!/bin/sh\nsleep 60\n' });
  const running = runVector({
    command: aCommand({ cwd, binary }),
    args: [],
    timeoutMs: 30_000,
    signal: AbortSignal.timeout(100),
  });
  await expect(running).rejects.toMatchObject({ name: 'TimeoutError' });
});

test('run: a signal is no answer', async () => {
  const cwd = await ownFolder();
  const binary = await writeProgram({ folder: cwd, source: '#!/bin/sh\necho last words >&2\nkill -ABRT $$\n' });
  await expect(runVector({ command: aCommand({ cwd, binary }), args: [], timeoutMs: 30_000 })).rejects.toMatchObject({
    code: 'vectorDied',
    facts: { said: 'last words' },
  });
});

test('run: output beyond the limit is let go, and the end still counts', async () => {
  const cwd = await ownFolder();
  const binary = await writeProgram({
    folder: cwd,
    source: 'process.stdout.write("x".repeat(500_000)); process.exitCode = 7;',
  });
  const { exitCode, stdout } = await runVector({
    command: aCommand({ cwd, binary }),
    args: [],
    timeoutMs: 30_000,
    maxOutputBytes: 1_000,
  });
  expect({ exitCode, length: stdout.length }).toEqual({ exitCode: 7, length: 1_000 });
});

test('real vector: it is found, and new enough', needs(vector), async () => {
  expect((await findVector({ command: aCommand({ cwd: '/', binary: pathOf(vector) }) })).version).toMatch(
    /^\d+\.\d+\.\d+/,
  );
});
