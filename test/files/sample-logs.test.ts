import { appendFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stemOf } from '../../lib/context/id.ts';
import { positionsReader } from '../../lib/files/checkpoints.ts';
import { linksToSample, sampleLogs } from '../../lib/files/sample-logs.ts';
import { ALLOC, aSite, linkOf, PIPELINE, STEM } from './support.ts';

const sampleOf = async ({ places, dataDir }: ReturnType<typeof aSite>, isKnown = true) => {
  const positionsOf = isKnown ? positionsReader(dataDir) : undefined;
  const { files } = await sampleLogs({ links: linksToSample(places), positionsOf, idOf: stemOf, now: () => 7 });
  return files.map(({ modifiedAt: _, ...file }) => file);
};

const linked = { id: STEM, pipeline: PIPELINE, stream: 'stdout', index: 0 };

test('a file that Vector reads has its size and how far it is read', async () => {
  const site = aSite();
  const file = site.write('app.stdout.0', 'one\ntwo\n');
  const keeper = site.keeper();
  keeper.open(site.app());
  expect(await sampleOf(site)).toEqual([{ ...linked, bytes: 8, readBytes: 0, isOnlyCopy: false }]);
  site.vectorRead({ [file]: 4 });
  expect(await sampleOf(site)).toEqual([{ ...linked, bytes: 8, readBytes: 4, isOnlyCopy: false }]);
  expect(await sampleOf(site, false)).toEqual([{ ...linked, bytes: 8, readBytes: undefined, isOnlyCopy: false }]);
  rmSync(file);
  expect((await sampleOf(site))[0]?.isOnlyCopy).toBe(true);
});

test('what the daemon knows of its links is what a look at the folders finds', async () => {
  const site = aSite();
  site.write('app.stdout.0', 'one\n');
  const keeper = site.keeper();
  keeper.open(site.app());
  const links = keeper.shelf.all();
  const { files, at } = await sampleLogs({ links, positionsOf: undefined, idOf: stemOf, now: () => 7 });
  expect(at).toBe(7);
  expect(files).toEqual(
    (await sampleLogs({ links: linksToSample(site.places), positionsOf: undefined, idOf: stemOf, now: () => 7 })).files,
  );
});

test('a file that is held has the stem of its task, and nothing of it is read', async () => {
  const site = aSite();
  site.write('app.stderr.3', 'one\n');
  const keeper = site.keeper();
  keeper.see({ allocDir: site.allocDir });
  expect(site.held()).toEqual(['app.stderr.3']);
  expect(await sampleOf(site)).toEqual([
    {
      id: stemOf({ allocId: ALLOC, task: 'app' }),
      allocId: ALLOC,
      stream: 'stderr',
      index: 3,
      bytes: 4,
      readBytes: 0,
      isOnlyCopy: false,
    },
  ]);
});

test('a position beyond the end of a file that was cut is its end', async () => {
  const site = aSite();
  const file = site.write('app.stdout.0', 'one\n');
  site.keeper().open(site.app());
  site.vectorRead({ [file]: 400 });
  expect((await sampleOf(site))[0]?.readBytes).toBe(4);
});

test('what is no link of nvl is left out, and a symbolic one counts for what it leads to', async () => {
  const site = aSite();
  const file = site.write('app.stdout.0', 'one\n');
  site.keeper().open(site.app());
  const folder = join(site.places.links, PIPELINE);
  writeFileSync(join(folder, 'stranger'), 'x');
  symlinkSync('/nowhere', join(folder, linkOf(1)));
  symlinkSync('/dev', join(folder, linkOf(2)));
  unlinkSync(join(folder, linkOf(0)));
  symlinkSync(file, join(folder, linkOf(0)));
  appendFileSync(file, 'two\n');
  expect(await sampleOf(site)).toEqual([{ ...linked, bytes: 8, readBytes: 0, isOnlyCopy: false }]);
});

test('a folder of positions that cannot be read says nothing of them', async () => {
  const site = aSite();
  site.write('app.stdout.0', 'one\n');
  site.keeper().open(site.app());
  const positionsOf = () => Promise.reject(new Error('EACCES'));
  const { files } = await sampleLogs({ links: linksToSample(site.places), positionsOf, idOf: stemOf, now: () => 7 });
  expect(files[0]?.readBytes).toBeUndefined();
});
