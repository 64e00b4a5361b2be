import { linkSync, mkdirSync, readdirSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createTakeFaults } from '../../lib/files/take-faults.ts';
import { idOf } from '../support/builders.ts';
import { waitUntil } from '../support/wait.ts';
import { aLog } from '../watch/support.ts';
import { ALLOC, aSite, linkOf } from './support.ts';

const fault = (code: string) => Object.assign(new Error(`${code}: it failed`), { code, syscall: 'link' });

/** A disk whose links can be made to fail. */
const aDisk = () => {
  const disk = {
    fails: undefined as string | undefined,
    link: (from: string, to: string) => {
      if (disk.fails !== undefined) throw fault(disk.fails);
      linkSync(from, to);
    },
  };
  return disk;
};

test.each(['ENOSPC', 'EIO', 'EROFS', 'EDQUOT'])(
  'a rotated file that the disk does not take (%s) is told once, and tried again until it is taken',
  async (code) => {
    const site = aSite();
    const disk = aDisk();
    site.write('app.stdout.0', 'a\n');
    const keeper = site.keeper(disk);
    onTestFinished(() => keeper.stop());
    keeper.watch();
    keeper.see({ allocDir: site.allocDir });
    keeper.open(site.app());
    disk.fails = code;
    site.write('app.stdout.1', 'b\n');
    site.write('app.stdout.0', 'c\n', idOf(2));
    keeper.see({ allocDir: site.allocDir, name: idOf(2) });
    await waitUntil('it to be told', () => site.logged.some((line) => line.includes('cannot take a log file')));
    // No cycle looks at a folder that is watched already.
    for (let times = 0; times < 3; times += 1) {
      await sleep(300);
      keeper.lookAgain({ isAll: false });
    }
    expect(site.linked()).toEqual([linkOf(0)]);
    disk.fails = undefined;
    await waitUntil('it to be taken', () => {
      keeper.lookAgain({ isAll: false });
      return site.linked().includes(linkOf(1)) && site.held(idOf(2)).length === 1;
    });
    expect(site.logged.filter((line) => line.startsWith('error'))).toHaveLength(1);
    expect(site.logged.filter((line) => line.includes('can be taken again'))).toHaveLength(1);
  },
);

test('one file that cannot be moved to its place leaves no name behind, and is taken when it can', () => {
  const site = aSite();
  const file = site.write('app.stdout.0', 'a\n');
  const keeper = site.keeper();
  rmSync(site.places.held, { recursive: true });
  mkdirSync(site.places.held);
  writeFileSync(join(site.places.held, ALLOC), 'of somebody else');
  keeper.see({ allocDir: site.allocDir });
  expect(readdirSync(site.places.held)).toEqual([ALLOC]);
  expect(statSync(file).nlink).toBe(1);
  unlinkSync(join(site.places.held, ALLOC));
  keeper.see({ allocDir: site.allocDir, name: ALLOC });
  expect(site.held()).toEqual(['app.stdout.0']);
});

test('a link that could not be taken away is taken away later: its file would have two names for ever', () => {
  const site = aSite();
  const file = site.write('app.stdout.0', 'a\n');
  const keeper = site.keeper();
  const folder = join(site.places.held, 'folder');
  const aside = join(folder, 'aside');
  // The disk says ENOTDIR.
  writeFileSync(folder, '');
  keeper.shelf.asides.discard(aside);
  rmSync(folder);
  mkdirSync(folder);
  linkSync(file, aside);
  keeper.open(site.app());
  expect(site.linked()).toEqual([linkOf(0)]);
  expect(statSync(file).nlink).toBe(2);
});

test.each(['EACCES', 'EPERM'])(
  'a folder of one task that may not be written (%s) is the trouble of that one',
  (code) => {
    const site = aSite();
    site.write('app.stdout.0', 'a\n');
    site.write('app.stdout.0', 'b\n', idOf(2));
    const victim = statSync(site.logsOf()).ino;
    const keeper = site.keeper({
      link: (from, to) => {
        // Neither kind of link can be made.
        if (statSync(join(from, '..')).ino === victim) mkdirSync(to);
        if (statSync(join(from, '..')).ino === victim) throw fault(code);
        linkSync(from, to);
      },
    });
    keeper.see({ allocDir: site.allocDir });
    expect(() => keeper.open(site.app())).toThrow('EEXIST');
    keeper.open({ ...site.app(idOf(2)), id: 'nvl_2_app' });
    expect(site.linked()).toEqual([linkOf(0, 'nvl_2_app')]);
    expect(site.logged.filter((line) => line.includes('of an allocation cannot be taken'))).toHaveLength(1);
  },
);

test('a fault is told for each that has it, but one of the disk once, and again after it was well', () => {
  const { log, lines } = aLog();
  let now = 0;
  const faults = createTakeFaults({ log, now: () => now });
  for (const allocId of ['a', 'b']) faults.failed(allocId, fault('ENOSPC'));
  for (const allocId of ['c', 'd']) faults.failed(allocId, fault('EACCES'));
  expect(lines).toHaveLength(3);
  expect(faults.due()).toEqual([]);
  now = 60_000;
  expect(faults.due()).toEqual(['a', 'b', 'c', 'd']);
  for (let times = 0; times < 30; times += 1) faults.failed('a', fault('ENOSPC'));
  expect(lines).toHaveLength(3);
  now += 10_000;
  expect(faults.due()).toContain('a');
  for (const allocId of ['a', 'b', 'c', 'd', 'd']) faults.done(allocId);
  expect(lines.slice(3)).toEqual(['info the log files of all allocations can be taken again']);
  faults.failed('a', fault('ENOSPC'));
  expect(lines).toHaveLength(5);
});

test('what lies in the place of the folder of a pipeline is left, and all others are closed', () => {
  const site = aSite();
  writeFileSync(join(site.places.links, 'nvl_other'), 'of somebody else');
  site.write('app.stdout.0', 'a\n');
  const keeper = site.keeper();
  keeper.open(site.app());
  keeper.settle(site.known({ linked: new Set() }));
  expect(site.linked()).toEqual([]);
  expect(readdirSync(site.places.links)).toEqual(['nvl_other']);
});
