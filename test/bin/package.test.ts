import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectFolder } from '../support/nvl.ts';
import { writePackage } from '../support/package.ts';

const recording = join(projectFolder, 'test/fixtures/recorded/node-allocations.json');
let folder = '';
let published = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nvl-package-'));
  published = writePackage(join(folder, 'package'));
}, 60_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

const said = async (program: string, args: readonly string[]): Promise<string> =>
  (await promisify(execFile)(process.execPath, [program, ...args], { cwd: folder })).stdout;

test.each([
  ['its version', ['--version']],
  ['its help', ['--help']],
  ['what a command takes', ['run', '--help']],
  ['a configuration for a recorded node', ['render', '--allocations', recording, '--root', '/nvl']],
  ['what templates see', ['context', '--allocations', recording, '--root', '/nvl']],
])('the published program prints what the sources do: %s', async (_, args) => {
  const fromSources = await said(join(projectFolder, 'bin/nvl.js'), args);
  expect(fromSources).not.toBe('');
  expect(await said(published, args)).toBe(fromSources);
});

test('the licences of the libraries in it come with it', () => {
  const licences = readFileSync(join(dirname(published), '../dist/LICENSES.txt'), 'utf8');
  for (const name of ['zod', 'execa', 'chokidar', 'yaml']) expect(licences).toMatch(new RegExp(`^${name} \\d`, 'm'));
});

test('it is few files: one or two a command, of which each loads its own', () => {
  expect(readdirSync(join(dirname(published), '../dist/bin')).length).toBeLessThan(100);
});
