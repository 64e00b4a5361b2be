import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { summarise, type TestOutcome } from '../reporter.ts';
import { findProgram, needs } from './programs.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const folderWith = ({ script, mode = 0o755 }: { script: string; mode?: number }): string => {
  const folder = mkdtempSync(join(tmpdir(), 'nvl-programs-'));
  folders.push(folder);
  writeFileSync(join(folder, 'vector'), script);
  chmodSync(join(folder, 'vector'), mode);
  return folder;
};

test('a program is found on PATH with its version', () => {
  const folder = folderWith({ script: '#!/bin/sh\necho "vector 0.57.0 (x86_64-unknown-linux-gnu)"\n' });
  const path = `${folder}:${process.env.PATH}`;
  expect(findProgram('vector', { path })).toEqual({ name: 'vector', path: join(folder, 'vector'), version: '0.57.0' });
});

test.each([
  ['missing', '', /^no vector on PATH$/],
  ['not executable', folderWith({ script: '#!/bin/sh\n', mode: 0o644 }), /^no vector on PATH$/],
  ['without a version', folderWith({ script: '#!/bin/sh\necho hello\n' }), /does not say its version$/],
  ['failing', folderWith({ script: '#!/bin/sh\nexit 3\n' }), /does not run: Command failed/],
])('a program that is %s is absent for a reason', (_, path, reason) => {
  const program = findProgram('vector', { path: path === '' ? '' : `${path}:/bin:/usr/bin` });
  expect(program.absent).toMatch(reason);
  expect(needs(program)).toEqual({ skip: true, meta: { needs: ['vector'] } });
});

const passed: TestOutcome = { name: 'a.test.ts > one', state: 'passed', needs: [], note: undefined };
const ran = { brokenModules: 0, unhandledErrors: 0, whyAbsent: () => undefined };

test('the counts stand alone on the last line', () => {
  expect(summarise({ ...ran, tests: [passed, passed] })).toEqual(['2 passed, 0 failed, 0 skipped']);
});

test('what failed outside a test is a failure too', () => {
  const lines = summarise({ ...ran, tests: [passed], brokenModules: 1, unhandledErrors: 2 });
  expect(lines).toEqual(['1 passed, 3 failed, 0 skipped']);
});

test('each absent program names the tests that were skipped for it', () => {
  const skipped = (name: string, needed: string[]) => ({
    name,
    state: 'skipped' as const,
    needs: needed,
    note: undefined,
  });
  const lines = summarise({
    ...ran,
    tests: [
      passed,
      skipped('b', ['nomad', 'vector']),
      skipped('c', ['vector']),
      skipped('d', []),
      skipped('e', ['nomad']),
    ],
    whyAbsent: (program) => (program === 'vector' ? 'no vector on PATH' : undefined),
  });
  expect(lines).toEqual([
    'skipped, no reason given: d; e',
    'skipped, no vector on PATH: b; c',
    '1 passed, 0 failed, 4 skipped',
  ]);
});
