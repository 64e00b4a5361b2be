import { execFileSync, spawn } from 'node:child_process';
import {
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ANOTHER_NAME, whyRefused } from '../../lib/files/judge-file.ts';
import { withLogFolder } from '../../lib/files/log-folder.ts';
import { takeFile } from '../../lib/files/take.ts';
import { idOf } from '../support/builders.ts';
import { ALLOC, aSite, linkOf, PIPELINE } from './support.ts';

// A task may write into its log folder. What it plants there is named, once, and nothing of it reaches Vector.

const isRoot = process.geteuid?.() === 0;
const NOBODY = 65_534;
const owner = { dev: 1n, uid: 0n };
const good = { kind: 'file' as const, dev: 1n, ino: 7n, nlink: 1n, uid: 0n };

test.each([
  ['a log as Nomad writes it', {}, 0n, undefined],
  ['one that nvl has a link to', { nlink: 2n }, 1n, undefined],
  ['a symbolic link', { kind: 'symbolic link' as const }, 0n, 'it is a symbolic link'],
  ['a pipe', { kind: 'pipe' as const }, 0n, 'it is a pipe'],
  ['a device', { kind: 'device' as const }, 0n, 'it is a device'],
  ['a folder', { kind: 'folder' as const }, 0n, 'it is a folder'],
  ['a file of another file system', { dev: 2n }, 0n, 'another file system'],
  ['a file of a task', { uid: 65_534n }, 0n, 'it belongs to user 65534'],
  ['a hard link to another file', { nlink: 2n }, 0n, 'it has another name'],
  ['the same, beside one of nvl', { nlink: 3n }, 1n, 'it has another name'],
])('%s', (_, file, ownLinks, why) => {
  const said = whyRefused({ file: { ...good, ...file }, owner, ownLinks });
  if (why === undefined) expect(said).toBeUndefined();
  else expect(said).toContain(why);
});

test.runIf(isRoot)('everything that a task can plant is refused, named once, and nothing of it is linked', async () => {
  const site = aSite();
  const logs = site.logsOf();
  writeFileSync(join(site.folder, 'shadow'), 'root:secret\n', { mode: 0o600 });
  const other = site.write('app.stdout.0', 'of another allocation\n', idOf(2));
  site.write('app.stdout.0', 'a\n');
  symlinkSync(join(site.folder, 'shadow'), join(logs, 'app.stdout.1'));
  symlinkSync(other, join(logs, 'app.stdout.2'));
  execFileSync('mkfifo', [join(logs, 'app.stdout.3')]);
  const server = createServer().listen(join(logs, 'app.stdout.4'));
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  execFileSync('mknod', [join(logs, 'app.stdout.5'), 'c', '1', '3']);
  linkSync(join(site.folder, 'shadow'), join(logs, 'app.stdout.6'));
  mkdirSync(join(logs, 'app.stdout.7'));
  // The name of a task beside it in the same allocation.
  site.write('sibling.stdout.0', 'forged\n');
  chownSync(join(logs, 'sibling.stdout.0'), NOBODY, NOBODY);
  const keeper = site.keeper();
  for (let times = 0; times < 3; times += 1) {
    keeper.see({ allocDir: site.allocDir });
    keeper.open(site.app());
    keeper.open({ ...site.app(), task: 'sibling', id: 'nvl_1_sibling' });
  }
  expect(site.linked()).toEqual([linkOf(0)]);
  expect(readFileSync(join(site.places.links, PIPELINE, linkOf(0)), 'utf8')).toBe('a\n');
  expect(site.held()).toEqual([]);
  expect(site.refused()).toEqual([
    'app.stdout.1: it is a symbolic link',
    'app.stdout.2: it is a symbolic link',
    'app.stdout.3: it is a pipe',
    'app.stdout.4: it is a socket',
    'app.stdout.5: it is a device',
    `app.stdout.6: ${ANOTHER_NAME}`,
    'app.stdout.7: it is a folder',
    'sibling.stdout.0: it belongs to user 65534, and the alloc directory to user 0',
  ]);
});

test.each(['alloc', 'alloc/logs', ''])('the folder %j itself is replaced by a link to that of another', (level) => {
  const site = aSite();
  site.write('app.stdout.0', 'of another allocation\n', idOf(2));
  site.write('app.stdout.0', 'a\n');
  const [mine, others] = [join(site.allocDir, ALLOC, level), join(site.allocDir, idOf(2), level)];
  rmSync(mine, { recursive: true });
  symlinkSync(others, mine);
  const keeper = site.keeper();
  for (let times = 0; times < 2; times += 1) keeper.open(site.app());
  expect(site.linked()).toEqual([]);
  expect(site.refused()).toHaveLength(1);
  expect(site.refused()[0]).toMatch(/is a symbolic link, and no folder/);
});

test('a task may make names as fast as it likes: nvl stops naming them, and goes on', () => {
  const site = aSite();
  site.write('app.stdout.0', 'a\n');
  for (let index = 1; index < 500; index += 1) symlinkSync('/etc/shadow', join(site.logsOf(), `app.stdout.${index}`));
  const keeper = site.keeper();
  keeper.open(site.app());
  keeper.see({ allocDir: site.allocDir });
  expect(site.refused()).toHaveLength(20);
  expect(site.logged).toHaveLength(21);
  expect(site.linked()).toEqual([linkOf(0)]);
});

/** Swaps a name between a log, a link to a secret, and a hard link to it, as fast as another process can. */
const SWAPPER = `
const { renameSync, symlinkSync, linkSync, writeFileSync, rmSync } = require('node:fs');
const [, logs, secret] = process.argv;
const name = logs + '/app.stdout.0';
for (;;) {
  symlinkSync(secret, logs + '/s'); renameSync(logs + '/s', name);
  writeFileSync(logs + '/f', 'own\\n'); renameSync(logs + '/f', name);
  linkSync(secret, logs + '/h'); renameSync(logs + '/h', name);
  writeFileSync(logs + '/g', 'own\\n'); renameSync(logs + '/g', name);
}`;

test('a file is swapped between the look and the link, 10,000 times: nothing but the log is ever taken', async () => {
  const site = aSite();
  site.write('app.stdout.0', 'own\n');
  const secret = join(site.folder, 'secret');
  writeFileSync(secret, 'secret\n');
  const swapper = spawn(process.execPath, ['-e', SWAPPER, site.logsOf(), secret], { stdio: 'ignore' });
  onTestFinished(() => void swapper.kill('SIGKILL'));
  const { ino } = statSync(secret);
  const came = { taken: 0, refused: 0, none: 0 };
  const reasons = new Set<string>();
  const aside = join(site.places.held, 'aside');
  const end = Date.now() + 50_000;
  const isRaced = () => reasons.has('something else was put in its place while nvl looked at it');
  // On a busy machine the other process may hardly have run by then.
  for (let times = 0; (times < 10_000 || !isRaced()) && Date.now() < end; times += 1) {
    const taken = withLogFolder({ allocDir: site.allocDir, allocId: ALLOC }, (walk) => {
      if (walk.kind !== 'folder') throw new Error(walk.kind);
      return takeFile({
        folder: walk.folder,
        name: 'app.stdout.0',
        aside,
        isOwn: () => false,
        symbolicTo: '/never',
        discard: () => unlinkSync(aside),
      });
    });
    came[taken.kind] += 1;
    if (taken.kind === 'refused') reasons.add(taken.why);
    if (taken.kind !== 'taken') continue;
    const found = lstatSync(aside);
    expect([found.isFile(), found.ino === ino, taken.isHard]).toEqual([true, false, true]);
    rmSync(aside);
  }
  expect(readdirSync(site.places.held)).toEqual([]);
  expect(came.taken + came.refused + came.none).toBeGreaterThanOrEqual(10_000);
  expect(came.taken).toBeGreaterThan(100);
  expect(isRaced()).toBe(true);
}, 90_000);

test('each way to swap it in between, on purpose', () => {
  const site = aSite();
  const secret = join(site.folder, 'secret');
  writeFileSync(secret, 'secret\n');
  const swaps: ((name: string) => void)[] = [
    (name) => symlinkSync(secret, name),
    (name) => linkSync(secret, name),
    (name) => writeFileSync(name, 'another log\n'),
    (name) => execFileSync('mkfifo', [name]),
  ];
  for (const swap of swaps) {
    const file = site.write('app.stdout.0', 'own\n');
    const taken = withLogFolder({ allocDir: site.allocDir, allocId: ALLOC }, (walk) => {
      if (walk.kind !== 'folder') throw new Error(walk.kind);
      const link = (from: string, to: string) => {
        renameSync(file, `${file}.moved`);
        swap(file);
        linkSync(from, to);
      };
      return takeFile({
        folder: walk.folder,
        name: 'app.stdout.0',
        aside: join(site.places.held, 'aside'),
        isOwn: () => false,
        symbolicTo: '/never',
        discard: () => unlinkSync(join(site.places.held, 'aside')),
        link,
      });
    });
    expect(taken).toEqual({ kind: 'refused', why: 'something else was put in its place while nvl looked at it' });
    expect(readdirSync(site.places.held)).toEqual([]);
    rmSync(file);
    rmSync(`${file}.moved`);
  }
});
