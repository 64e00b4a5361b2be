import { execFileSync } from 'node:child_process';
import { linkSync, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { logSizesIn } from '../../lib/files/log-sizes.ts';
import { idOf } from '../support/builders.ts';
import { ALLOC, aSite } from './support.ts';

const sizesOf = (site: ReturnType<typeof aSite>) =>
  logSizesIn({ allocDir: site.allocDir, allocId: ALLOC })
    ?.map(({ task, stream, index, bytes }) => `${task} ${stream} ${index}: ${bytes}`)
    .sort();

test('log files are told with their sizes, those that nvl has a link to as well', () => {
  const site = aSite();
  const file = site.write('app.stdout.0', 'hello\n');
  site.write('app.stdout.1', 'x');
  site.write('side.car.stderr.3', '');
  linkSync(file, join(site.places.held, 'a-link'));
  expect(sizesOf(site)).toEqual(['app stdout 0: 6', 'app stdout 1: 1', 'side.car stderr 3: 0']);
});

test('what a task puts among its logs is no log, however large, and is not opened', () => {
  const site = aSite();
  const other = join(site.folder, 'other');
  site.write('notes.txt', 'x');
  execFileSync('mkfifo', [join(site.logsOf(), 'app.stdout.1')]);
  execFileSync('touch', [other]);
  truncateSync(other, 1e12);
  symlinkSync(other, join(site.logsOf(), 'app.stdout.2'));
  expect(sizesOf(site)).toEqual([]);
});

test('an allocation without a log folder has none, which is not the same as empty logs', () => {
  const { allocDir } = aSite();
  expect(logSizesIn({ allocDir, allocId: idOf(2) })).toBeUndefined();
  expect(logSizesIn({ allocDir: '/no/such/folder', allocId: ALLOC })).toBeUndefined();
  expect(logSizesIn({ allocDir, allocId: '../..' })).toBeUndefined();
});
