import { chmod, mkdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { prepareRoot } from '../../lib/apply/root.ts';
import { NvlError } from '../../lib/errors.ts';
import { openState } from '../../lib/state/state.ts';
import type { ReloadResult } from '../../lib/vector/process/reload-result.ts';
import type { VectorExit } from '../../lib/vector/process/vector-exit.ts';
import { OwnFilesKeeper, type Taking } from '../../lib/wiring/own-files.ts';
import { aFolder } from '../commands/support.ts';
import { aCommand } from '../vector/support.ts';

const LIVE = '# live\n';

/** One file of a team's, a Vector that says of a text what the test wants, and a clock. */
const aTeam = async ({ group }: { group?: number } = {}) => {
  const folder = await aFolder();
  const paths = await prepareRoot({ root: join(folder, 'root') });
  const store = await openState({ dir: paths.state, now: 0, onSetAside: () => {} });
  const file = join(folder, 'team.toml');
  const clock = { ms: 1_000_000 };
  const told: string[] = [];
  const log = pino({ base: null, timestamp: false }, { write: (line: string) => void told.push(JSON.parse(line).msg) });
  const options = {
    command: aCommand({ cwd: folder, args: ['-c', 'team.toml'] }),
    paths,
    group,
    store,
    log,
    now: () => clock.ms,
  };
  const vector = { refuses: [] as string[], result: { kind: 'reloaded' } as ReloadResult, proofs: 0, reloads: 0 };
  const inUse = async () => readFile(join(paths.ownInUse, 'files/0001-team.toml'), 'utf8').catch(() => 'none');
  const start = () => {
    const keeper = new OwnFilesKeeper(options);
    const prove: Taking['prove'] =
      ({ copies }) =>
      async ({ text }) => {
        vector.proofs += 1;
        const own = await readFile(join(copies.folder, 'files/0001-team.toml'), 'utf8');
        const isRefused = vector.refuses.some((words) => `${own}${text}`.includes(words));
        const error = new NvlError('vectorRefused', { message: 'refused', facts: { said: `no ${own}` } });
        return isRefused ? { ok: false, error, blamed: [] } : { ok: true, warnings: [] };
      };
    const reload: Taking['reload'] = async () => {
      vector.reloads += 1;
      const { result } = vector;
      await keeper.settle(result);
      return result;
    };
    const signal = new AbortController().signal;
    const taking: Taking = { live: { live: LIVE, loadedAt: 1 }, prove, stage: async () => {}, reload, signal };
    return { keeper, taking, begin: () => keeper.begin(taking) };
  };
  const site = { folder, paths, store, file, clock, told, vector, inUse, start };
  await writeFile(file, 'first');
  return site;
};

/** It has run once, and Vector has loaded the first text. */
const aRunningTeam = async (options: { group?: number } = {}) => {
  const site = await aTeam(options);
  const first = site.start();
  await first.begin();
  await first.keeper.settle({ kind: 'reloaded' });
  const edit = async (text: string) => {
    await writeFile(site.file, text);
    const soon = await first.keeper.take(first.taking);
    site.clock.ms += soon.lookAgainMs ?? 0;
    await first.keeper.take(first.taking);
  };
  return { ...site, ...first, edit };
};

test('what was never loaded follows each edit; what was loaded stays until Vector has loaded another', async () => {
  const site = await aTeam();
  const { keeper, taking, begin } = site.start();
  await begin();
  expect(await site.inUse()).toBe('first');
  await writeFile(site.file, 'second');
  await keeper.take(taking);
  expect([await site.inUse(), site.vector.proofs]).toEqual(['second', 0]);
  await keeper.settle({ kind: 'reloaded' });
  await writeFile(site.file, 'third');
  // An editor may still be at it.
  expect(await keeper.take(taking)).toEqual({ lookAgainMs: 1_000 });
  await writeFile(site.file, 'fourth');
  site.clock.ms += 999;
  expect(await keeper.take(taking)).toEqual({ lookAgainMs: 1_000 });
  expect(await site.inUse()).toBe('second');
  site.clock.ms += 1_000;
  await keeper.take(taking);
  expect([await site.inUse(), site.vector.proofs, site.vector.reloads]).toEqual(['fourth', 1, 1]);
  expect(site.told).toEqual(['Vector has loaded your own files as they are now']);
  expect(keeper.number).toBe(Number(await readlink(site.paths.ownInUse)));
});

test('a refused edit is told once, tried again after a minute, and is over once it is undone', async () => {
  const { edit, keeper, taking, vector, store, told, clock, inUse } = await aRunningTeam();
  vector.refuses = ['bad'];
  await edit('bad');
  await keeper.take(taking);
  expect([vector.proofs, await inUse()]).toEqual([1, 'first']);
  expect(store.read().ownFiles).toMatchObject({ kind: 'refused', said: 'no bad', since: clock.ms });
  clock.ms += 60_000;
  await keeper.take(taking);
  expect([vector.proofs, told.length]).toEqual([2, 1]);
  await edit('bad, too');
  expect(store.read().ownFiles).toMatchObject({ said: 'no bad, too', since: clock.ms - 61_000 });
  await edit('first');
  expect([store.read().ownFiles, vector.reloads]).toEqual([undefined, 0]);
  expect(told.at(-1)).toBe('your own Vector files are again as Vector has loaded them');
  await edit('good');
  await edit('first');
  expect([await inUse(), vector.reloads]).toEqual(['first', 2]);
});

test.each([
  ['refused', 'notLoaded'],
  ['died', 'notLoaded'],
  ['needsRestart', 'needsRestart'],
  ['unconfirmed', undefined],
  ['failed', undefined],
] as const)('a reload that is %s brings the last good copies back', async (kind, trouble) => {
  const { edit, keeper, taking, vector, store, inUse } = await aRunningTeam();
  vector.result = { kind, why: 'so' };
  await edit('second');
  expect([await inUse(), store.read().ownFiles?.kind]).toEqual(['first', trouble]);
  vector.result = { kind: 'reloaded' };
  await keeper.take(taking);
  // What passed the proof and was not loaded waits for an edit.
  expect(await inUse()).toBe(trouble === undefined ? 'second' : 'first');
});

test('what needs a restart, or was mended meanwhile, is in use when nvl starts again; what is refused is not', async () => {
  const site = await aRunningTeam();
  site.vector.refuses = ['bad'];
  await writeFile(site.file, 'bad');
  await site.start().begin();
  expect([await site.inUse(), site.store.read().ownFiles?.kind]).toEqual(['first', 'refused']);
  await rm(site.file);
  await site.start().begin();
  expect([await site.inUse(), site.store.read().ownFiles?.said]).toEqual(['first', `${site.file} is not there`]);
  await writeFile(site.file, 'second');
  const next = site.start();
  await next.begin();
  expect(await site.inUse()).toBe('second');
  // Vector does not start with it, though it was proven.
  expect(await next.keeper.ended(anExit({ hadStarted: false, ranMs: 10 }))).toBe(true);
  expect([await site.inUse(), site.store.read().ownFiles?.kind]).toEqual(['first', 'notLoaded']);
});

const anExit = (given: Partial<VectorExit>): VectorExit => ({
  exitCode: 78,
  signal: undefined,
  fault: undefined,
  lastLines: ['ERROR so'],
  ranMs: 100_000,
  hadStarted: true,
  sinceReloadMs: undefined,
  wasAsked: false,
  ...given,
});

test('a Vector that dies within seconds of an edit goes back; another death says nothing of the edit', async () => {
  const { edit, keeper, inUse } = await aRunningTeam();
  await edit('second');
  expect(await keeper.ended(anExit({ signal: 'SIGKILL', exitCode: undefined, sinceReloadMs: 500 }))).toBe(false);
  expect(await keeper.ended(anExit({ sinceReloadMs: 60_000 }))).toBe(false);
  expect(await inUse()).toBe('second');
  expect(await keeper.ended(anExit({ sinceReloadMs: 500 }))).toBe(true);
  expect(await inUse()).toBe('first');
  expect(await keeper.ended(anExit({ sinceReloadMs: 500 }))).toBe(false);
});

test('what fits only what is about to go live is taken with that, and left again if no reload follows', async () => {
  const { edit, keeper, taking, vector, inUse } = await aRunningTeam();
  vector.refuses = ['second# live'];
  await edit('second');
  await keeper.takeWith({ text: '# next\n', taking });
  expect(await inUse()).toBe('second');
  await keeper.take(taking);
  expect(await inUse()).toBe('first');
  await keeper.takeWith({ text: '# next\n', taking });
  await keeper.settle({ kind: 'reloaded' });
  expect(await inUse()).toBe('second');
});

test('copies that somebody takes away, changes or replaces are put back', async () => {
  const { keeper, taking, paths, inUse, told, file } = await aRunningTeam();
  await writeFile(file, 'first');
  for (const harm of [
    () => rm(paths.own, { recursive: true }),
    () => writeFile(join(paths.ownInUse, 'files/0001-team.toml'), 'foreign'),
    () => rm(paths.ownInUse).then(() => mkdir(paths.ownInUse)),
    () => rm(paths.ownInUse).then(() => symlink('/etc', paths.ownInUse)),
  ]) {
    await harm();
    await keeper.take(taking);
    expect(await inUse()).toBe('first');
  }
  expect(told).toHaveLength(4);
  await chmod(paths.own, 0o777);
});

test('an emptied file is no edit, and the first files of all must be whole', async () => {
  const { edit, store, inUse } = await aRunningTeam();
  await edit(' \n');
  expect([await inUse(), store.read().ownFiles?.kind]).toEqual(['first', 'unread']);
  const site = await aTeam();
  await rm(site.file);
  const { keeper, taking, begin } = site.start();
  await begin();
  expect(keeper.whyNone?.facts.said).toBe(`${site.file} is not there`);
  await writeFile(site.file, 'first');
  await keeper.take(taking);
  expect([keeper.whyNone, await site.inUse()]).toEqual([undefined, 'first']);
});

test('nobody but nvl, and the group of the user that Vector runs as, may read a copy', async () => {
  const modes = async (folder: string) =>
    Promise.all(
      ['', 'in-use/', 'in-use/files', 'in-use/dirs', 'in-use/files/0001-team.toml'].map(async (name) => {
        const { mode, gid } = await stat(join(folder, name));
        return `${(mode & 0o777).toString(8)} ${gid === GROUP}`;
      }),
    );
  const plain = await aRunningTeam();
  expect(await modes(plain.paths.own)).toEqual(
    ['700', '700', '700', '700', '600'].map((mode) => `${mode} ${GROUP === process.getegid?.()}`),
  );
  const shared = await aRunningTeam({ group: GROUP });
  expect(await modes(shared.paths.own)).toEqual(['750', '750', '750', '750', '640'].map((mode) => `${mode} true`));
});

/** Only root may give files to a group that it is not in. */
const GROUP = process.geteuid?.() === 0 ? 4_321 : (process.getegid?.() ?? 0);
