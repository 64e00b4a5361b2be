import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startChild } from '../support/child.ts';
import { projectFolder } from '../support/nvl.ts';
import { needs, pathOf, vector } from '../support/programs.ts';
import { waitUntil } from '../support/wait.ts';

// The demo as a newcomer runs it: nothing but Node is there, and perhaps a Vector.

const startDemo = async ({
  args = [],
  env = {},
  vectorFile,
}: {
  args?: string[];
  env?: Record<string, string>;
  vectorFile?: string;
} = {}) => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-demo-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const [bin, temporary] = [join(folder, 'bin'), join(folder, 'tmp')];
  await mkdir(bin);
  await mkdir(temporary);
  await symlink(process.execPath, join(bin, 'node'));
  if (vectorFile !== undefined) await symlink(vectorFile, join(bin, 'vector'));
  const child = await startChild(process.execPath, [join(projectFolder, 'bin', 'nvl.js'), 'demo', ...args], {
    cwd: folder,
    env: { PATH: bin, TMPDIR: temporary, ...env },
    logFile: join(folder, 'said.txt'),
  });
  onTestFinished(async () => {
    await child.end();
  });
  return { child, leftBehind: () => readdir(temporary) };
};

const titles = (said: string): string[] => said.split('\n').flatMap((line) => /^\d+ +(.*)$/.exec(line)?.[1] ?? []);
const longest = (said: string): number => Math.max(...said.split('\n').map((line) => line.length));
const ESCAPE = '\u001b';

test('with a Vector everything is shown, every line arrives, and nothing is left behind', {
  ...needs(vector),
  timeout: 180_000,
}, async () => {
  const { child, leftBehind } = await startDemo({ vectorFile: pathOf(vector) });
  const exitCode = await child.ended;
  const said = await child.said();
  expect(titles(said)).toEqual([
    'A Nomad node at work',
    'What a template sees',
    'What it is rendered to',
    'Before and after',
    'An allocation starts',
    'It stops, and its last line has no newline',
    'A template is edited',
    'What came of it',
    'What to do next',
  ]);
  expect(exitCode).toBe(0);
  // The same line raw, labelled and parsed.
  expect(said).toMatch(
    /before +192\.0\.2\.\d+ - - \[.*\n(.*\n)* +after +namespace=default {2}job_name=shop {2}group_name=web {2}task_name=nginx\n(.*\n)*.*client=192\.0\.2\.\d+/,
  );
  expect(said).toMatch(
    /the line is delivered:\n +namespace=default {2}job_name=backup\/periodic-\d+ {2}group_name=databases/,
  );
  expect(said).toMatch(/no newline, and ends with 0\n +\+\d+\.\d\d s +the line is delivered, with its labels/);
  expect(said).toMatch(/\| \+ {2}\.level = .*\n(.*\n)*.*Sources restarted: 0/);
  expect(said).toMatch(/new +client=.* level=error/);
  const [, written, delivered] = /written +(\d+) lines\n +delivered +(\d+)\n/.exec(said) ?? [];
  expect(Number(written)).toBeGreaterThan(20);
  expect(delivered).toBe(written);
  expect(said).toMatch(/lost +0\n +repeated +0\n +mislabelled +0\n +reloads +\d+ confirmed by Vector, 0 refused/);
  expect(longest(said)).toBeLessThanOrEqual(100);
  expect(said).not.toContain(ESCAPE);
  expect(await leftBehind()).toEqual([]);
});

test('without a Vector the context, the configuration and the live edit are shown', { timeout: 120_000 }, async () => {
  const { child, leftBehind } = await startDemo();
  expect(await child.ended).toBe(0);
  const said = await child.said();
  expect(said).toContain('There is no vector on the PATH, so these steps are left out');
  expect(titles(said)).toEqual([
    'A Nomad node at work',
    'What a template sees',
    'What it is rendered to',
    'A template is edited',
    'What to do next',
  ]);
  expect(said).toMatch(/\{\{job\.id\}\} +shop/);
  // What its labels say of a task stands in its row.
  expect(said).toMatch(/"job_name": %nvl\.row\.c_job_id_\w{8},/);
  expect(said).toMatch(/c_job_id_\w{8} +job\.id +shop\n/);
  expect(said).toMatch(/\| \+ {2}\.level = /);
  expect(said).toMatch(/nvl notices after \d+\.\d\d s, and renders its pipeline anew:\n\n(.*\n)* +\| {3}\.level = /);
  expect(longest(said)).toBeLessThanOrEqual(100);
  expect(await leftBehind()).toEqual([]);
});

test('a Vector that is too old is as good as none', { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-demo-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const old = join(folder, 'vector');
  await writeFile(old, '#!/bin/sh\necho "vector 0.56.0 (x86_64-unknown-linux-gnu)"\n');
  await chmod(old, 0o755);
  const { child } = await startDemo({ vectorFile: old });
  expect(await child.ended).toBe(0);
  expect(await child.said()).toContain('Vector 0.56.0 is too old, so these steps are left out');
});

test('--keep goes on until Ctrl-C, counts all lines until then, and leaves nothing behind', {
  ...needs(vector),
  timeout: 180_000,
}, async () => {
  // What is set for another Vector and another Nomad does not reach the demo.
  const env = { VECTOR_LOG: 'off', NOMAD_ADDR: 'http://127.0.0.1:9', NOMAD_TOKEN: 'x', NOMAD_CLI_FORCE_COLOR: '1' };
  const { child, leftBehind } = await startDemo({ args: ['--keep'], env, vectorFile: pathOf(vector) });
  await waitUntil('the end of the steps', async () => (await child.said()).includes('It goes on until Ctrl-C'), {
    timeoutMs: 150_000,
  });
  expect(await leftBehind()).toHaveLength(1);
  child.kill('SIGINT');
  expect(await child.ended).toBe(0);
  const said = await child.said();
  expect(said).toMatch(/lost.*0.*\n.*repeated.*0.*\n.*mislabelled.*0/);
  expect(said).toContain(`${ESCAPE}[1mnvl demo`);
  expect(await leftBehind()).toEqual([]);
});

test('Ctrl-C in the middle ends it at once', { ...needs(vector), timeout: 120_000 }, async () => {
  const { child, leftBehind } = await startDemo({ vectorFile: pathOf(vector) });
  await waitUntil('the first step', async () => (await child.said()).includes('What it is rendered to'));
  child.kill('SIGINT');
  expect(await child.ended).toBe(0);
  expect(await child.said()).toContain('Ended early; nothing is left behind.');
  expect(await leftBehind()).toEqual([]);
});
