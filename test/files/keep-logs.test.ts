import {
  appendFileSync,
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createFolderWatches } from '../../lib/files/folder-watches.ts';
import { withLogFolder } from '../../lib/files/log-folder.ts';
import { takeFile } from '../../lib/files/take.ts';
import { idOf } from '../support/builders.ts';
import { waitUntil } from '../support/wait.ts';
import { ALLOC, aSite, linkOf, PIPELINE, STEM } from './support.ts';

/** A keeper that watches, as under the daemon. */
const watching = (site: ReturnType<typeof aSite>) => {
  const keeper = site.keeper();
  onTestFinished(() => keeper.stop());
  keeper.watch();
  keeper.see({ allocDir: site.allocDir });
  return keeper;
};

const within = (what: string, ms: number, isSo: () => boolean) => waitUntil(what, isSo, { timeoutMs: ms, everyMs: 2 });

test('a file is taken the moment it is seen, and kept when Nomad deletes its folder at once', async () => {
  const site = aSite();
  const keeper = watching(site);
  mkdirSync(join(site.allocDir, ALLOC));
  keeper.see({ allocDir: site.allocDir, name: ALLOC });
  await sleep(20);
  mkdirSync(join(site.allocDir, ALLOC, 'alloc'));
  await sleep(20);
  site.write('app.stdout.0', 'all it ever said\n');
  await within('the file to be held', 2_000, () => site.held().length === 1);
  rmSync(join(site.allocDir, ALLOC), { recursive: true });

  expect(await keeper.filesOf(site.app())).toMatchObject([{ name: 'app.stdout.0', size: 17n, place: 'held' }]);
  expect(site.linked()).toEqual([]);
  keeper.open(site.app());
  expect(site.held()).toEqual([]);
  expect(readFileSync(join(site.places.links, PIPELINE, linkOf(0)), 'utf8')).toBe('all it ever said\n');
});

test('a new index is there within 50 ms', async () => {
  const site = aSite();
  site.write('app.stdout.0', 'a\n');
  const keeper = watching(site);
  keeper.open(site.app());
  const took: number[] = [];
  for (let index = 1; index <= 20; index += 1) {
    await sleep(5);
    site.write(`app.stdout.${index}`, 'a\n');
    const began = performance.now();
    await within(`index ${index}`, 5_000, () => site.linked().includes(linkOf(index)));
    took.push(performance.now() - began);
  }
  // The better half: a machine that has other things to do takes its time.
  expect(took.sort((a, b) => a - b)[5]).toBeLessThan(50);
});

test('lines that are written are no news: nothing is looked at for them', async () => {
  const site = aSite();
  const file = site.write('app.stdout.0', 'a\n');
  let changes = 0;
  const watches = createFolderWatches({ onChange: () => (changes += 1), onTrouble: () => {} });
  onTestFinished(() => watches.closeAll());
  withLogFolder({ allocDir: site.allocDir, allocId: ALLOC }, (walk) => {
    if (walk.kind === 'folder') watches.follow({ allocId: ALLOC, depth: 3, folder: walk.folder });
  });
  for (let times = 0; times < 100; times += 1) appendFileSync(file, 'a\n');
  await sleep(100);
  expect(changes).toBe(0);
});

test('where inotify has no room, folders are looked at again, and that is told once', async () => {
  const site = aSite();
  const told: unknown[] = [];
  const full = () => {
    throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
  };
  const watches = createFolderWatches({
    onChange: () => {},
    onTrouble: (error) => told.push(error),
    watchFolder: full,
  });
  site.write('app.stdout.0', 'a\n');
  withLogFolder({ allocDir: site.allocDir, allocId: ALLOC }, (walk) => {
    if (walk.kind === 'folder') watches.follow({ allocId: ALLOC, depth: 3, folder: walk.folder });
  });
  expect(watches.isWatched(ALLOC)).toBe(false);
  expect(watches.unwatched()).toEqual([ALLOC]);
  expect(told).toHaveLength(1);
});

test('without any watch, another look finds what is new', () => {
  const site = aSite();
  site.write('app.stdout.0', 'a\n');
  const keeper = site.keeper();
  keeper.open(site.app());
  site.write('app.stdout.1', 'b\n');
  keeper.lookAgain({ isAll: true });
  expect(site.linked()).toEqual([linkOf(0), linkOf(1)]);
});

test('a watched folder is looked into in its turn only where a name came or went, or something was refused', () => {
  const site = aSite();
  site.write('app.stdout.0', 'a\n');
  const keeper = watching(site);
  keeper.open(site.app());
  const now = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 5_000);
  onTestFinished(() => now.mockRestore());
  const sees = vi.spyOn(keeper.shelf, 'sees');
  const looksIn = () => {
    sees.mockClear();
    keeper.lookAgain({ isAll: false });
    return sees.mock.calls.length;
  };
  expect([looksIn(), looksIn(), looksIn()]).toEqual([1, 0, 0]);
  // Before its event is read, as if that were lost.
  const file = site.write('app.stdout.1', 'b\n');
  linkSync(file, join(site.folder, 'another name'));
  expect([looksIn() > 0, looksIn() > 0]).toEqual([true, true]);
  expect([site.linked(), site.refused().length]).toEqual([[linkOf(0)], 1]);
  rmSync(join(site.folder, 'another name'));
  looksIn();
  expect(site.linked()).toEqual([linkOf(0), linkOf(1)]);
  looksIn();
  expect(looksIn()).toBe(0);
  rmSync(site.logsOf(), { recursive: true });
  site.write('app.stdout.2', 'c\n');
  looksIn();
  expect(site.linked()).toContain(linkOf(2));
});

test('the files of tasks with names alike go to their own', () => {
  const site = aSite();
  for (const task of ['app', 'app-sidecar', 'app.stdout', 'app.stdout.1']) site.write(`${task}.stdout.0`, task);
  const keeper = site.keeper();
  keeper.see({ allocDir: site.allocDir });
  expect(site.held()).toHaveLength(4);
  keeper.open(site.app());
  keeper.open({ ...site.app(), task: 'app.stdout', id: 'nvl_1_app_stdout' });
  expect(site.linked()).toEqual([linkOf(0), linkOf(0, 'nvl_1_app_stdout')]);
  expect(readFileSync(join(site.places.links, PIPELINE, linkOf(0)), 'utf8')).toBe('app');
  expect(readFileSync(join(site.places.links, PIPELINE, linkOf(0, 'nvl_1_app_stdout')), 'utf8')).toBe('app.stdout');
  expect(site.held()).toEqual(['app-sidecar.stdout.0', 'app.stdout.1.stdout.0']);
});

test('two tasks of one pipeline lie side by side, and one goes without the other', () => {
  const site = aSite();
  site.write('app.stdout.0', 'a\n');
  site.write('app.stdout.0', 'b\n', idOf(2));
  const keeper = site.keeper();
  keeper.open(site.app());
  keeper.open({ ...site.app(idOf(2)), id: 'nvl_2_app' });
  expect(site.linked()).toEqual([linkOf(0), linkOf(0, 'nvl_2_app')]);
  keeper.close({ id: STEM });
  expect(site.linked()).toEqual([linkOf(0, 'nvl_2_app')]);
  keeper.close({ id: 'nvl_2_app' });
  // A folder that holds nothing goes.
  expect(readdirSync(site.places.links)).toEqual([]);
});

test('a task that goes to another pipeline: its links go there by a rename, what is new too, and no other goes with it', () => {
  const site = aSite();
  const file = site.write('app.stdout.0', 'a\n');
  site.write('app.stdout.1', 'b\n');
  site.write('app.stdout.0', 'c\n', idOf(2));
  const keeper = site.keeper();
  const others = { ...site.app(idOf(2)), id: 'nvl_2_app' };
  for (const task of [site.app(), others]) keeper.open(task);
  // By this nvl, and by one that is started anew.
  for (const pipeline of ['nvl_other_1', 'nvl_third_2']) {
    const by = pipeline === 'nvl_other_1' ? keeper : site.keeper();
    by.open({ ...site.app(), pipeline });
    by.open(others);
    expect(site.linked()).toEqual([linkOf(0, 'nvl_2_app')]);
    expect(site.linked(pipeline)).toEqual([linkOf(0), linkOf(1)]);
    expect([statSync(file).nlink, site.pins(), site.held()]).toEqual([2, [], []]);
  }
  expect(readdirSync(site.places.links).sort()).toEqual([PIPELINE, 'nvl_third_2']);
});

test('a task whose links lie where they should costs no look, and one that lost a link gets it back', () => {
  const site = aSite();
  const file = site.write('app.stdout.0', 'a\n');
  site.write('app.stdout.0', 'b\n', idOf(2));
  const keeper = watching(site);
  const tasks = [site.app(), { ...site.app(idOf(2)), id: 'nvl_2_app' }];
  const cycle = () => {
    keeper.findLost();
    for (const task of tasks) keeper.open(task);
  };
  cycle();
  const looks = (['linksOf', 'heldOf', 'makeLinkFolder'] as const).map((name) => vi.spyOn(keeper.shelf, name));
  const count = () => looks.reduce((sum, { mock }) => sum + mock.calls.length, 0);
  cycle();
  expect(count()).toBe(0);
  rmSync(join(site.places.links, PIPELINE, linkOf(0)));
  cycle();
  expect([site.linked(), statSync(file).nlink]).toEqual([[linkOf(0), linkOf(0, 'nvl_2_app')], 2]);
  const once = count();
  expect(once).toBeGreaterThan(0);
  cycle();
  expect(count()).toBe(once);
  // All of them, and the folder with them.
  rmSync(join(site.places.links, PIPELINE), { recursive: true });
  cycle();
  expect(site.linked()).toEqual([linkOf(0), linkOf(0, 'nvl_2_app')]);
});

test('a link that could not be moved to its pipeline is moved when it can', () => {
  const site = aSite();
  site.write('app.stdout.0', 'a\n');
  const keeper = watching(site);
  keeper.open(site.app());
  writeFileSync(join(site.places.links, 'nvl_other_0'), 'of somebody else');
  const elsewhere = { ...site.app(), pipeline: 'nvl_other_0' };
  for (let times = 0; times < 2; times += 1) expect(() => keeper.open(elsewhere)).toThrow('EEXIST');
  rmSync(join(site.places.links, 'nvl_other_0'));
  keeper.open(elsewhere);
  expect(site.linked('nvl_other_0')).toEqual([linkOf(0)]);
});

test('at the end all links go by a rename, and come back if they are wanted again', async () => {
  const site = aSite();
  const file = site.write('app.stdout.0', 'a\n');
  const keeper = site.keeper();
  keeper.open(site.app());
  keeper.close({ id: STEM });
  const { dev, ino } = statSync(file, { bigint: true });
  expect([site.linked(), site.pins()]).toEqual([[], [`${dev}-${ino}`]]);
  // Delivered: not taken again, though Nomad still has it, by this nvl or the next.
  for (const next of [keeper, site.keeper()]) {
    next.see({ allocDir: site.allocDir });
    expect(await next.filesOf(site.app())).toEqual([]);
  }
  expect(site.held()).toEqual([]);
  const record = { name: 'app.stdout.0', dev: String(dev), ino: String(ino) };
  expect(await keeper.filesOf({ ...site.app(), pinned: [record] })).toMatchObject([{ place: 'pin', size: 2n }]);
  const next = site.keeper();
  next.open({ ...site.app(), restore: [record] });
  expect([site.linked(), site.pins()]).toEqual([[linkOf(0)], []]);
});

test('a file of the same name that is another one: both are read, the older one out of sight', () => {
  const site = aSite();
  const file = site.write('app.stdout.0', 'old\n');
  const keeper = site.keeper();
  keeper.open(site.app());
  rmSync(file);
  site.write('app.stdout.0', 'new\n');
  keeper.lookAgain({ isAll: true });
  expect(readFileSync(join(site.places.links, PIPELINE, linkOf(0)), 'utf8')).toBe('new\n');
  expect(site.pins()).toHaveLength(1);
});

test('what is held of a task that is not collected goes, and is not taken again', () => {
  const site = aSite();
  site.write('app.stdout.0', 'a\n');
  site.write('opted-out.stdout.0', 'b\n');
  const keeper = site.keeper();
  keeper.see({ allocDir: site.allocDir });
  keeper.settle(site.known());
  expect(site.held()).toEqual(['app.stdout.0']);
  keeper.lookAgain({ isAll: true });
  expect(site.held()).toEqual(['app.stdout.0']);
  expect(statSync(join(site.logsOf(), 'opted-out.stdout.0')).nlink).toBe(1);
  // Its job says yes again.
  keeper.open({ ...site.app(), task: 'opted-out', id: 'nvl_opted' });
  expect(site.linked()).toEqual([linkOf(0, 'nvl_opted')]);
});

test('what is held of an allocation that nobody knows goes after a while, while lists are sure', () => {
  const site = aSite();
  site.write('app.stdout.0', 'a\n', idOf(9));
  const keeper = site.keeper();
  keeper.see({ allocDir: site.allocDir });
  const settle = (minutes: number, isSure: boolean) => keeper.settle(site.known({ now: minutes * 60_000, isSure }));
  settle(0, false);
  settle(60, false);
  settle(61, true);
  settle(70, true);
  expect(site.held(idOf(9))).toEqual(['app.stdout.0']);
  settle(71, true);
  expect(site.held(idOf(9))).toEqual([]);
  expect(site.logged.filter((line) => line.includes('does not list'))).toHaveLength(1);
});

test('the links of a task that nobody collects any more go out of sight', () => {
  const site = aSite();
  site.write('app.stdout.0', 'a\n');
  site.keeper().open(site.app());
  const next = site.keeper();
  next.settle(site.known({ linked: new Set(), isSure: false }));
  expect(site.linked()).toEqual([linkOf(0)]);
  next.settle(site.known({ linked: new Set() }));
  expect([site.linked(), site.pins().length]).toEqual([[], 1]);
});

// An nvl that was killed leaves what it had done so far; the next one goes on from there.
test.each<[string, (site: ReturnType<typeof aSite>, file: string) => void]>([
  ['before it took the file', () => {}],
  ['behind the link aside', (site, file) => linkSync(file, join(site.places.held, '.aside-1-1'))],
  [
    'behind the rename into held',
    (site, file) => {
      mkdirSync(join(site.places.held, ALLOC));
      linkSync(file, join(site.places.held, ALLOC, 'app.stdout.0'));
    },
  ],
  ['with the folder of the pipeline made, and nothing in it', (site) => mkdirSync(join(site.places.links, PIPELINE))],
  [
    'behind the rename to where Vector reads',
    (site, file) => {
      mkdirSync(join(site.places.links, PIPELINE));
      linkSync(file, join(site.places.links, PIPELINE, linkOf(0)));
    },
  ],
])('killed %s: the next nvl has it once, where Vector reads', (_, leave) => {
  const site = aSite();
  const file = site.write('app.stdout.0', 'a\n');
  leave(site, file);
  const keeper = site.keeper();
  keeper.see({ allocDir: site.allocDir });
  keeper.open(site.app());
  expect([site.linked(), site.held(), site.pins()]).toEqual([[linkOf(0)], [], []]);
  expect(statSync(file).nlink).toBe(2);
  expect(lstatSync(site.places.held).isDirectory() && site.refused()).toEqual([]);
});

test('killed between the links of a task: the next nvl takes the rest away', () => {
  const site = aSite();
  site.write('app.stdout.0', 'a\n');
  const rotated = site.write('app.stdout.1', 'b\n');
  site.keeper().open(site.app());
  const { dev, ino } = statSync(rotated, { bigint: true });
  renameSync(join(site.places.links, PIPELINE, linkOf(1)), join(site.places.pins, `${dev}-${ino}`));
  const next = site.keeper();
  next.close({ id: STEM });
  expect([site.linked(), site.pins().length]).toEqual([[], 2]);
  expect(lstatSync(join(site.places.links)).isDirectory()).toBe(true);
});

test.each(['EXDEV', 'EPERM', 'EACCES', 'EMLINK'])('where no hard link can be made (%s), a symbolic one is', (code) => {
  const site = aSite();
  const file = site.write('app.stdout.0', 'a\n');
  const aside = join(site.places.held, 'aside');
  const link = () => {
    throw Object.assign(new Error(code), { code });
  };
  const taken = withLogFolder({ allocDir: site.allocDir, allocId: ALLOC }, (walk) => {
    if (walk.kind !== 'folder') throw new Error(walk.kind);
    return takeFile({
      folder: walk.folder,
      name: 'app.stdout.0',
      aside,
      isOwn: () => false,
      symbolicTo: file,
      discard: () => {},
      link,
    });
  });
  expect(taken).toMatchObject({ kind: 'taken', isHard: false, whySymbolic: code });
  expect(readlinkSync(aside)).toBe(file);
});

const canMount = process.geteuid?.() === 0;
test.runIf(canMount)('a root on another file system: symbolic links, said once with the line that cures it', () => {
  const site = aSite();
  // /dev/shm is one on any Linux.
  const places = { links: '', held: '', pins: '' };
  const root = join('/dev/shm', `nvl-test-${process.pid}`);
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const name of ['links', 'held', 'pins'] as const) {
    places[name] = join(root, name);
    mkdirSync(places[name], { recursive: true });
  }
  if (statSync(root).dev === statSync(site.allocDir).dev) return;
  Object.assign(site.places, places);
  const file = site.write('app.stdout.0', 'a\n');
  const keeper = site.keeper();
  keeper.see({ allocDir: site.allocDir });
  keeper.open({ ...site.app(), asVectorSees: (path) => path.replace(site.allocDir, '/mnt/alloc') });
  expect(readlinkSync(join(places.links, PIPELINE, linkOf(0)))).toBe(file.replace(site.allocDir, '/mnt/alloc'));
  expect(site.logged.filter((line) => line.includes('can make no hard link'))).toHaveLength(1);
  keeper.close({ id: STEM });
  // Delivered: the next nvl does not take it again.
  const next = site.keeper();
  next.open(site.app());
  expect([site.linked(), site.pins().length]).toEqual([[], 1]);
});

test('what lies in the place of a pipeline is the trouble of its tasks alone', () => {
  const site = aSite();
  site.write('app.stdout.0', 'a\n');
  site.write('app.stdout.0', 'b\n', idOf(2));
  const keeper = site.keeper();
  writeFileSync(join(site.places.links, PIPELINE), 'of somebody else');
  expect(() => keeper.open(site.app())).toThrow('EEXIST');
  keeper.open({ ...site.app(idOf(2)), id: 'nvl_2_app', pipeline: 'nvl_other_0' });
  expect(site.linked('nvl_other_0')).toEqual([linkOf(0, 'nvl_2_app')]);
  rmSync(join(site.places.links, PIPELINE));
  keeper.open(site.app());
  expect(site.linked()).toEqual([linkOf(0)]);
});

test('one file that cannot be brought in keeps no other from it', () => {
  const site = aSite();
  for (const index of [0, 1, 2]) site.write(`app.stdout.${index}`, 'a\n');
  mkdirSync(join(site.places.links, PIPELINE, linkOf(1)), { recursive: true });
  const keeper = site.keeper();
  expect(() => keeper.open(site.app())).toThrow('EISDIR');
  expect(site.linked()).toEqual([linkOf(0), linkOf(1), linkOf(2)]);
  expect(lstatSync(join(site.places.links, PIPELINE, linkOf(2))).isFile()).toBe(true);
});

test('a symbolic link in the place of the folder of a pipeline is not followed', () => {
  const site = aSite();
  site.write('app.stdout.0', 'a\n');
  mkdirSync(join(site.folder, 'victim'));
  symlinkSync(join(site.folder, 'victim'), join(site.places.links, PIPELINE));
  chmodSync(join(site.folder, 'victim'), 0o755);
  site.keeper().open(site.app());
  expect(lstatSync(join(site.places.links, PIPELINE)).isDirectory()).toBe(true);
  expect(site.linked()).toEqual([linkOf(0)]);
});
