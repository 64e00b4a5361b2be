import { chownSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { LogKeeper } from '../../lib/files/keep-logs.ts';
import { lookOnly } from '../../lib/files/log-access.ts';
import { idOf } from '../support/builders.ts';
import { waitUntil } from '../support/wait.ts';
import { ALLOC, aSite, linkOf } from './support.ts';

// An nvl within an allocation: `allocDir` is that one's shared folder, and of the node there is no more to see.

const aGroup = () => {
  const site = aSite();
  const shared = join(site.allocDir, ALLOC, 'alloc');
  mkdirSync(join(shared, 'logs'), { recursive: true });
  const places = { ...site.places, only: ALLOC };
  const keeper = new LogKeeper({ places, log: site.log });
  onTestFinished(() => keeper.stop());
  keeper.watch();
  keeper.see({ allocDir: shared });
  return { site, shared, places, keeper, app: { ...site.app(), allocDir: shared } };
};

test('its logs are taken as they come, and held until they are known', async () => {
  const { site, keeper, app } = aGroup();
  site.write('app.stdout.0', 'a\n');
  await waitUntil('the file to be held', () => site.held().length === 1);
  keeper.open(app);
  expect(site.linked()).toEqual([linkOf(0)]);
  site.write('app.stdout.1', 'b\n');
  await waitUntil('the next', () => site.linked().length === 2);
  expect(await keeper.filesOf(app)).toMatchObject([{ place: 'link' }, { place: 'link' }]);
});

test('of no other allocation anything is looked at, whatever has its name in the shared folder', async () => {
  const { site, shared, places, keeper, app } = aGroup();
  const other = idOf(2);
  mkdirSync(join(shared, other, 'alloc', 'logs'), { recursive: true });
  writeFileSync(join(shared, other, 'alloc', 'logs', 'app.stdout.0'), 'forged\n');
  keeper.lookAgain({ isAll: true });
  keeper.see({ allocDir: shared, name: other });
  keeper.open({ ...app, allocId: other });
  expect(site.held(other)).toEqual([]);
  expect(site.linked()).toEqual([]);
  expect(keeper.isGone({ allocDir: shared, allocId: other })).toBe(true);
  const look = lookOnly(places);
  expect([ALLOC, other].map((allocId) => look.isGone({ allocDir: shared, allocId }))).toEqual([false, true]);
  expect(await look.filesOf({ ...app, allocId: other })).toBeUndefined();
});

test('what a task plants in its log folder is taken for no log', async () => {
  const { site, shared, keeper, app } = aGroup();
  const secret = join(site.folder, 'secret');
  writeFileSync(secret, 'a secret\n');
  symlinkSync(secret, join(shared, 'logs', 'app.stdout.1'));
  linkSync(secret, join(shared, 'logs', 'app.stdout.2'));
  keeper.open(app);
  keeper.lookAgain({ isAll: true });
  expect(site.linked()).toEqual([]);
  expect(site.refused()).toEqual([
    'app.stdout.1: it is a symbolic link',
    expect.stringContaining('app.stdout.2: it has another name'),
  ]);
});

/** An agent that is root gives the shared folder to nobody, and writes the logs as root. */
const NOBODY = 65_534;

test.runIf(process.geteuid?.() === 0)('logs are those of the agent, not those of whom it gave the folder to', () => {
  const { site, shared, keeper, app } = aGroup();
  for (const folder of [shared, join(shared, 'logs')]) chownSync(folder, NOBODY, NOBODY);
  site.write('app.stdout.0', 'a\n');
  chownSync(site.write('app.stdout.1', 'forged\n'), NOBODY, NOBODY);
  chownSync(site.write('app.stdout.2', 'forged\n'), 1_234, 1_234);
  keeper.open(app);
  keeper.lookAgain({ isAll: true });
  expect(site.linked()).toEqual([linkOf(0)]);
  expect(site.refused()).toEqual([
    `app.stdout.1: it belongs to user ${NOBODY}, and the alloc directory to user 0`,
    'app.stdout.2: it belongs to user 1234, and the alloc directory to user 0',
  ]);
});
